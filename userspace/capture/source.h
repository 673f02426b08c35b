// SPDX-License-Identifier: Apache-2.0
// Where records come from. A source has the two lanes of each of its CPUs; what is waiting in one
// is a stretch of records that is looked at in place and given back. Whatever the source, the
// records are the same. Threads: one Waiter for each drain thread; peek and consume of one CPU and
// lane by one thread at a time (lane EVENT: the drain thread that has the CPU; lane LIFE: the
// holder of the life lock); the rest by the thread that made the source, but counters(), hooks(),
// and what is asked of CPUs, which any may call.
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

using EventSet = std::bitset<SAKER_EV_MAX>;  // by SAKER_EV_*

enum class Lane : unsigned { life = SAKER_LANE_LIFE, event = SAKER_LANE_EVENT };

struct Ask {
  EventSet events, urgent;
  std::uint32_t wake_bytes = 0, wake_us = 0;  // 0: the source's choice
  std::uint32_t ignore_pid = 0;
};

// How one event source in the kernel stands.
struct Hook {
  std::string symbol, mechanism;
  bool attached = false;
  int error = 0;  // errno of the last attempt
  std::uint64_t hits = 0, missed = 0;
  EventSet events;
};

// Sleeps until something is waiting on some CPUs of a source.
class Waiter {
 public:
  virtual ~Waiter() = default;
  // Returns when records deserve draining, when kick() was called, or after `timeout_ms`. At once
  // if they do already.
  virtual Result<void> wait(int timeout_ms) = 0;
  // From any thread: ends the wait going on, or the next one.
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
  // Numbers of CPUs are below it. One that is not online may have no rings: nothing waits there.
  virtual unsigned cpus() const = 0;
  virtual bool has(unsigned cpu) const { return cpu < cpus(); }
  // How many of them have rings. They keep them.
  virtual unsigned present() const { return cpus(); }
  // A CPU was brought up and was given rings that grow() has not taken up yet. What another CPU
  // recorded was caused by nothing in them if this says no after that was seen.
  virtual bool grown() const { return false; }
  virtual Result<void> grow() { return {}; }
  // What the source can give at all.
  virtual EventSet supported() const = 0;
  // Attaches to what is asked and detaches from the rest. Returns what was asked and could not be
  // attached.
  virtual Result<EventSet> ask(const Ask& ask) = 0;
  // Of what the last ask attached, the events that are not seen by each way: a way in (a 32-bit
  // call, io_uring) or a look inside the kernel could not be attached. The thread that asks.
  virtual EventSet partial() const { return {}; }
  virtual Result<std::unique_ptr<Waiter>> waiter(unsigned first_cpu, unsigned cpu_count) = 0;

  virtual std::span<const std::byte> peek(unsigned cpu, Lane lane) = 0;
  virtual void consume(unsigned cpu, Lane lane, std::size_t bytes) = 0;

  // Nothing will be recorded nor waited for any more; what was recorded may still be looked at.
  // Waiters may be destroyed.
  virtual void detach() = 0;

  virtual RingCounters counters(unsigned cpu, Lane lane) const = 0;
  // Records of one type that found no room, ever.
  virtual std::uint64_t lost_of(unsigned, Lane, std::uint16_t) const { return 0; }
  virtual std::vector<Hook> hooks() const = 0;
};

}  // namespace saker::capture
