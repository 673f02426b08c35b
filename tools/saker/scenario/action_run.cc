// SPDX-License-Identifier: Apache-2.0
// Runs the script of an action.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>

#include "action.h"
#include "container_bundle.h"

namespace saker::cli {
namespace {

constexpr char image[] = "docker.io/library/busybox:1.35";

// Changes in these vanish with the mount namespace.
constexpr const char* covered[] = {"etc", "root", "usr", "var"};

bool cover(const std::string& name) {
  const std::string upper = "/tmp/cover/" + name, work = upper + ".work", at = "/" + name;
  if (::mkdir(upper.c_str(), 0755) != 0 || ::mkdir(work.c_str(), 0755) != 0) return false;
  const std::string options = "lowerdir=" + at + ",upperdir=" + upper + ",workdir=" + work;
  return ::mount("overlay", at.c_str(), "overlay", 0, options.c_str()) == 0;
}

bool make_stage() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 ||
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", "/tmp", "tmpfs", 0, "size=64m,mode=1777") != 0)
    return false;
  ::mkdir("/tmp/bin", 0755);
  ::mkdir("/tmp/cover", 0755);
  for (const char* name : covered)
    if (!cover(name)) return false;
  return true;
}

bool copy_file(const std::string& box, const std::string& from, const std::string& to) {
  return run_program({box, from, to}, false, "cp").well();
}

void run_on_host(Stage& stage, const Action& action) {
  const std::string box = find_program({"/bin/busybox", "/usr/bin/busybox", "/sbin/busybox"});
  if (box.empty()) return stage.skip("busybox is not installed");
  if (!make_stage()) return stage.fail("a mount namespace with overlays", errno);
  const std::string bin = "/tmp/bin/", self = bin + "saker-self";
  // A copy, because a link to a program in /usr would point into the overlay.
  if (!copy_file(box, box, bin + "busybox") || !copy_file(box, stage.self(), self))
    return stage.fail("copies of programs in /tmp/bin");
  std::istringstream programs{std::string(action.programs)};
  for (std::string name; programs >> name;)
    if (::symlink("busybox", (bin + name).c_str()) != 0) return stage.fail(name, errno);
  if (::access((bin + std::string(action.as)).c_str(), F_OK) != 0 &&
      ::link((bin + "busybox").c_str(), (bin + std::string(action.as)).c_str()) != 0)
    return stage.fail(std::string(action.as), errno);
  const std::string script =
      "B=/tmp/bin TAG=" + stage.tag() +
      "\nself() { n=$1; shift; ln -f $B/saker-self $B/$n; $B/$n generate-step \"$@\"; }\n"
      "for a in ls true cat find shred sh login; do [ -e $B/$a ] || ln -s busybox $B/$a; done\n"
      "ip link set lo up && ip addr add 192.0.2.1/32 dev lo || exit 1\n" +
      std::string(action.script);
  Ended ended = run_program({bin + std::string(action.as), "-c", script}, false, "sh");
  stage.returned();
  if (!ended.well()) stage.fail(ended.last_words());
}

void run_in_container(Stage& stage, const Action& action) {
  ContainerWish wish;
  wish.image = image;
  wish.command = {"/bin/sh", "-c", std::string(action.script)};
  wish.uid = action.uid;
  wish.net_admin = true;
  wish.privileged = action.place == RunPlace::privileged_container;
  std::istringstream programs{std::string(action.programs)};
  for (std::string name; programs >> name;) wish.programs.push_back(name);
  run_container(stage, wish);
}

}  // namespace

void act_script(Stage& stage) {
  const Action& action = *stage.action();
  if (!action.reason.empty()) return stage.skip(action.reason);
  if (action.place == RunPlace::host)
    run_on_host(stage, action);
  else
    run_in_container(stage, action);
}

}  // namespace saker::cli
