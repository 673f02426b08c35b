// SPDX-License-Identifier: Apache-2.0
// Scenarios in containers. Each is a real container, started by runc.
#include "container_bundle.h"
#include "scenario.h"

namespace saker::cli {
namespace {

constexpr char ordinary_image[] = "docker.io/library/busybox:1.35";

}  // namespace

void run_container(Stage& stage, const ContainerWish& wish) {
  if (std::string missing = ContainerBundle::missing(); !missing.empty())
    return stage.skip("no container can be made: " + missing);
  Result<ContainerBundle> bundle = ContainerBundle::make(wish, stage.tag());
  if (!bundle) return stage.fail("no container can be made: " + bundle.error().message);
  Ended ended = bundle->run();
  stage.returned();
  if (!ended.well()) stage.fail("runc: " + ended.last_words());
}

void act_container_as_root(Stage& stage) {
  run_container(stage, {.image = ordinary_image, .command = {"/bin/true"}});
}

void act_disallowed_container(Stage& stage) {
  run_container(
      stage,
      {.image = "docker.io/kalilinux/kali-rolling:latest", .command = {"/bin/true"}, .uid = 1000});
}

void act_terminal_shell(Stage& stage) {
  run_container(stage, {.image = ordinary_image,
                        .command = {"/bin/sh", "-c", "exit 0"},
                        .uid = 1000,
                        .terminal = true});
}

void act_drop_and_execute(Stage& stage) {
  run_container(stage, {.image = ordinary_image,
                        .command = {"/bin/sh", "-c",
                                    "cp /bin/busybox /tmp/busybox-dropped && "
                                    "/tmp/busybox-dropped true"},
                        .uid = 1000});
}

void act_outbound_connection(Stage& stage) {
  // The address belongs to the container's own loopback interface: nothing leaves the machine.
  run_container(stage,
                {.image = ordinary_image,
                 .command = {"/bin/sh", "-c",
                             "ip addr add 192.0.2.20/32 dev lo && ip link set lo up || exit 1;"
                             "nc -l -p 8443 </dev/null >/dev/null & "
                             "for try in 1 2 3 4 5 6 7 8 9 10; do"
                             "  sleep 0.1; nc 192.0.2.20 8443 </dev/null && exit 0;"
                             "done; exit 1"},
                 .net_admin = true});
}

}  // namespace saker::cli
