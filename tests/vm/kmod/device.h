/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For programs that test the module's rings from the consumer's side: checks that report one line
 * each, the device, and a reader that trusts nothing. Each program is one file; use from one
 * thread.
 */
#ifndef SAKER_TEST_DEVICE_H
#define SAKER_TEST_DEVICE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <saker/event.h>
#include <saker/ioctl.h>
#include <saker/ring.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { test_page = 4096, test_max_rings = 512 };

static int passed, failed;

#define check(ok, ...) check_(ok, __LINE__, __VA_ARGS__)
__attribute__((format(printf, 3, 4))) static inline bool check_(bool ok, int line, const char* text,
                                                                ...) {
  char name[200];
  va_list list;
  va_start(list, text);
  vsnprintf(name, sizeof(name), text, list);
  va_end(list);
  if (ok)
    printf("ok - %s\n", name);
  else
    printf("not ok - %s (line %d, errno %d: %s)\n", name, line, errno, strerror(errno));
  fflush(stdout);
  if (ok)
    passed++;
  else
    failed++;
  return ok;
}

/* The call must have failed with that errno; 0 for success. */
#define check_errno(result, want, ...)                                \
  do {                                                                \
    errno = 0;                                                        \
    long r_ = (long)(result);                                         \
    check(want ? r_ == -1 && errno == (want) : r_ >= 0, __VA_ARGS__); \
  } while (0)

static inline int finish(void) {
  printf("%d passed, %d failed\n", passed, failed);
  return failed ? 1 : 0;
}

static inline double now(void) {
  struct timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return ts.tv_sec + ts.tv_nsec / 1e9;
}

static inline void pause_ms(int ms) {
  struct timespec ts = {ms / 1000, ms % 1000 * 1000000L};
  nanosleep(&ts, NULL);
}

static inline bool pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return sched_setaffinity(0, sizeof(set), &set) == 0;
}

/* The consumer's side of a ring, and what was found in it. */
struct ring {
  struct saker_ring_head* head;
  const uint8_t* data;
  struct saker_ring_tail* tail;
  uint64_t size;
  uint64_t pos;
  uint64_t next_seq;
  uint64_t records; /* without gap records */
  uint64_t gaps;
  uint64_t told_lost;
  uint64_t last_ts;
};

struct device {
  int fd;
  unsigned cpus;
  unsigned present; /* CPUs with rings that are mapped */
  uint64_t bytes[SAKER_LANES];
  bool uring;
  struct ring ring[test_max_rings]; /* cpu * SAKER_LANES + lane */
};

static inline int open_device(void) { return open(SAKER_DEVICE, O_RDWR | O_CLOEXEC); }

static inline int setup_rings(int fd, uint64_t life_bytes, uint64_t event_bytes) {
  struct saker_setup setup = {
      .size = sizeof(setup), .life_bytes = life_bytes, .event_bytes = event_bytes};
  return ioctl(fd, SAKER_IOC_SETUP, &setup);
}

/* The previous consumer may still be exiting: the kernel tears down its io_uring after its end. */
static inline int setup_rings_soon(int fd, uint64_t life_bytes, uint64_t event_bytes) {
  int rc = setup_rings(fd, life_bytes, event_bytes);
  for (int i = 0; i < 600 && rc && errno == EBUSY; i++) {
    pause_ms(100);
    rc = setup_rings(fd, life_bytes, event_bytes);
  }
  return rc;
}

static inline void* map_part(int fd, unsigned cpu, unsigned lane, unsigned part, size_t bytes,
                             int prot) {
  return mmap(NULL, bytes, prot, MAP_SHARED, fd, (off_t)saker_mmap_offset(cpu, lane, part));
}

static inline size_t ring_bytes(uint64_t data_size) {
  return saker_ring_data(test_page) + 2 * data_size;
}

static inline bool map_ring(struct ring* ring, int fd, unsigned cpu, unsigned lane,
                            uint64_t data_size) {
  void* head = map_part(fd, cpu, lane, SAKER_PART_RING, ring_bytes(data_size), PROT_READ);
  void* tail = map_part(fd, cpu, lane, SAKER_PART_TAIL, test_page, PROT_READ | PROT_WRITE);
  if (head == MAP_FAILED || tail == MAP_FAILED) return false;
  *ring = (struct ring){.head = head,
                        .data = (uint8_t*)head + saker_ring_data(test_page),
                        .tail = tail,
                        .size = data_size};
  return true;
}

/* Map all rings: false if a CPU that is online has none. CPUs without rings have none here
 * either. */
static inline bool map_rings(struct device* device) {
  for (unsigned i = 0; i < device->cpus * SAKER_LANES; i++) {
    struct ring* ring = &device->ring[i];
    if (ring->head) continue;
    errno = 0;
    if (!map_ring(ring, device->fd, i / SAKER_LANES, i % SAKER_LANES,
                  device->bytes[i % SAKER_LANES]) &&
        errno != ENXIO)
      return false;
    device->present += ring->head && i % SAKER_LANES == SAKER_LANE_EVENT;
  }
  return device->present > 0;
}

/* Open, set up and map everything; a failure is reported and ends the program, because nothing
 * else can be tested then. */
static inline void device_open(struct device* device, uint64_t life_bytes, uint64_t event_bytes) {
  struct saker_info info = {.size = sizeof(info)};
  device->fd = open_device();
  if (device->fd < 0 || ioctl(device->fd, SAKER_IOC_INFO, &info) ||
      info.cpus * SAKER_LANES > test_max_rings ||
      setup_rings_soon(device->fd, life_bytes, event_bytes)) {
    check(false, "the device can be opened and set up");
    exit(finish());
  }
  device->cpus = info.cpus;
  device->uring = info.features & SAKER_FEAT_URING_CMD;
  memset(device->ring, 0, sizeof(device->ring));
  device->present = 0;
  device->bytes[SAKER_LANE_LIFE] = life_bytes;
  device->bytes[SAKER_LANE_EVENT] = event_bytes;
  if (!map_rings(device)) {
    check(false, "the rings can be mapped");
    exit(finish());
  }
}

static inline void device_close(struct device* device) {
  for (unsigned i = 0; i < device->cpus * SAKER_LANES; i++) {
    if (!device->ring[i].head) continue;
    munmap(device->ring[i].head, ring_bytes(device->ring[i].size));
    munmap(device->ring[i].tail, test_page);
  }
  close(device->fd);
}

static inline struct ring* ring_of(struct device* device, unsigned cpu, unsigned lane) {
  return &device->ring[cpu * SAKER_LANES + lane];
}

/* Ask for one event; type 0 asks for none. */
static inline int ask_events(int fd, unsigned type, bool urgent, uint32_t wake_bytes,
                             uint32_t wake_us, uint64_t ignore_pid) {
  struct saker_events events = {.size = sizeof(events),
                                .wake_bytes = wake_bytes,
                                .wake_us = wake_us,
                                .ignore_pid = ignore_pid};
  if (type) events.asked[type / 64] |= 1ull << type % 64;
  if (urgent) events.urgent[type / 64] |= 1ull << type % 64;
  int rc = ioctl(fd, SAKER_IOC_EVENTS, &events);
  if (!rc && events.missing[type / 64]) {
    errno = ENOSYS;
    return -1;
  }
  return rc;
}

typedef bool record_fn(const struct saker_rec* rec, void* context);

/* The bytes of a blob; NULL if it is not in the record after its slots. */
static inline const char* blob_of(const struct saker_rec* rec, unsigned slot, unsigned* len) {
  const struct saker_blob* blob = (const struct saker_blob*)(rec + 1) + slot;
  *len = blob->len;
  if (slot >= rec->nparams || blob->off < sizeof(*rec) + rec->nparams * 8u ||
      blob->off + blob->len > rec->len)
    return NULL;
  return (const char*)rec + blob->off;
}

static inline const char* gap_fault(struct ring* ring, const struct saker_rec* rec) {
  const uint64_t* slots = (const uint64_t*)(rec + 1);
  if (rec->len != sizeof(*rec) + 7 * 8 || rec->nparams != 7)
    return "a gap record has another shape";
  if (rec->seq != (uint32_t)ring->next_seq) return "a gap does not begin where the records end";
  if (!slots[SAKER_P_gap_lost]) return "a gap of nothing";
  if (slots[SAKER_P_gap_first_ts] > slots[SAKER_P_gap_last_ts] ||
      slots[SAKER_P_gap_last_ts] > rec->ts)
    return "the times of a gap are not in order";
  if (slots[SAKER_P_gap_cpu] != ring->head->cpu || slots[SAKER_P_gap_lane] != ring->head->lane)
    return "a gap names another ring";
  ring->gaps++;
  ring->told_lost += slots[SAKER_P_gap_lost];
  ring->next_seq += slots[SAKER_P_gap_lost];
  return NULL;
}

static inline const char* record_fault(struct ring* ring, const struct saker_rec* rec,
                                       uint64_t left) {
  if (left < sizeof(*rec) || rec->len > left || rec->len > SAKER_REC_MAX)
    return "a record ends behind the head";
  if (rec->len % 8 || rec->len < sizeof(*rec) + rec->nparams * 8u)
    return "a record's length cannot be";
  if (rec->ts < ring->last_ts) return "the time runs backwards";
  if (rec->cpu != ring->head->cpu) return "a record names another CPU";
  ring->last_ts = rec->ts;
  if (rec->type == SAKER_EV_gap) return gap_fault(ring, rec);
  if (rec->seq != (uint32_t)ring->next_seq) return "a record is missing or doubled";
  ring->records++;
  ring->next_seq++;
  return NULL;
}

/*
 * Read up to the current head, at most max_bytes, and give the space back. Returns the first error,
 * NULL if there is none; visit sees each record except gaps, and its false is an error too.
 */
static inline const char* drain_some(struct ring* ring, uint64_t max_bytes, record_fn* visit,
                                     void* context) {
  if (!ring->head) return NULL;
  uint64_t head = __atomic_load_n(&ring->head->head, __ATOMIC_ACQUIRE); /* pairs with [ring-head] */
  const char* fault = NULL;
  if (head - ring->pos > ring->size) return "the head ran over the tail";
  for (uint64_t start = ring->pos; ring->pos < head && ring->pos - start < max_bytes;) {
    const struct saker_rec* rec = (const void*)(ring->data + ring->pos % ring->size);
    fault = record_fault(ring, rec, head - ring->pos);
    if (!fault && visit && rec->type != SAKER_EV_gap && !visit(rec, context))
      fault = "a record's content is wrong";
    if (fault) {
      printf("# cpu %u lane %u at %llu: %s; type %u len %u seq %u, expected seq %u\n",
             ring->head->cpu, ring->head->lane, (unsigned long long)ring->pos, fault, rec->type,
             rec->len, rec->seq, (unsigned)ring->next_seq);
      ring->pos = head;
      break;
    }
    ring->pos += rec->len;
  }
  __atomic_store_n(&ring->tail->tail, ring->pos, __ATOMIC_RELEASE); /* [ring-tail] */
  return fault;
}

static inline const char* drain(struct ring* ring, record_fn* visit, void* context) {
  return drain_some(ring, UINT64_MAX, visit, context);
}

static inline const char* drain_all(struct device* device, record_fn* visit, void* context) {
  const char* fault = NULL;
  for (unsigned i = 0; i < device->cpus * SAKER_LANES; i++) {
    const char* f = drain(&device->ring[i], visit, context);
    if (!fault) fault = f;
  }
  return fault;
}

/* One failing openat(), made by a child: the cheapest way to get one record of another process. */
static inline void open_nothing(const char* path) {
  syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
}

/* Run fn in a child pinned to cpu and wait for it; its status. */
static inline int in_child(int cpu, int (*fn)(void*), void* context) {
  fflush(stdout);
  pid_t pid = fork();
  if (!pid) {
    if (cpu >= 0) pin_to(cpu);
    _exit(fn(context));
  }
  int status = -1;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
