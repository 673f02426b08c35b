// SPDX-License-Identifier: Apache-2.0
#include "capture/wait.h"

#include <poll.h>
#include <saker/ioctl.h>
#include <sys/ioctl.h>

#include <cstring>

#include "base/bell.h"
#include "base/fd.h"
#include "base/uring.h"

namespace saker::capture {
namespace {

class PollWaiter final : public Waiter {
 public:
  explicit PollWaiter(Fd range) : range_(std::move(range)) {}
  bool ok() const { return static_cast<bool>(bell_); }

  Result<void> wait(int timeout_ms) override {
    pollfd fds[2] = {{range_.get(), POLLIN, 0}, {bell_.fd(), POLLIN, 0}};
    int ready = ::poll(fds, 2, timeout_ms);
    if (ready < 0 && errno != EINTR) return Error::from_errno("poll of the device");
    if (fds[0].revents & (POLLERR | POLLNVAL)) return Error{"the device is gone", ENODEV};
    if (fds[1].revents) bell_.clear();
    return {};
  }
  void kick() override { bell_.ring(); }
  const char* mechanism() const override { return "poll"; }

 private:
  Fd range_;
  Bell bell_;
};

enum class Tag : std::uint64_t { device = 1, bell = 2 };

class UringWaiter final : public Waiter {
 public:
  // `device`: the device that gets the command, or that is polled.
  UringWaiter(std::unique_ptr<Uring> ring, bool command, int device, saker_cmd_wait what)
      : ring_(std::move(ring)), command_(command), device_(device), what_(what) {}
  // A pending command holds the device. It ends when the device is closed. Otherwise the kernel
  // would end it some time after the process is gone, and until then the module could not be
  // unloaded.
  ~UringWaiter() override {
    for (int i = 0; command_ && device_armed_ && i < 10; i++) {
      __kernel_timespec limit{0, 10'000'000};
      io_uring_cqe* cqe = nullptr;
      if (::io_uring_wait_cqe_timeout(ring_->get(), &cqe, &limit) == 0) (void)reap();
    }
  }
  bool ok() const { return static_cast<bool>(bell_); }
  void keep(Fd polled) { polled_ = std::move(polled); }

  Result<void> wait(int timeout_ms) override {
    if (Result<void> armed = arm(); !armed) return armed;
    __kernel_timespec limit{timeout_ms / 1000, (timeout_ms % 1000) * 1'000'000LL};
    io_uring_cqe* cqe = nullptr;
    int error = ::io_uring_submit_and_wait_timeout(ring_->get(), &cqe, 1, &limit, nullptr);
    if (error < 0 && error != -ETIME && error != -EINTR && error != -EAGAIN)
      return Error::from_errno("io_uring wait", -error);
    return reap();
  }
  void kick() override { bell_.ring(); }
  const char* mechanism() const override { return command_ ? "io_uring command" : "io_uring poll"; }

 private:
  Result<void> arm() {
    if (!device_armed_) {
      io_uring_sqe* sqe = ::io_uring_get_sqe(ring_->get());
      if (!sqe) return Error{"io_uring: no room for a wait", EBUSY};
      if (command_) {
        ::io_uring_prep_rw(IORING_OP_URING_CMD, sqe, device_, nullptr, 0, 0);
        sqe->cmd_op = SAKER_CMD_WAIT;
        std::memcpy(sqe->cmd, &what_, sizeof(what_));
      } else {
        ::io_uring_prep_poll_multishot(sqe, device_, POLLIN);
      }
      sqe->user_data = static_cast<std::uint64_t>(Tag::device);
      device_armed_ = true;
    }
    if (!bell_armed_) {
      io_uring_sqe* sqe = ::io_uring_get_sqe(ring_->get());
      if (!sqe) return Error{"io_uring: no room for a wait", EBUSY};
      ::io_uring_prep_poll_multishot(sqe, bell_.fd(), POLLIN);
      sqe->user_data = static_cast<std::uint64_t>(Tag::bell);
      bell_armed_ = true;
    }
    return {};
  }

  Result<void> reap() {
    unsigned head, count = 0;
    int device_error = 0;
    io_uring_cqe* cqe;
    io_uring_for_each_cqe(ring_->get(), head, cqe) {
      count++;
      bool more = cqe->flags & IORING_CQE_F_MORE;
      if (cqe->user_data == static_cast<std::uint64_t>(Tag::bell)) {
        bell_.clear();
        if (!more) bell_armed_ = false;
      } else {
        if (!more) device_armed_ = false;
        if (cqe->res < 0)
          device_error = -cqe->res;
        else if (!command_ && (cqe->res & (POLLERR | POLLNVAL)))
          device_error = ENODEV;
      }
    }
    ::io_uring_cq_advance(ring_->get(), count);
    if (device_error && device_error != EINTR && device_error != EAGAIN)
      return Error::from_errno("waiting for the device", device_error);
    return {};
  }

  Fd polled_;
  std::unique_ptr<Uring> ring_;
  const bool command_;
  const int device_;
  const saker_cmd_wait what_;
  bool device_armed_ = false, bell_armed_ = false;
  Bell bell_;
};

Result<std::unique_ptr<UringWaiter>> make_uring(bool command, int device, saker_cmd_wait what) {
  Result<std::unique_ptr<Uring>> ring = Uring::make(8);
  if (!ring) return ring.error();
  auto out = std::make_unique<UringWaiter>(std::move(*ring), command, device, what);
  if (!out->ok()) return Error::from_errno("eventfd");
  // A wait with timeout 0 shows whether the kernel accepts the command at all.
  if (Result<void> tried = out->wait(0); !tried) return tried.error();
  return out;
}

}  // namespace

Result<std::unique_ptr<Waiter>> best_waiter(bool has_command, int device, unsigned first_cpu,
                                            unsigned cpu_count) {
  const saker_cmd_wait what{first_cpu, cpu_count, 0};
  if (has_command)
    if (auto out = make_uring(true, device, what); out)
      return std::unique_ptr<Waiter>(std::move(*out));
  saker_waiter asked{};
  asked.size = sizeof(asked);
  asked.first_cpu = first_cpu;
  asked.cpu_count = cpu_count;
  Fd range(::ioctl(device, SAKER_IOC_WAITER, &asked));
  if (!range) return Error::from_errno("a descriptor to wait for CPUs");
  if (auto out = make_uring(false, range.get(), what); out) {
    (*out)->keep(std::move(range));
    return std::unique_ptr<Waiter>(std::move(*out));
  }
  auto out = std::make_unique<PollWaiter>(std::move(range));
  if (!out->ok()) return Error::from_errno("eventfd");
  return std::unique_ptr<Waiter>(std::move(out));
}

}  // namespace saker::capture
