// SPDX-License-Identifier: Apache-2.0
// Where records come from. A source has two lanes for each of its CPUs. The waiting records of a
// lane are a span of bytes that is read in place and then given back. Records are the same whatever
// the source. Threads: one Waiter for each drain thread; peek and consume of one CPU and lane by
// one thread at a time (lane EVENT: the drain thread that has the CPU; lane LIFE: the holder of the
// life lock). Any thread may call counters(), hooks() and the functions about CPUs. Everything else
// is called by the thread that made the source.
#pragma once

#include <saker/event.h>
#include <saker/ring.h>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "capture/ring.h"

namespace saker::capture {

using RecordTypes = std::bitset<SAKER_EV_MAX>;  // by SAKER_EV_*

enum class Lane : unsigned { life = SAKER_LANE_LIFE, event = SAKER_LANE_EVENT };

struct Subscription {
  RecordTypes events, urgent;
  std::uint32_t wake_bytes = 0, wake_us = 0;  // 0: the source chooses
  std::uint32_t ignore_pid = 0;
};

// The state of one event source in the kernel.
struct Hook {
  std::string symbol, mechanism;
  bool attached = false;
  int error = 0;  // errno of the last attempt
  std::uint64_t hits = 0, missed = 0;
  RecordTypes events;
};

// How often one operation of io_uring was used.
struct UringOperation {
  std::string name;  // "openat"; "operation 99" if it is newer than this program
  std::uint64_t submitted = 0, refused = 0;
  std::uint64_t unseen = 0;  // of submitted: its event was asked for, and no hook saw it
};

// Sleeps until records wait on some CPUs of a source.
class Waiter {
 public:
  virtual ~Waiter() = default;
  // Returns when records are ready to be drained (at once if they are already), when kick() was
  // called, or after `timeout_ms`.
  virtual Result<void> wait(int timeout_ms) = 0;
  // From any thread: ends the current wait, or else the next one.
  virtual void kick() = 0;
  // "io_uring command", "io_uring poll" or "poll".
  virtual const char* mechanism() const = 0;
};

class Source {
 public:
  virtual ~Source() = default;

  virtual std::string describe() const = 0;
  // The file it reads.
  virtual const std::string& name() const = 0;
  // CPU numbers are below it. A CPU that is not online may have no rings: nothing waits there.
  virtual unsigned cpus() const = 0;
  virtual bool has(unsigned cpu) const { return cpu < cpus(); }
  // How many CPUs have rings. They keep them.
  virtual unsigned present() const { return cpus(); }
  // True if a CPU was brought up and has rings that grow() has not mapped yet. If a caller reads
  // heads and this then returns false, no record below those heads was caused by a record in an
  // unmapped ring.
  virtual bool grown() const { return false; }
  virtual Result<void> grow() { return {}; }
  // The events that the source can report at all.
  virtual RecordTypes supported() const = 0;
  // Attaches hooks for the requested events and detaches all others. Returns the requested events
  // that could not be attached.
  virtual Result<RecordTypes> subscribe(const Subscription& wanted) = 0;
  // Of the events that the last subscribe() attached, those that are not seen in every way: a way
  // in (a 32-bit call, io_uring) or a hook inside the kernel could not be attached. The thread that
  // subscribes.
  virtual RecordTypes partial() const { return {}; }
  virtual Result<std::unique_ptr<Waiter>> waiter(unsigned first_cpu, unsigned cpu_count) = 0;

  virtual std::span<const std::byte> peek(unsigned cpu, Lane lane) = 0;
  virtual void consume(unsigned cpu, Lane lane, std::size_t bytes) = 0;

  // After this, nothing is recorded or waited for; records already written can still be read.
  // Waiters may be destroyed.
  virtual void detach() = 0;

  virtual RingCounters counters(unsigned cpu, Lane lane) const = 0;
  // Number of records of one type ever lost because the ring was full.
  virtual std::uint64_t lost_of(unsigned, Lane, std::uint16_t) const { return 0; }
  virtual std::vector<Hook> hooks() const = 0;
  // Those that were used, in the order of their numbers.
  virtual std::vector<UringOperation> uring_operations() const { return {}; }
};

}  // namespace saker::capture
