// SPDX-License-Identifier: Apache-2.0
/* What wakes a consumer, when, and what ends a wait. With the argument "hang": leaves a wait
 * pending and stays. */
#include <liburing.h>
#include <poll.h>
#include <signal.h>

#include "device.h"

enum { life = 64 << 10, event = 256 << 10, never_us = 1000000 };

static struct device device;

static void prepare_wait(struct io_uring* uring, int fd, unsigned first, unsigned count,
                         uint64_t reserved, unsigned op) {
  struct io_uring_sqe* sqe = io_uring_get_sqe(uring);
  struct saker_cmd_wait wait = {first, count, reserved};
  if (!sqe) exit(1);
  memset(sqe, 0, sizeof(*sqe));
  sqe->opcode = IORING_OP_URING_CMD;
  sqe->fd = fd;
  /* cmd_op and cmd, by their offsets: an older header has no names for them. */
  memcpy((char*)sqe + 8, &op, sizeof(op));
  memcpy((char*)sqe + 48, &wait, sizeof(wait));
  sqe->user_data = 1;
}

/* The result of the command in flight; -ETIME if there is none within this many milliseconds. */
static int result_within(struct io_uring* uring, int ms) {
  struct __kernel_timespec ts = {ms / 1000, ms % 1000 * 1000000LL};
  struct io_uring_cqe* cqe;
  int rc = io_uring_wait_cqe_timeout(uring, &cqe, &ts);
  if (rc) return rc;
  while (cqe->user_data != 1) { /* the timeout's own, on an older kernel */
    io_uring_cqe_seen(uring, cqe);
    rc = io_uring_wait_cqe_timeout(uring, &cqe, &ts);
    if (rc) return rc;
  }
  rc = cqe->res;
  io_uring_cqe_seen(uring, cqe);
  return rc;
}

static int wait_within(struct io_uring* uring, unsigned first, unsigned count, int ms) {
  prepare_wait(uring, device.fd, first, count, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  return result_within(uring, ms);
}

static int opens(void* number) {
  for (int i = 0; i < *(int*)number; i++) open_nothing("/no/such");
  return 0;
}

static int opens_later(void* number) {
  pause_ms(100);
  return opens(number);
}

static pid_t start(int cpu, int (*fn)(void*), void* context) {
  fflush(stdout);
  pid_t pid = fork();
  if (!pid) {
    pin_to(cpu);
    _exit(fn(context));
  }
  return pid;
}

/* A process that exists already, so that its opens come without a LIFE record. */
struct worker {
  pid_t pid;
  int pipe[2];
};

static struct worker start_worker(int cpu) {
  struct worker w;
  if (pipe(w.pipe)) exit(1);
  fflush(stdout);
  w.pid = fork();
  if (!w.pid) {
    int n;
    pin_to(cpu);
    close(w.pipe[1]);
    while (read(w.pipe[0], &n, sizeof(n)) == sizeof(n)) opens(&n);
    _exit(0);
  }
  close(w.pipe[0]);
  return w;
}

static void work(struct worker* w, int n) {
  if (write(w->pipe[1], &n, sizeof(n)) != sizeof(n)) exit(1);
}

static void stop_worker(struct worker* w) {
  close(w->pipe[1]);
  waitpid(w->pid, NULL, 0);
}

static void settle(void) {
  pause_ms(20);
  if (drain_all(&device, NULL, NULL)) check(false, "the rings are sound");
}

static void ask(bool urgent, uint32_t wake_bytes, uint32_t wake_us) {
  if (ask_events(device.fd, SAKER_EV_openat, urgent, wake_bytes, wake_us, (uint64_t)getpid()))
    check(false, "openat can be asked for");
}

static void test_payload(struct io_uring* uring, const char* kind) {
  unsigned cpus = device.cpus;
  struct {
    unsigned first, count;
    uint64_t reserved;
    unsigned op;
    int want;
  } bad[] = {{0, 0, 0, SAKER_CMD_WAIT, -EINVAL},     {0, 1, 1, SAKER_CMD_WAIT, -EINVAL},
             {cpus, 1, 0, SAKER_CMD_WAIT, -EINVAL},  {0, cpus + 1, 0, SAKER_CMD_WAIT, -EINVAL},
             {1, ~0u, 0, SAKER_CMD_WAIT, -EINVAL},   {~0u, 1, 0, SAKER_CMD_WAIT, -EINVAL},
             {0, 1, 0, SAKER_CMD_WAIT + 1, -ENOTTY}, {0, 1, 0, 0, -ENOTTY}};
  for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
    prepare_wait(uring, device.fd, bad[i].first, bad[i].count, bad[i].reserved, bad[i].op);
    io_uring_submit(uring);
    int got = result_within(uring, 1000);
    check(got == bad[i].want, "%s: first %u count %u reserved %llu op %#x is refused (%d)", kind,
          bad[i].first, bad[i].count, (unsigned long long)bad[i].reserved, bad[i].op, got);
  }
  int other = open_device();
  prepare_wait(uring, other, 0, 1, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  check(result_within(uring, 1000) == -ENXIO, "%s: who is not the consumer cannot wait", kind);
  close(other);
}

static void test_wake(struct io_uring* uring, const char* kind, struct worker* w) {
  ask(false, 0, 0);
  settle();
  check(wait_within(uring, 0, device.cpus, 100) == -ETIME,
        "%s: with nothing recorded the wait goes on", kind);
  double t = now();
  work(w, 1);
  int got = result_within(uring, 2000);
  check(got == 1, "%s: one record wakes within wake_us (%d, %.1f ms)", kind, got,
        (now() - t) * 1e3);
  check(wait_within(uring, 0, device.cpus, 1000) == 1,
        "%s: what is not drained ends the next wait at once", kind);
  settle();
  int later = 1;
  prepare_wait(uring, device.fd, 1, 1, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  work(w, 1);
  check(result_within(uring, 100) == -ETIME, "%s: a record of CPU 0 does not end a wait for CPU 1",
        kind);
  pid_t pid = start(1, opens_later, &later);
  check(result_within(uring, 2000) == 1, "%s: one of CPU 1 does", kind);
  waitpid(pid, NULL, 0);
  settle();
}

static void test_policy(struct io_uring* uring, const char* kind, struct worker* w) {
  ask(false, 0, never_us);
  settle();
  prepare_wait(uring, device.fd, 0, 1, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  work(w, 1);
  int early = result_within(uring, 400),
      late = early == -ETIME ? result_within(uring, 2000) : early;
  check(early == -ETIME && late == 1, "%s: a record that is not urgent waits for wake_us (%d, %d)",
        kind, early, late);
  settle();
  ask(false, 8192, never_us);
  prepare_wait(uring, device.fd, 0, 1, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  work(w, 200);
  check(result_within(uring, 500) == 1, "%s: wake_bytes wake before wake_us", kind);
  pause_ms(1200); /* the timer of these records runs out */
  settle();
  ask(true, 0, never_us);
  prepare_wait(uring, device.fd, 0, 1, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  work(w, 1);
  check(result_within(uring, 500) == 1, "%s: an urgent record wakes at once", kind);
  settle();
  ask(false, 0, never_us);
  prepare_wait(uring, device.fd, 0, device.cpus, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  int none = 0;
  in_child(0, opens, &none);
  check(result_within(uring, 500) == 1, "%s: so does one of life", kind);
  settle();
}

/* Two commands at a time, each for its own CPUs, as two drain threads would give them. */
static void test_two(struct io_uring* uring, const char* kind) {
  int n = 1;
  ask(false, 0, 0);
  settle();
  prepare_wait(uring, device.fd, 0, 1, 0, SAKER_CMD_WAIT);
  prepare_wait(uring, device.fd, 1, 1, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  in_child(0, opens, &n);
  in_child(1, opens, &n);
  int a = result_within(uring, 2000), b = result_within(uring, 2000);
  check(a == 1 && b == 1, "%s: two waits at a time are both answered (%d, %d)", kind, a, b);
  settle();
}

static int closes(void* unused) {
  (void)unused;
  return close(device.fd);
}

static bool count_ends(const struct saker_rec* rec, void* ends) {
  *(int*)ends += rec->type == SAKER_EV_procexit;
  return true;
}

/* Hundreds of waits while producers are busy: none may be missed. The last record is the exit of
 * the last producer. */
static void test_many(struct io_uring* uring, const char* kind) {
  int n = 3000, waits = 0, ends = 0, got = 1;
  const char* fault = NULL;
  ask(false, 0, 200);
  pid_t pid[2] = {start(0, opens, &n), start(1, opens, &n)};
  while (got == 1 && !fault) {
    fault = drain_all(&device, count_ends, &ends);
    if (ends == 2) break;
    got = wait_within(uring, 0, device.cpus, 5000);
    waits++;
  }
  check(got == 1 && !fault, "%s: %d waits beside a flood, none forgotten (%d)", kind, waits, got);
  for (int i = 0; i < 2; i++) waitpid(pid[i], NULL, 0);
  settle();
}

static void test_cancel(struct io_uring* uring, const char* kind, bool last) {
  ask_events(device.fd, 0, false, 0, 0, 0);
  settle();
  prepare_wait(uring, device.fd, 0, 1, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  in_child(0, closes, NULL);
  check(result_within(uring, 100) == -ETIME, "%s: a child that closes the descriptor ends no wait",
        kind);
  int again = fcntl(device.fd, F_DUPFD_CLOEXEC, 0);
  close(again);
  check(result_within(uring, 1000) == -ECANCELED, "%s: closing a descriptor of the device does",
        kind);
  if (!last) return;
  prepare_wait(uring, device.fd, 0, 1, 0, SAKER_CMD_WAIT);
  io_uring_submit(uring);
  device_close(&device);
  check(result_within(uring, 1000) == -ECANCELED, "%s: closing the last one too", kind);
}

static void test_uring(unsigned flags, const char* kind, bool last) {
  struct io_uring uring;
  int rc = io_uring_queue_init(32, &uring, flags);
  if (!check(rc == 0, "%s: a ring (%d)", kind, rc)) return;
  struct worker w = start_worker(0);
  test_payload(&uring, kind);
  test_wake(&uring, kind, &w);
  test_policy(&uring, kind, &w);
  test_two(&uring, kind);
  test_many(&uring, kind);
  stop_worker(&w);
  test_cancel(&uring, kind, last);
  io_uring_queue_exit(&uring);
}

static void test_poll(void) {
  struct pollfd p = {.fd = device.fd, .events = POLLIN};
  struct worker w = start_worker(1);
  int n = 1;
  ask(false, 0, 0);
  settle();
  check(poll(&p, 1, 100) == 0, "poll: with nothing recorded it waits");
  work(&w, 1);
  check(poll(&p, 1, 2000) == 1 && p.revents == POLLIN, "poll: a record wakes it within wake_us");
  check(poll(&p, 1, 0) == 1, "poll: what is not drained is there still");
  settle();
  check(poll(&p, 1, 0) == 0, "poll: what is drained is not");
  ask(false, 0, never_us);
  settle();
  work(&w, 1);
  check(poll(&p, 1, 300) == 0, "poll: what is not urgent waits for wake_us");
  check(poll(&p, 1, 2000) == 1, "poll: and not longer");
  settle();
  pid_t pid = start(0, opens_later, &n);
  check(poll(&p, 1, 2000) == 1, "poll: a record of life wakes");
  waitpid(pid, NULL, 0);
  settle();
  p.fd = open_device();
  check(poll(&p, 1, 0) == 1 && p.revents == POLLERR, "poll: an error for who is not the consumer");
  close(p.fd);
  stop_worker(&w);
  pause_ms(1200); /* the timer of the longer wake_us runs out */
  settle();
}

static int open_waiter(unsigned first, unsigned count, unsigned flags, uint64_t reserved) {
  struct saker_waiter waiter = {sizeof(waiter), flags, first, count, {0, reserved}};
  return ioctl(device.fd, SAKER_IOC_WAITER, &waiter);
}

static void test_waiter_arguments(void) {
  unsigned cpus = device.cpus;
  check_errno(open_waiter(0, 0, 0, 0), EINVAL, "waiter: for no CPU it is refused");
  check_errno(open_waiter(cpus, 1, 0, 0), EINVAL, "waiter: so it is for one that cannot be");
  check_errno(open_waiter(1, cpus, 0, 0), EINVAL, "waiter: and for more than there can be");
  check_errno(open_waiter(1, UINT32_MAX, 0, 0), EINVAL, "waiter: and for far more");
  check_errno(open_waiter(0, 1, 1, 0), EINVAL, "waiter: an unknown flag is refused");
  check_errno(open_waiter(0, 1, 0, 1), EINVAL, "waiter: so is a reserved field that is set");
  int saved = device.fd;
  device.fd = open_device();
  check_errno(open_waiter(0, 1, 0, 0), ENXIO, "waiter: who is not the consumer gets none");
  close(device.fd);
  device.fd = saved;
}

/* Each of two descriptors for its own CPU. */
static void test_waiters(void) {
  struct worker w = start_worker(0);
  test_waiter_arguments();
  ask(false, 0, 0);
  int first = open_waiter(0, 1, 0, 0), second = open_waiter(1, device.cpus - 1, 0, 0);
  check(first >= 0 && second >= 0, "waiter: two for different CPUs");
  check(fcntl(first, F_GETFD) & FD_CLOEXEC, "waiter: it is not inherited");
  check_errno(open_waiter(0, device.cpus, 0, 0), EBUSY,
              "waiter: a third for the same CPUs is refused");
  struct pollfd fds[2] = {{.fd = first, .events = POLLIN}, {.fd = second, .events = POLLIN}};
  settle();
  check(poll(fds, 2, 100) == 0, "waiter: with nothing recorded they wait");
  work(&w, 1);
  check(poll(fds, 2, 2000) == 1 && fds[0].revents == POLLIN && !fds[1].revents,
        "waiter: a record of CPU 0 wakes who waits for CPU 0 (%d, %d)", fds[0].revents,
        fds[1].revents);
  check(poll(fds + 1, 1, 100) == 0, "waiter: and nobody else");
  settle();
  check(poll(fds, 2, 0) == 0, "waiter: what is drained is not waited for");
  int n = 1;
  pid_t pid = start(1, opens_later, &n);
  check(poll(fds + 1, 1, 2000) == 1, "waiter: a record of CPU 1 wakes the other");
  waitpid(pid, NULL, 0);
  stop_worker(&w);
  settle();
  close(first);
  int again = open_waiter(0, 1, 0, 0);
  check(again >= 0, "waiter: its CPUs are free when it is closed");
  close(again);
  close(second);
}

/* It keeps the device open: nothing that it uses is freed meanwhile. */
static void test_waiter_keeps(void) {
  int last = open_waiter(0, 1, 0, 0);
  struct pollfd fd = {.fd = last, .events = POLLIN};
  device_close(&device);
  poll(&fd, 1, 10);
  int other = open_device();
  check_errno(setup_rings(other, life, event), EBUSY,
              "waiter: it keeps the device that was closed");
  close(last);
  check_errno(setup_rings_soon(other, life, event), 0, "waiter: and lets it go");
  close(other);
}

static int hang(void) {
  struct io_uring uring;
  int rc = io_uring_queue_init(8, &uring, 0);
  if (device.uring && !rc) {
    prepare_wait(&uring, device.fd, 0, 1, 0, SAKER_CMD_WAIT);
    io_uring_submit(&uring);
  }
  ask_events(device.fd, SAKER_EV_openat, false, 0, 0, 0);
  printf("hanging\n");
  fflush(stdout);
  pause();
  return 1;
}

int main(int argc, char** argv) {
  device_open(&device, life, event);
  if (argc > 1 && !strcmp(argv[1], "hang")) return hang();
  test_poll();
  test_waiters();
  if (device.uring) {
    test_uring(0, "plain", false);
    test_uring(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, "deferred", true);
  } else {
    printf("ok - URING_CMD # SKIP this kernel has none\n");
    device_close(&device);
  }
  device_open(&device, life, event);
  test_waiter_keeps();
  return finish();
}
