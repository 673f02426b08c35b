// SPDX-License-Identifier: Apache-2.0
#include "output/spool/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <system_error>

#include "base/clock.h"
#include "output/spool/block_reader.h"
#include "output/spool/cursor.h"
#include "output/spool/record.h"

namespace saker::output {
namespace {

constexpr std::uint64_t least_segment = 64u << 10, largest_segment = 4u << 20;
constexpr std::uint64_t tend_ns = 1'000'000'000;
// Maximum of finished segments that wait to be flushed, if the disk hangs.
constexpr std::size_t most_unflushed = 64;
constexpr std::size_t severe_levels = static_cast<std::size_t>(lang::Priority::critical) + 1;
constexpr std::chrono::milliseconds grace(200);

bool is_full(int error) { return error == ENOSPC || error == EDQUOT; }

// Other users must not be able to put files into it.
Result<void> check_directory(const std::string& path) {
  struct stat found;
  if (::stat(path.c_str(), &found) < 0) return Error::from_errno("spool directory " + path);
  if (!S_ISDIR(found.st_mode)) return Error{"spool directory " + path + ": is no directory"};
  if (found.st_uid != ::geteuid() || found.st_mode & (S_IWGRP | S_IWOTH))
    return Error{"spool directory " + path +
                 ": it belongs to another user, or others may write to it; chown and chmod 0700"};
  return {};
}

}  // namespace

struct Spool::Stop {
  std::mutex lock;
  std::condition_variable changed;
  bool wanted = false, ended = false;
};

Spool::Spool(SpoolOptions options)
    : options_(std::move(options)),
      segment_bytes_(std::clamp(options_.max_bytes / 64, least_segment, largest_segment)),
      stop_(std::make_shared<Stop>()) {}

Result<SharedSpool> Spool::open(SpoolOptions options) {
  SharedSpool spool(new Spool(std::move(options)));
  if (Result<void> locked = spool->lock_directory(); !locked) return locked.error();
  if (Result<void> recovered = spool->recover(); !recovered) return recovered.error();
  spool->make_spare();
  return spool;
}

Result<void> Spool::begin() {
  const std::uint64_t turn =
      options_.flush_ns == 0 ? tend_ns : std::min(options_.flush_ns, tend_ns);
  try {
    thread_ = std::thread([stop = stop_, weak = weak_from_this(), turn] {
      for (;;) {
        {
          std::unique_lock guard(stop->lock);
          const auto wait = std::chrono::nanoseconds(turn);
          if (stop->changed.wait_for(guard, wait, [&] { return stop->wanted; })) break;
        }
        const SharedSpool alive = weak.lock();
        if (!alive) break;
        alive->tend();
      }
      std::lock_guard guard(stop->lock);
      stop->ended = true;
      stop->changed.notify_all();
    });
  } catch (const std::system_error& failed) {
    return Error::from_errno("thread of the spool", failed.code().value());
  }
  return {};
}

Spool::~Spool() {
  if (!thread_.joinable()) return;
  bool ended = thread_.get_id() == std::this_thread::get_id();
  if (!ended) {
    std::unique_lock guard(stop_->lock);
    stop_->wanted = true;
    stop_->changed.notify_all();
    if (stop_->changed.wait_for(guard, grace, [&] { return stop_->ended; })) {
      guard.unlock();
      thread_.join();
      return;
    }
  }
  thread_.detach();
}

Result<void> Spool::lock_directory() {
  const std::string& directory = options_.directory;
  std::error_code failed;
  const bool made = std::filesystem::create_directories(directory, failed);
  if (failed) return Error::from_errno("spool directory " + directory, failed.value());
  if (made) (void)::chmod(directory.c_str(), 0700);
  if (Result<void> checked = check_directory(directory); !checked) return checked;
  const std::string path = directory + "/lock";
  lock_file_ = Fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock_file_) return Error::from_errno("spool " + path);
  if (::flock(lock_file_.get(), LOCK_EX | LOCK_NB) < 0)
    return Error{"spool directory " + directory + ": another process uses it", errno};
  return {};
}

Result<void> Spool::recover() {
  const std::vector<Segment> all = segments_in(options_.directory);
  for (std::size_t level = 0; level < spool_levels; level++) {
    std::vector<Segment> segments;
    for (const Segment& segment : all)
      if (segment.level == level) segments.push_back(segment);
    if (Result<void> done = recover_level(level, segments); !done) return done;
  }
  // A position may be ahead of what is left after a loss of power: no number is used twice.
  for (const std::string& output : positions_in(options_.directory)) {
    const auto numbers = PositionFile::read(position_path(options_.directory, output));
    for (std::size_t level = 0; numbers && level < spool_levels; level++) {
      Level& log = levels_[level];
      if ((*numbers)[level] <= log.next) continue;
      log.next = (*numbers)[level];
      if (log.closed.empty()) log.first = (*numbers)[level];
    }
  }
  return {};
}

Result<void> Spool::recover_level(std::size_t level, const std::vector<Segment>& segments) {
  Level& log = levels_[level];
  for (std::size_t i = 0; i < segments.size(); i++) {
    const Segment& segment = segments[i];
    std::uint64_t end = segment.first;
    const std::string path = segment_path(options_.directory, level, segment.first);
    if (i + 1 < segments.size()) {
      end = segments[i + 1].first;
    } else {
      Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
      if (!file) return Error::from_errno("spool " + path);
      BlockReader reader(std::move(file));
      for (std::string bytes; reader.next(bytes);)
        if (const auto record = parse_record(bytes); record && record->number >= end) {
          end = record->number + 1;
          order_ = std::max(order_, record->order);
        }
      // Nothing was appended to it, or nothing readable.
      if (end == segment.first && segment.bytes == 0) {
        (void)::unlink(path.c_str());
        log.next = end;
        continue;
      }
      if (end == segment.first) end++;
    }
    log.closed.push_back({segment.first, end, segment.bytes, segment.written});
    log.next = end;
  }
  log.first = log.closed.empty() ? log.next.load() : log.closed.front().first;
  return {};
}

Result<void> Spool::append(std::span<const SharedAlert> batch) {
  {
    std::lock_guard guard(lock_);
    for (;;) {
      Result<void> done = try_append(batch);
      if (done) break;
      take_back();
      if (!is_full(done.error().code) || !free_disk(batch)) return done;
    }
    publish();
  }
  notify();
  return {};
}

Result<void> Spool::try_append(std::span<const SharedAlert> batch) {
  std::string record;
  std::uint64_t order = order_;
  for (const SharedAlert& alert : batch) {
    const auto level = static_cast<std::size_t>(alert->priority);
    Level& log = levels_[level];
    Result<void> ready;
    if (log.pending_alerts == 0 && !log.dropped) prepare(level, ready);
    if (!ready) return ready;
    const std::uint64_t number = log.next.load(std::memory_order_relaxed) + log.pending_alerts++;
    record.clear();
    append_record(record, *alert, number, ++order);
    // A number without a record is an alert that every output counts as lost.
    if (!log.dropped && record.size() <= longest_spool_record)
      log.blocks.append(record, log.pending);
  }
  for (Level& log : levels_)
    if (Result<void> written = write_pending(log); !written) return written;
  order_ = order;
  return {};
}

void Spool::prepare(std::size_t level, Result<void>& result) {
  Level& log = levels_[level];
  if (log.file && log.whole < segment_bytes_) return;
  end_segment(level);
  if (make_room(level))
    result = begin_segment(level);
  else
    log.dropped = true;
}

Result<void> Spool::begin_segment(std::size_t level) {
  Level& log = levels_[level];
  log.file_first = log.next.load(std::memory_order_relaxed);
  const std::string path = segment_path(options_.directory, level, log.file_first);
  log.reserved = false;
  Result<Fd> file = make_segment(level, path);
  if (!file) return file.error();
  log.file = std::make_shared<Fd>(std::move(*file));
  log.blocks.go_to(0);
  log.whole = 0;
  log.written = clock_ns(CLOCK_REALTIME);
  names_changed_ = true;
  if (log.closed.empty()) log.first.store(log.file_first, std::memory_order_relaxed);
  return {};
}

// Its space is allocated at once, so that it can be finished even if others fill the disk.
Result<Fd> Spool::make_segment(std::size_t level, const std::string& path) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const auto size = static_cast<off_t>(segment_bytes_);
  if (file && ::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, size) == 0) {
    levels_[level].reserved = true;
    return file;
  }
  const int error = errno;
  if (is_full(error) && level < severe_levels && std::exchange(spare_, false) &&
      ::rename((options_.directory + "/spare").c_str(), path.c_str()) == 0) {
    levels_[level].reserved = true;
    file = Fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  }
  // Without preallocation, writing may still succeed.
  if (file) return file;
  return Error::from_errno("spool " + path, error);
}

void Spool::end_segment(std::size_t level) {
  Level& log = levels_[level];
  if (!log.file) return;
  if (log.whole == 0) {
    (void)::unlink(segment_path(options_.directory, level, log.file_first).c_str());
    log.file.reset();
    return;
  }
  const std::uint64_t end = log.next.load(std::memory_order_relaxed);
  // Space that was preallocated and not used.
  (void)!::ftruncate(log.file->get(), static_cast<off_t>(log.whole));
  if (unflushed_.size() < most_unflushed) unflushed_.push_back(log.file);
  log.closed.push_back({log.file_first, end, log.whole, log.written});
  log.file.reset();
}

Result<void> Spool::write_pending(Level& log) {
  if (log.pending.empty()) return {};
  for (std::size_t done = 0; done < log.pending.size();) {
    const ssize_t wrote = ::pwrite(log.file->get(), log.pending.data() + done,
                                   log.pending.size() - done, static_cast<off_t>(log.whole + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return Error::from_errno("the spool cannot be written", wrote ? errno : ENOSPC);
    done += static_cast<std::size_t>(wrote);
  }
  log.dirty = true;
  if (options_.flush_ns == 0 && ::fdatasync(log.file->get()) < 0)
    return Error::from_errno("the spool cannot be flushed");
  return {};
}

// A batch is appended as a whole or not at all.
void Spool::take_back() {
  for (std::size_t level = 0; level < spool_levels; level++) {
    Level& log = levels_[level];
    if (log.file && !log.pending.empty()) {
      log.blocks.go_to(log.whole);
      if (::ftruncate(log.file->get(), static_cast<off_t>(log.whole)) < 0) end_segment(level);
      // Truncating may have freed the preallocated space after it.
      log.reserved = log.file && ::fallocate(log.file->get(), FALLOC_FL_KEEP_SIZE, 0,
                                             static_cast<off_t>(segment_bytes_)) == 0;
    }
    log.pending.clear();
    log.pending_alerts = 0;
    log.dropped = false;
  }
}

void Spool::publish() {
  const std::uint64_t now = clock_ns(CLOCK_REALTIME);
  for (Level& log : levels_) {
    if (log.pending_alerts == 0) continue;
    log.whole = log.blocks.offset();
    log.written = now;
    const std::uint64_t next = log.next.load(std::memory_order_relaxed) + log.pending_alerts;
    log.next.store(next, std::memory_order_release);  // [spool-appended]
    if (log.dropped) log.first.store(next, std::memory_order_relaxed);
    log.pending.clear();
    log.pending_alerts = 0;
    log.dropped = false;
  }
}

void Spool::make_spare() {
  if (spare_) return;
  const std::string path = options_.directory + "/spare";
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const auto size = static_cast<off_t>(segment_bytes_);
  spare_ = file && ::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0, size) == 0;
  if (!spare_) (void)::unlink(path.c_str());
}

SpoolNumbers Spool::next() const {
  SpoolNumbers out;
  for (std::size_t level = 0; level < spool_levels; level++) out[level] = next(level);
  return out;
}

void Spool::tend() {
  flush();
  {
    std::lock_guard guard(lock_);
    drop_aged();
    make_spare();
  }
  notify();
}

void Spool::flush() {
  if (options_.flush_ns == SpoolOptions::never_flush) return;
  std::vector<SharedFile> files;
  bool names;
  {
    std::lock_guard guard(lock_);
    files.swap(unflushed_);
    for (Level& log : levels_)
      if (std::exchange(log.dirty, false) && log.file) files.push_back(log.file);
    names = std::exchange(names_changed_, false);
  }
  std::string error;
  for (const SharedFile& file : files)
    if (::fdatasync(file->get()) < 0)
      error = Error::from_errno("the spool cannot be flushed").message;
  if (names)
    if (Fd directory(::open(options_.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        directory)
      (void)::fsync(directory.get());
  for (const SharedCursor& cursor : cursors()) cursor->flush();
  if (!error.empty() && error != flush_error_) options_.announce(error);
  flush_error_ = error;
}

Result<SharedCursor> Spool::cursor(const std::string& output) {
  std::lock_guard guard(cursors_lock_);
  std::erase_if(cursors_, [](const auto& weak) { return weak.expired(); });
  for (const std::weak_ptr<SpoolCursor>& weak : cursors_)
    if (SharedCursor known = weak.lock(); known && known->output() == output) return known;
  Result<PositionFile> position =
      PositionFile::open(position_path(options_.directory, output), next());
  if (!position) return position.error();
  auto cursor = std::make_shared<SpoolCursor>(shared_from_this(), output, std::move(*position));
  cursors_.push_back(cursor);
  return cursor;
}

void Spool::keep_only(std::span<const std::string> outputs) {
  for (const std::string& output : positions_in(options_.directory)) {
    if (std::ranges::find(outputs, output) != outputs.end()) continue;
    const std::string path = position_path(options_.directory, output);
    const auto numbers = PositionFile::read(path);
    std::uint64_t left = 0;
    for (std::size_t level = 0; numbers && level < spool_levels; level++)
      left += next(level) - std::min(next(level), std::max((*numbers)[level], first(level)));
    if (left)
      options_.announce("spool: the output " + output + " is no more; up to " +
                        std::to_string(left) + " alerts that waited for it are given up");
    (void)::unlink(path.c_str());
  }
}

std::vector<SharedCursor> Spool::cursors() const {
  std::lock_guard guard(cursors_lock_);
  std::vector<SharedCursor> out;
  for (const std::weak_ptr<SpoolCursor>& weak : cursors_)
    if (SharedCursor cursor = weak.lock()) out.push_back(std::move(cursor));
  return out;
}

void Spool::notify() {
  for (const SharedCursor& cursor : cursors()) cursor->notify();
}

}  // namespace saker::output
