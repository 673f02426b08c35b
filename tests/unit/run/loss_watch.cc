// SPDX-License-Identifier: Apache-2.0
#include "run/loss_watch.h"

#include <doctest/doctest.h>

namespace saker::run {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

TEST_CASE("loss watch: without a loss there is no report") {
  LossWatch watch{LossConfig()};
  LossSample sample;
  for (std::uint64_t at = 1; at < 100; at++) {
    sample.seen += 1000;
    sample.alerts += 10;
    sample.alerts_lost["stdout"] = 0;
    sample.hooks_off = {"never_there"};
    CHECK(watch.look(sample, at * second).empty());
  }
}

TEST_CASE("loss watch: lost records are reported at once, then at intervals with the sum") {
  LossWatch watch{LossConfig()};
  LossSample sample;
  std::uint64_t told = 0, notices = 0;
  for (std::uint64_t at = 1; at <= 61; at++) {
    sample.seen += 1000;
    sample.lost_event += 5;
    sample.lost_life += 1;
    for (const LossNotice& notice : watch.look(sample, at * second)) {
      CHECK(notice.rule == "Falco internal: syscall event drop");
      CHECK(notice.records);
      const std::string& n = notice.fields.at("n_drops");
      told += std::stoull(n.substr(1));
      if (++notices == 1) {
        CHECK(at == 1);
        CHECK(notice.message == "Falco internal: syscall event drop. 6 system calls dropped");
        CHECK(notice.fields.at("n_evts") == "\"1000\"");
        CHECK(notice.fields.at("n_drops_buffer_life") == "\"1\"");
      }
    }
  }
  CHECK(notices == 3);
  CHECK(told == 61 * 6);
}

TEST_CASE("loss watch: a loss below the threshold is reported with the next one above it") {
  LossConfig config;
  config.threshold = 0.1;
  LossWatch watch(config);
  LossSample sample;
  sample.seen = 1000;
  sample.lost_event = 50;
  CHECK(watch.look(sample, second).empty());
  sample.seen = 2000;
  sample.lost_event = 250;
  auto notices = watch.look(sample, 2 * second);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].fields.at("n_drops") == "\"250\"");
}

TEST_CASE("loss watch: lost alerts are reported by output") {
  LossWatch watch{LossConfig()};
  LossSample sample;
  sample.alerts = 100;
  sample.alerts_lost = {{"stdout", 7}, {"file \"x\"", 3}};
  auto notices = watch.look(sample, second);
  REQUIRE(notices.size() == 2);
  CHECK(notices[0].fields.at("output") == "\"file \\\"x\\\"\"");
  CHECK(notices[1].message.find("7 alerts were lost by output stdout") != std::string::npos);
  CHECK_FALSE(notices[0].records);
  CHECK(watch.look(sample, 2 * second).empty());
  // Another sink with that name begins at 0.
  sample.alerts_lost = {{"stdout", 2}};
  CHECK(watch.look(sample, 40 * second).empty());
  sample.alerts_lost = {{"stdout", 3}};
  CHECK(watch.look(sample, 80 * second).size() == 1);
}

TEST_CASE("loss watch: requested events that are not recorded are named once") {
  LossWatch watch{LossConfig{}};
  LossSample sample;
  CHECK(watch.look(sample, second).empty());
  sample.events_missing = {"bpf", "ptrace"};
  sample.events_partial = {"openat"};
  std::vector<LossNotice> notices = watch.look(sample, 2 * second);
  REQUIRE(notices.size() == 2);
  CHECK(notices[0].rule == "Saker internal: event not recorded");
  CHECK(notices[0].fields.at("events") == "\"bpf, ptrace\"");
  CHECK(notices[1].rule == "Saker internal: event recorded in part");
  CHECK(notices[1].fields.at("events") == "\"openat\"");
  CHECK(!notices[1].records);  // otherwise the daemon would end at each start
  CHECK(watch.look(sample, 3 * second).empty());
  // Rules that ask for one more, and then for the first again.
  sample.events_missing = {"mount"};
  REQUIRE(watch.look(sample, 4 * second).size() == 1);
  sample.events_missing = {"bpf", "mount"};
  notices = watch.look(sample, 5 * second);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].fields.at("events") == "\"bpf\"");
}

TEST_CASE("loss watch: an operation of io_uring that is not seen is named once") {
  LossWatch watch{LossConfig()};
  LossSample sample;
  sample.uring_unseen = {{"openat", 0}};
  CHECK(watch.look(sample, second).empty());
  sample.uring_unseen = {{"openat", 7}, {"connect", 1}};
  auto notices = watch.look(sample, 2 * second);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].rule == "Saker internal: io_uring operation not seen");
  CHECK(notices[0].fields.at("operations") == "\"connect, openat\"");
  CHECK(!notices[0].records);  // otherwise any program could end the daemon
  sample.uring_unseen = {{"openat", 700}, {"connect", 2}};
  CHECK(watch.look(sample, 100 * second).empty());
  // The counts start again when the hooks are detached; a new operation is named, an old one not.
  sample.uring_unseen = {{"openat", 1}, {"unlinkat", 1}};
  notices = watch.look(sample, 200 * second);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].fields.at("operations") == "\"unlinkat\"");
}

TEST_CASE("loss watch: a lost hook is reported once, and again when it is lost again") {
  LossWatch watch{LossConfig()};
  LossSample sample;
  sample.hooks_on = {"do_filp_open"};
  CHECK(watch.look(sample, second).empty());
  std::swap(sample.hooks_on, sample.hooks_off);
  auto notices = watch.look(sample, 2 * second);
  REQUIRE(notices.size() == 1);
  CHECK(notices[0].rule == "Saker internal: hook not attached");
  CHECK(notices[0].fields.at("hooks") == "\"do_filp_open\"");
  CHECK(watch.look(sample, 60 * second).empty());
  std::swap(sample.hooks_on, sample.hooks_off);
  CHECK(watch.look(sample, 61 * second).empty());
  std::swap(sample.hooks_on, sample.hooks_off);
  CHECK(watch.look(sample, 100 * second).size() == 1);
}

TEST_CASE("loss watch: containers without a description are reported when there are more") {
  LossWatch watch{LossConfig()};
  LossSample sample;
  sample.undescribed = 2;
  CHECK(watch.look(sample, second).size() == 1);
  CHECK(watch.look(sample, 60 * second).empty());
  sample.undescribed = 1;
  CHECK(watch.look(sample, 120 * second).empty());
  sample.undescribed = 2;
  CHECK(watch.look(sample, 180 * second).size() == 1);
}

}  // namespace
}  // namespace saker::run
