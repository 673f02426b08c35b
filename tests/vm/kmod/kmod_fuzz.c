// SPDX-License-Identifier: Apache-2.0
/*
 * Nonsense for a bounded time: ioctls, commands, mappings and tails at random, while calls are
 * recorded. The kernel must not report a problem (the caller checks its messages) and the device
 * must work afterwards. kmod_fuzz SECONDS [SEED]
 */
#include <liburing.h>

#include "device.h"

static uint64_t state;

static uint64_t rnd(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/* Mostly near the relevant values. */
static uint64_t word(void) {
  static const uint64_t near[] = {0,    1,     2,       8,          64,         128,
                                  4096, 65536, 1 << 20, 1ull << 31, 1ull << 32, UINT64_MAX};
  switch (rnd() % 4) {
    case 0: return rnd();
    case 1: return rnd() % 256;
    default: return near[rnd() % (sizeof(near) / sizeof(*near))] + rnd() % 3 - 1;
  }
}

struct target {
  int fd;
  struct saker_ring_tail* tail;
  struct saker_ring_head* head;
  uint64_t event_bytes;
};

static void fuzz_ioctl(struct target* t) {
  static const unsigned known[] = {SAKER_IOC_INFO, SAKER_IOC_SETUP, SAKER_IOC_EVENTS,
                                   SAKER_IOC_HOOK, SAKER_IOC_URING_OP};
  static const uint32_t sizes[] = {sizeof(struct saker_info), sizeof(struct saker_setup),
                                   sizeof(struct saker_events), sizeof(struct saker_hook_info),
                                   sizeof(struct saker_uring_op)};
  uint64_t arg[64];
  static const unsigned quick[] = {0, 3, 4};
  unsigned which = rnd() % 8 ? quick[rnd() % 3] : 1 + rnd() % 2; /* EVENTS is slow */
  for (unsigned i = 0; i < 64; i++) arg[i] = rnd() % 3 ? 0 : word();
  uint32_t size = rnd() % 8 ? sizes[which] : (uint32_t)word();
  memcpy(arg, &size, sizeof(size));
  if (which == 1) arg[1] = 64 << 10, arg[2] = rnd() % 4 ? 64 << 10 : word(); /* not gigabytes */
  void* at = rnd() % 32 ? (void*)arg : (void*)(uintptr_t)word();
  ioctl(t->fd, rnd() % 16 ? known[which] : (unsigned)rnd(), at);
}

static void fuzz_command(struct target* t, struct io_uring* uring) {
  struct io_uring_sqe* sqe = io_uring_get_sqe(uring);
  if (sqe) {
    unsigned op = rnd() % 8 ? SAKER_CMD_WAIT : (unsigned)word();
    uint32_t cpus[2] = {(uint32_t)(rnd() % 3), (uint32_t)(rnd() % 3)};
    uint64_t reserved = rnd() % 8 ? 0 : word();
    if (rnd() % 4 == 0) cpus[0] = (uint32_t)word(), cpus[1] = (uint32_t)word();
    memset(sqe, 0, sizeof(*sqe));
    sqe->opcode = IORING_OP_URING_CMD;
    sqe->fd = t->fd;
    memcpy((char*)sqe + 8, &op, sizeof(op));
    memcpy((char*)sqe + 48, cpus, sizeof(cpus));
    memcpy((char*)sqe + 56, &reserved, sizeof(reserved));
    if (rnd() % 8 == 0) sqe->flags |= IOSQE_ASYNC;
    if (rnd() % 8 == 0) sqe->flags |= IOSQE_IO_LINK;
  }
  io_uring_submit(uring);
  struct io_uring_cqe* cqe;
  while (!io_uring_peek_cqe(uring, &cqe)) io_uring_cqe_seen(uring, cqe);
}

static void fuzz_map(struct target* t) {
  uint64_t offset = saker_mmap_offset(rnd() % 4, rnd() % 2, rnd() % 2) + (rnd() % 8 ? 0 : word());
  size_t bytes = rnd() % 3 ? ring_bytes(64 << 10) : rnd() % 2 ? test_page : word() % (1 << 20);
  int prot = (int)(rnd() % 8), flags = rnd() % 8 ? MAP_SHARED : MAP_PRIVATE;
  char* at = mmap(NULL, bytes, prot, flags, t->fd, (off_t)offset);
  if (at == MAP_FAILED) return;
  mprotect(at, test_page, (int)(rnd() % 8));
  madvise(at, test_page, (int)(rnd() % 24));
  munmap(at, bytes);
}

static void fuzz_tail(struct target* t) {
  if (!t->tail) return;
  uint64_t head = t->head->head;
  t->tail->tail = rnd() % 2 ? head : head + word() - (rnd() % 2 ? t->event_bytes : 0);
}

static void fuzz_calls(void) {
  open_nothing("/no/such");
  if (rnd() % 16 == 0) {
    pid_t pid = fork();
    if (!pid) _exit(0);
    if (pid > 0) waitpid(pid, NULL, 0);
  }
}

static void begin(struct target* t, uint64_t event_bytes) {
  t->fd = open_device();
  t->event_bytes = event_bytes;
  t->tail = NULL;
  if (t->fd < 0 || setup_rings(t->fd, 64 << 10, event_bytes)) return;
  t->tail =
      map_part(t->fd, 0, SAKER_LANE_EVENT, SAKER_PART_TAIL, test_page, PROT_READ | PROT_WRITE);
  t->head =
      map_part(t->fd, 0, SAKER_LANE_EVENT, SAKER_PART_RING, ring_bytes(event_bytes), PROT_READ);
  if (t->tail == MAP_FAILED || t->head == MAP_FAILED) exit(1);
  ask_events(t->fd, SAKER_EV_openat, false, 0, 0, 0);
}

static void end(struct target* t) {
  if (t->tail) {
    munmap(t->tail, test_page);
    munmap(t->head, ring_bytes(t->event_bytes));
  }
  close(t->fd);
}

/* One consumer's life. */
static unsigned long round_of_nonsense(struct io_uring* uring, double until) {
  struct target t;
  unsigned long n = 0, steps = 200 + rnd() % 2000;
  begin(&t, 64 << 10 << rnd() % 3);
  for (; n < steps && now() < until; n++) {
    switch (rnd() % 6) {
      case 0: fuzz_ioctl(&t); break;
      case 1:
        if (uring) fuzz_command(&t, uring);
        break;
      case 2: fuzz_map(&t); break;
      case 3: fuzz_tail(&t); break;
      default: fuzz_calls();
    }
  }
  end(&t);
  return n;
}

int main(int argc, char** argv) {
  double until = now() + (argc > 1 ? atof(argv[1]) : 5);
  state = argc > 2 ? strtoull(argv[2], NULL, 0)
                   : (uint64_t)time(NULL) * 2654435761u + (uint64_t)getpid();
  printf("# seed %#llx\n", (unsigned long long)state);
  unsigned long steps = 0, rounds = 0;
  while (now() < until) {
    struct io_uring uring;
    bool have = io_uring_queue_init(64, &uring, 0) == 0;
    steps += round_of_nonsense(have ? &uring : NULL, until);
    rounds++;
    if (have) io_uring_queue_exit(&uring);
  }
  check(steps > 100, "%lu steps of nonsense in %lu rounds", steps, rounds);
  static struct device device;
  device_open(&device, 64 << 10, 64 << 10);
  check_errno(ask_events(device.fd, SAKER_EV_openat, false, 0, 0, 0), 0,
              "the device works afterwards");
  open_nothing("/no/such");
  const char* fault = drain_all(&device, NULL, NULL);
  uint64_t records = 0;
  for (unsigned i = 0; i < device.cpus * SAKER_LANES; i++) records += device.ring[i].records;
  check(!fault && records >= 1, "and records: %llu", (unsigned long long)records);
  device_close(&device);
  return finish();
}
