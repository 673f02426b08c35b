// SPDX-License-Identifier: Apache-2.0
#include "capture/kmod.h"

#include <fcntl.h>
#include <saker/version.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "capture/diagnose.h"
#include "capture/wait.h"

namespace saker::capture {
namespace {

template <std::size_t N>
void to_words(const RecordTypes& set, __u64 (&words)[N]) {
  for (std::size_t i = 0; i < set.size(); i++)
    if (set[i]) words[i / 64] |= 1ull << (i % 64);
}

template <std::size_t N>
RecordTypes from_words(const __u64 (&words)[N]) {
  RecordTypes out;
  for (std::size_t i = 0; i < out.size(); i++) out[i] = words[i / 64] >> (i % 64) & 1;
  return out;
}

std::string abi_text(unsigned major, unsigned minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

// Returns 0 or -1 with errno, like ioctl. A daemon that has just ended may hold the device for
// another moment, until the kernel has torn down its io_uring: a restart must not fail because of
// that.
int become_consumer(int device, saker_setup& setup) {
  constexpr int tries = 20;
  int result = ::ioctl(device, SAKER_IOC_SETUP, &setup);
  for (int i = 0; i < tries && result < 0 && errno == EBUSY; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    result = ::ioctl(device, SAKER_IOC_SETUP, &setup);
  }
  return result;
}

std::string operation_name(std::uint32_t opcode) {
  switch (opcode) {
#define SAKER_URING_OP(id, name) \
  case id:                       \
    return #name;
#define SAKER_URING_OP_EVENT(id, name, event) SAKER_URING_OP(id, name)
#include <saker/uring_ops.def>
  }
  return "operation " + std::to_string(opcode);
}

}  // namespace

Result<void> check_abi(const saker_info& info) {
  if (info.abi_major == SAKER_ABI_MAJOR) {
    if (info.lanes != SAKER_LANES || info.cpus == 0 || info.cpus > 1u << 16)
      return Error{
          "the module reports " + std::to_string(info.cpus) + " CPUs and " +
              std::to_string(info.lanes) +
              " lanes, which is impossible; reload it: modprobe -r saker && modprobe saker",
          EPROTO};
    return {};
  }
  std::string module(info.version, strnlen(info.version, sizeof(info.version)));
  bool module_older = info.abi_major < SAKER_ABI_MAJOR;
  return Error{"module " + module + " speaks ABI " + abi_text(info.abi_major, info.abi_minor) +
                   ", sakerd " SAKER_VERSION " needs ABI " +
                   abi_text(SAKER_ABI_MAJOR, SAKER_ABI_MINOR) + ": " +
                   (module_older ? "the older module is still loaded; load the new one: "
                                   "modprobe -r saker && modprobe saker"
                                 : "the module is newer than sakerd; install the sakerd that came "
                                   "with it, or reinstall both in the same version"),
               EPROTO};
}

Result<std::unique_ptr<Kmod>> Kmod::open(const KmodOptions& options) {
  Fd device(::open(options.device.c_str(), O_RDWR | O_CLOEXEC));
  if (!device) return explain_open_failure(options.device, errno, Host::running());

  saker_info info{};
  info.size = sizeof(info);
  if (::ioctl(device.get(), SAKER_IOC_INFO, &info) < 0)
    return Error{options.device + " does not answer as a Saker device (" + std::strerror(errno) +
                     "); sakerd " SAKER_VERSION " needs ABI " +
                     abi_text(SAKER_ABI_MAJOR, SAKER_ABI_MINOR) +
                     "; load the module of this version: modprobe -r saker && modprobe saker",
                 errno};
  if (Result<void> abi = check_abi(info); !abi) return abi.error();
  if (Result<void> initial = check_pid_namespace(Host::running()); !initial) return initial.error();

  saker_setup setup{};
  setup.size = sizeof(setup);
  setup.life_bytes = options.life_bytes;
  setup.event_bytes = options.event_bytes;
  if (become_consumer(device.get(), setup) < 0)
    return explain_setup_failure(options.device, errno, info.online,
                                 options.life_bytes + options.event_bytes, Host::running());

  std::unique_ptr<Kmod> out(new Kmod(options, std::move(device), info));
  if (Result<void> mapped = out->grow(); !mapped) return mapped.error();
  if (!out->first_) return Error{"the module has made no rings", EPROTO};
  return out;
}

Kmod::Kmod(const KmodOptions& options, Fd device, saker_info info)
    : name_(options.device),
      life_bytes_(options.life_bytes),
      event_bytes_(options.event_bytes),
      device_(std::move(device)),
      info_(info),
      rings_(std::size_t{info.cpus} * SAKER_LANES),
      present_(0),
      has_(info.cpus) {}

bool Kmod::has(unsigned cpu) const {
  // Pairs with [ring-mapped]: both lanes are mapped.
  return cpu < has_.size() && has_[cpu].load(std::memory_order_acquire);
}

// False: the CPU has no rings.
Result<bool> Kmod::map(unsigned cpu) {
  for (unsigned lane = 0; lane < SAKER_LANES; lane++) {
    std::uint64_t bytes = lane == SAKER_LANE_LIFE ? life_bytes_ : event_bytes_;
    Result<Ring> mapped = Ring::map(device_.get(), cpu, lane, bytes);
    if (!mapped && mapped.error().code == ENXIO) return false;
    if (!mapped) return mapped.error();
    rings_[cpu * SAKER_LANES + lane] = std::move(*mapped);
  }
  if (!first_) first_ = &rings_[cpu * SAKER_LANES];
  has_[cpu].store(true, std::memory_order_release);  // [ring-mapped]
  return true;
}

// CPU numbers can have gaps, and so can those that are online: each number is tried.
Result<void> Kmod::grow() {
  std::lock_guard guard(growing_);
  unsigned present = present_.load(std::memory_order_relaxed);
  for (unsigned cpu = 0; cpu < info_.cpus; cpu++) {
    if (has(cpu)) continue;
    Result<bool> mapped = map(cpu);
    if (!mapped) return mapped.error();
    present += *mapped;
  }
  present_.store(present, std::memory_order_relaxed);
  return {};
}

std::string Kmod::describe() const {
  std::string version(info_.version, strnlen(info_.version, sizeof(info_.version)));
  return "kernel module " + version + ", ABI " + abi_text(info_.abi_major, info_.abi_minor);
}

RecordTypes Kmod::supported() const { return from_words(info_.supported); }

Result<RecordTypes> Kmod::subscribe(const Subscription& wanted) {
  saker_events events{};
  events.size = sizeof(events);
  to_words(wanted.events, events.asked);
  to_words(wanted.urgent & wanted.events, events.urgent);
  events.wake_bytes = wanted.wake_bytes;
  events.wake_us = wanted.wake_us;
  // A process in another pid namespace does not know the number under which the module knows it.
  if (info_.features & SAKER_FEAT_IGNORE_SELF &&
      wanted.ignore_pid == static_cast<std::uint32_t>(::getpid()))
    events.flags = SAKER_EVENTS_IGNORE_SELF;
  else
    events.ignore_pid = wanted.ignore_pid;
  if (::ioctl(device_.get(), SAKER_IOC_EVENTS, &events) < 0)
    return Error::from_errno("the module cannot attach its hooks (see dmesg)");
  partial_ = from_words(events.partial);
  return from_words(events.missing);
}

Result<std::unique_ptr<Waiter>> Kmod::waiter(unsigned first_cpu, unsigned cpu_count) {
  return best_waiter(info_.features & SAKER_FEAT_URING_CMD, device_.get(), first_cpu, cpu_count);
}

std::vector<Hook> Kmod::hooks() const {
  std::vector<Hook> out;
  for (unsigned index = 0; index < 4096; index++) {
    saker_hook_info info{};
    info.size = sizeof(info);
    info.index = index;
    if (::ioctl(device_.get(), SAKER_IOC_HOOK, &info) < 0) break;
    Hook hook;
    hook.symbol.assign(info.symbol, strnlen(info.symbol, sizeof(info.symbol)));
    hook.mechanism.assign(info.mechanism, strnlen(info.mechanism, sizeof(info.mechanism)));
    hook.attached = info.attached;
    hook.error = -info.error;
    hook.hits = info.hits;
    hook.missed = info.missed;
    hook.events = from_words(info.events);
    out.push_back(std::move(hook));
  }
  return out;
}

std::vector<UringOperation> Kmod::uring_operations() const {
  std::vector<UringOperation> out;
  if (!(info_.features & SAKER_FEAT_URING_OPS)) return out;
  for (std::uint32_t opcode = 0; opcode < 256; opcode++) {
    saker_uring_op next{};
    next.size = sizeof(next);
    next.opcode = opcode;
    if (::ioctl(device_.get(), SAKER_IOC_URING_OP, &next) < 0) break;
    out.push_back({.name = operation_name(next.opcode),
                   .submitted = next.submitted,
                   .refused = next.refused,
                   .unseen = next.unseen});
    opcode = next.opcode;
  }
  return out;
}

}  // namespace saker::capture
