// SPDX-License-Identifier: Apache-2.0
#include "output/queued_sink.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <system_error>

#include "base/clock.h"
#include "output/spool/cursor.h"

namespace saker::output {
namespace {

constexpr std::uint64_t ns_per_ms = 1'000'000;
// Maximum that is passed to the peer at once; the queue cannot drop these alerts any more.
constexpr std::size_t batch_bytes = 256u << 10;
constexpr int first_pause_ms = 50, longest_pause_ms = 5000, longest_asked_ms = 300'000;
// How long a thread may run beyond its deadline.
constexpr std::uint64_t grace_ns = 200 * ns_per_ms;
// For a peer that fails repeatedly, errors are announced at most this often.
constexpr std::uint64_t announce_ns = 10'000 * ns_per_ms;
// How often it is asked whether another sink of the same output has ended.
constexpr int claim_ms = 20;

}  // namespace

// The data of the thread. If the thread cannot be ended, this object is left to it.
class QueuedSink::Work final : public Patience {
 public:
  Work(std::unique_ptr<Peer> peer, QueuedSinkOptions options)
      : options_(std::move(options)), peer_(std::move(peer)), backlog_(options_.queue_bytes) {}

  void take(const SharedAlert& alert);
  void reopen();
  void begin_stop(std::uint64_t deadline);
  bool await_end();
  void run();

  bool wait(int fd, short events, int timeout_ms) override;
  int left_ms(int timeout_ms) override;

  const QueuedSinkOptions options_;
  SinkCounters counters_;

 private:
  bool claim();
  bool fetch();
  void gather(std::unique_lock<std::mutex>& guard);
  void fill();
  bool anything() const { return options_.cursor ? options_.cursor->more() : backlog_.size() != 0; }
  void attempt();
  void account(const Delivery& delivery);
  void pause(int least_ms);
  void announce_failure(const std::string& why);
  void count_waiting();
  void lose(std::size_t alerts) { counters_.lost.fetch_add(alerts, std::memory_order_relaxed); }
  bool over() const {
    const std::uint64_t deadline = deadline_.load(std::memory_order_relaxed);
    return deadline != 0 && boot_ns() >= deadline;
  }

  const std::unique_ptr<Peer> peer_;
  const Bell bell_;  // ends a wait: there is something else to do
  std::atomic<bool> reopen_{false};
  std::atomic<std::uint64_t> deadline_{0};  // 0: not stopping

  std::mutex lock_;  // guards backlog_ and ended_; not held while waiting for a peer
  std::condition_variable changed_;
  Backlog backlog_;
  bool ended_ = false;

  // Used by the thread; it changes these two under the lock, because others count them.
  std::vector<SharedAlert> batch_;
  std::size_t done_ = 0;            // number of alerts of batch_
  std::uint64_t gather_until_ = 0;  // CLOCK_BOOTTIME; 0: the next batch does not wait
  int pause_ms_ = 0;
  bool failing_ = false;
  std::uint64_t announced_ = 0;
};

void QueuedSink::Work::take(const SharedAlert& alert) {
  if (options_.cursor || alert->priority > options_.priority) return;
  counters_.taken.fetch_add(1, std::memory_order_relaxed);
  {
    std::lock_guard guard(lock_);
    if (deadline_.load(std::memory_order_relaxed) != 0) {
      lose(1);
      return;
    }
    const bool was_empty = backlog_.size() == 0;
    lose(backlog_.push(alert));
    count_waiting();
    const bool full = options_.gather_ns != 0 && backlog_.bytes() >= batch_bytes;
    if (!was_empty && !full) return;
  }
  changed_.notify_all();
}

// Of what the spool has for it: the others are counted as they are taken.
void QueuedSink::Work::count_waiting() {
  if (options_.cursor) {
    if (ended_) return;
    lose(options_.cursor->collect_lost());
    const std::uint64_t waiting = options_.cursor->waiting();
    counters_.waiting.store(waiting, std::memory_order_relaxed);
    counters_.taken.store(waiting + counters_.written.load(std::memory_order_relaxed) +
                              counters_.lost.load(std::memory_order_relaxed),
                          std::memory_order_relaxed);
    return;
  }
  counters_.waiting.store(backlog_.size() + batch_.size() - done_, std::memory_order_relaxed);
  counters_.waiting_bytes.store(backlog_.bytes(), std::memory_order_relaxed);
}

void QueuedSink::Work::reopen() {
  reopen_.store(true, std::memory_order_relaxed);
  bell_.ring();
  changed_.notify_all();
}

void QueuedSink::Work::begin_stop(std::uint64_t deadline) {
  {
    std::lock_guard guard(lock_);
    deadline_.store(std::max<std::uint64_t>(deadline, 1), std::memory_order_relaxed);
  }
  bell_.ring();
  changed_.notify_all();
}

bool QueuedSink::Work::await_end() {
  std::unique_lock guard(lock_);
  const std::uint64_t until =
      std::max(deadline_.load(std::memory_order_relaxed), boot_ns()) + grace_ns;
  while (!ended_) {
    const std::uint64_t now = boot_ns();
    if (now >= until) return false;
    changed_.wait_for(guard, std::chrono::nanoseconds(until - now));
  }
  return true;
}

bool QueuedSink::Work::wait(int fd, short events, int timeout_ms) {
  pollfd fds[] = {{fd, events, 0}, {bell_.fd(), POLLIN, 0}};
  const bool stopping = deadline_.load(std::memory_order_relaxed) != 0;
  // Once it is stopping, the bell is not needed: the deadline counts.
  const nfds_t count = stopping ? 1 : 2;
  if (::poll(fds, count, left_ms(timeout_ms)) <= 0) return false;
  return fds[0].revents != 0;
}

int QueuedSink::Work::left_ms(int timeout_ms) {
  const std::uint64_t deadline = deadline_.load(std::memory_order_relaxed);
  if (deadline == 0) return reopen_.load(std::memory_order_relaxed) ? 0 : timeout_ms;
  const std::uint64_t now = boot_ns();
  const int left = now >= deadline ? 0 : static_cast<int>((deadline - now) / ns_per_ms + 1);
  return timeout_ms < 0 ? left : std::min(left, timeout_ms);
}

// False: it is stopping, and nothing is left to do.
bool QueuedSink::Work::fetch() {
  {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [this] {
      return anything() || deadline_.load(std::memory_order_relaxed) != 0 ||
             reopen_.load(std::memory_order_relaxed);
    });
    if (options_.gather_ns != 0) gather(guard);
  }
  fill();
  return !batch_.empty() || deadline_.load(std::memory_order_relaxed) == 0;
}

void QueuedSink::Work::gather(std::unique_lock<std::mutex>& guard) {
  for (std::uint64_t now = boot_ns(); now < gather_until_; now = boot_ns()) {
    if (backlog_.bytes() >= batch_bytes || deadline_.load(std::memory_order_relaxed) != 0 ||
        reopen_.load(std::memory_order_relaxed))
      return;
    changed_.wait_for(guard, std::chrono::nanoseconds(gather_until_ - now));
  }
}

void QueuedSink::Work::fill() {
  std::vector<SharedAlert> read;
  // It reads files: nobody waits for that.
  if (options_.cursor) options_.cursor->read(batch_bytes, read);
  std::lock_guard guard(lock_);
  if (options_.cursor)
    batch_ = std::move(read);
  else
    backlog_.pop(batch_bytes, batch_);
  // What did not fit into this batch is not held back.
  gather_until_ = anything() ? 0 : boot_ns() + options_.gather_ns;
  count_waiting();
}

// False: it is to end, and another still has what the spool keeps.
bool QueuedSink::Work::claim() {
  if (!options_.cursor) return true;
  const auto changed = [this] {
    std::lock_guard guard(lock_);
    count_waiting();
    changed_.notify_all();
  };
  while (!options_.cursor->claim(options_.priority, changed)) {
    if (deadline_.load(std::memory_order_relaxed) != 0) return false;
    ::poll(nullptr, 0, claim_ms);
  }
  std::lock_guard guard(lock_);
  count_waiting();
  return true;
}

void QueuedSink::Work::run() {
  const bool claimed = claim();
  while (claimed && (done_ < batch_.size() || fetch())) {
    if (over()) break;
    if (deadline_.load(std::memory_order_relaxed) == 0) bell_.clear();
    if (reopen_.exchange(false, std::memory_order_relaxed))
      if (Result<void> opened = peer_->reopen(); !opened) options_.announce(opened.error().message);
    if (!batch_.empty()) attempt();
  }
  {
    std::lock_guard guard(lock_);
    if (!options_.cursor) lose(batch_.size() - done_ + backlog_.clear());
    batch_.clear();
    done_ = 0;
    if (claimed) count_waiting();
    if (options_.cursor) counters_.kept.store(counters_.waiting.exchange(0));
    ended_ = true;
  }
  // What the spool has stays there, and another may go on with it.
  if (options_.cursor && claimed) options_.cursor->release();
  changed_.notify_all();
}

void QueuedSink::Work::attempt() {
  const Delivery delivery =
      peer_->deliver(std::span<const SharedAlert>(batch_).subspan(done_), *this);
  account(delivery);
  if (!delivery.note.empty()) options_.announce(options_.name + ": " + delivery.note);
  if (!delivery.error.empty()) {
    counters_.errors.fetch_add(1, std::memory_order_relaxed);
    announce_failure(delivery.error);
    if (delivery.delivered + delivery.refused == 0 || delivery.pause_ms) pause(delivery.pause_ms);
    return;
  }
  if (delivery.delivered == 0) return;
  pause_ms_ = 0;
  if (std::exchange(failing_, false)) options_.announce(options_.name + ": works again");
}

void QueuedSink::Work::account(const Delivery& delivery) {
  const std::size_t settled = delivery.delivered + delivery.refused;
  if (options_.cursor && settled != 0)
    if (Result<void> kept = options_.cursor->done(settled); !kept)
      announce_failure(kept.error().message);
  std::lock_guard guard(lock_);
  counters_.written.fetch_add(delivery.delivered, std::memory_order_relaxed);
  lose(delivery.refused);
  done_ += settled;
  if (done_ == batch_.size()) {
    batch_.clear();
    done_ = 0;
  }
  count_waiting();
}

void QueuedSink::Work::pause(int least_ms) {
  pause_ms_ = std::clamp(pause_ms_ * 2, first_pause_ms, longest_pause_ms);
  if (deadline_.load(std::memory_order_relaxed) != 0) {
    ::poll(nullptr, 0, left_ms(first_pause_ms));
    return;
  }
  pollfd bell{bell_.fd(), POLLIN, 0};
  // A far end may ask for minutes, but not for an unlimited time.
  ::poll(&bell, 1, std::max(pause_ms_, std::min(least_ms, longest_asked_ms)));
}

void QueuedSink::Work::announce_failure(const std::string& why) {
  const std::uint64_t now = boot_ns();
  if (!failing_ && (announced_ == 0 || now - announced_ > announce_ns)) {
    options_.announce(options_.name + ": " + why + "; alerts are kept and tried again");
    announced_ = now;
    failing_ = true;
  }
}

Result<std::unique_ptr<QueuedSink>> QueuedSink::start(std::unique_ptr<Peer> peer,
                                                      QueuedSinkOptions options) {
  std::unique_ptr<QueuedSink> sink = make(std::move(peer), std::move(options));
  if (Result<void> begun = sink->begin(); !begun) return begun.error();
  return sink;
}

std::unique_ptr<QueuedSink> QueuedSink::make(std::unique_ptr<Peer> peer,
                                             QueuedSinkOptions options) {
  return std::unique_ptr<QueuedSink>(
      new QueuedSink(std::make_unique<Work>(std::move(peer), std::move(options))));
}

Result<void> QueuedSink::begin() {
  try {
    thread_ = std::thread([work = work_.get()] { work->run(); });
  } catch (const std::system_error& failed) {
    return Error::from_errno("thread of output " + name(), failed.code().value());
  }
  return {};
}

QueuedSink::QueuedSink(std::unique_ptr<Work> work) : work_(std::move(work)) {}

QueuedSink::~QueuedSink() {
  if (!thread_.joinable()) return;
  begin_stop(1);
  if (finish()) return;
  thread_.detach();
  (void)work_.release();
}

void QueuedSink::take(const SharedAlert& alert) { work_->take(alert); }
const SinkCounters& QueuedSink::counters() const { return work_->counters_; }
const std::string& QueuedSink::name() const { return work_->options_.name; }
Form QueuedSink::form() const { return work_->options_.form; }
bool QueuedSink::feeds_others() const { return work_->options_.feeds_others; }
void QueuedSink::reopen() { work_->reopen(); }

void QueuedSink::begin_stop(std::uint64_t deadline) { work_->begin_stop(deadline); }

bool QueuedSink::finish() {
  if (!thread_.joinable()) return true;
  if (!work_->await_end()) return false;
  thread_.join();
  return true;
}

}  // namespace saker::output
