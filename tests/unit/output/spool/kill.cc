// SPDX-License-Identifier: Apache-2.0
// A process that appends and delivers is killed repeatedly, at any time: every alert that the spool
// has acknowledged arrives, and one that arrives twice has the same uuid. SPOOL_KILLS: how often
// (`make spool-kills`: 1,000).
#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "../alerts.h"
#include "base/clock.h"
#include "output/kinds/document.h"
#include "output/queued_sink.h"
#include "output/spool/cursor.h"
#include "output/spool/spool.h"

namespace saker::output {
namespace {

constexpr std::size_t most_alerts = 4u << 20;

// Shared memory that survives the processes: for each alert, by its number.
struct Ledger {
  std::atomic<std::uint64_t> next, batches, twice, strangers, other_uuids;
  std::atomic<bool> acknowledged[most_alerts];
  std::atomic<std::uint64_t> uuid[most_alerts];  // 0: it has not arrived
};

class Receiver final : public Peer {
 public:
  explicit Receiver(Ledger& ledger) : ledger_(ledger) {}
  Delivery deliver(std::span<const SharedAlert> batch, Patience&) override {
    for (const SharedAlert& alert : batch) receive(*alert);
    return {.delivered = batch.size()};
  }
  std::string preview(std::span<const SharedAlert>) override { return {}; }

 private:
  void receive(const Alert& alert) {
    const Result<Document> document = read_document(alert);
    const std::size_t number = std::strtoull(alert.text.c_str(), nullptr, 10);
    if (!document || number >= ledger_.next || number == 0) {
      ledger_.strangers++;
      return;
    }
    const std::uint64_t uuid = std::hash<std::string>()(document->uuid) | 1;
    if (const std::uint64_t before = ledger_.uuid[number].exchange(uuid)) {
      ledger_.twice++;
      if (before != uuid) ledger_.other_uuids++;
    }
  }
  Ledger& ledger_;
};

// Returns only if `produce` is false, when everything was delivered.
bool work(Ledger& ledger, const std::string& directory, unsigned seed, bool produce) {
  auto spool = Spool::open({.directory = directory, .max_bytes = 1u << 30});
  if (!spool) return false;
  auto cursor = (*spool)->cursor("out");
  if (!cursor) return false;
  auto sink = QueuedSink::start(std::make_unique<Receiver>(ledger), {.cursor = *cursor});
  if (!sink) return false;
  std::mt19937 random(seed);
  while (produce) {
    std::vector<SharedAlert> batch;
    std::vector<std::size_t> numbers;
    for (std::size_t left = 1 + random() % 40; left > 0 && ledger.next < most_alerts; left--) {
      numbers.push_back(ledger.next++);
      const std::string text = std::to_string(numbers.back()) + " " +
                               std::string(random() % (left == 1 ? 40'000 : 2'000), 'x');
      auto alert = std::make_shared<Alert>();
      alert->priority = static_cast<lang::Priority>(random() % 8);
      alert->text = text;
      alert->json = "{\"output\":\"" + text + "\"}";
      batch.push_back(std::move(alert));
    }
    if (!(*spool)->append(batch)) return false;
    for (const std::size_t number : numbers) ledger.acknowledged[number] = true;
    ledger.batches++;
  }
  for (int i = 0; i < 60'000 && (*cursor)->waiting() != 0; i++) ::usleep(1000);
  return (*cursor)->waiting() == 0;
}

}  // namespace

TEST_CASE("spool kill: no acknowledged alert is missing after many SIGKILLs") {
  const char* wanted = std::getenv("SPOOL_KILLS");
  const unsigned kills = wanted ? static_cast<unsigned>(std::atoi(wanted)) : 40;
  void* shared = ::mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(shared != MAP_FAILED);
  Ledger& ledger = *static_cast<Ledger*>(shared);
  ledger.next = 1;
  test::Directory directory;
  std::mt19937 random(2026);
  // From before it has opened the spool to long afterwards, however slow the machine is.
  useconds_t most_us = 25'000;
  for (unsigned i = 0; i < kills; i++) {
    const auto seed = static_cast<unsigned>(random());
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(work(ledger, directory / "spool", seed, true) ? 0 : 1);
    ::usleep(static_cast<useconds_t>(random() % most_us));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE_MESSAGE(WIFSIGNALED(status), "the process ended by itself");
    if (ledger.batches == 0) most_us = std::min<useconds_t>(2 * most_us, 2'000'000);
  }
  CHECK(work(ledger, directory / "spool", 0, false));
  std::uint64_t acknowledged = 0, missing = 0;
  for (std::size_t number = 1; number < ledger.next; number++) {
    if (!ledger.acknowledged[number]) continue;
    acknowledged++;
    missing += ledger.uuid[number] == 0;
  }
  const std::uint64_t twice = ledger.twice, other_uuids = ledger.other_uuids;
  MESSAGE(kills << " kills: " << acknowledged << " alerts acknowledged, " << missing << " missing, "
                << twice << " came twice, " << other_uuids << " of them with another uuid");
  CHECK(acknowledged > 0);
  CHECK(missing == 0);
  CHECK(ledger.other_uuids.load() == 0);
  CHECK(ledger.strangers.load() == 0);
  ::munmap(shared, sizeof(Ledger));
}

}  // namespace saker::output
