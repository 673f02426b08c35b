/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "rings.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define EVENT_BYTES (4u << 20)
#define CPUS_MAX 64

static int device = -1;
static unsigned int cpus;
static struct saker_info info;

static struct ring {
  struct saker_ring_head* head;
  struct saker_ring_tail* tail;
  const char* data;
} rings[CPUS_MAX][SAKER_LANES];

/* Copies, so that the rings never fill. */
static struct kept {
  struct saker_rec* rec;
  bool taken;
} * kept;
static size_t nkept, kept_room;

static void map_ring(unsigned int cpu, unsigned int lane, uint64_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  char* at = mmap(NULL, saker_ring_data(page) + 2 * bytes, PROT_READ, MAP_SHARED, device,
                  (off_t)saker_mmap_offset(cpu, lane, SAKER_PART_RING));
  void* tail = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, device,
                    (off_t)saker_mmap_offset(cpu, lane, SAKER_PART_TAIL));

  if (at == MAP_FAILED && errno == ENXIO) return; /* the CPU is not online */
  if (at == MAP_FAILED || tail == MAP_FAILED)
    err(1, "mmap of the ring of CPU %u, lane %u", cpu, lane);
  rings[cpu][lane] =
      (struct ring){.head = (void*)at, .tail = tail, .data = at + saker_ring_data(page)};
}

void rings_open(void) {
  struct saker_setup setup = {
      .size = sizeof(setup), .life_bytes = LIFE_BYTES, .event_bytes = EVENT_BYTES};
  unsigned int cpu;

  device = open(SAKER_DEVICE, O_RDWR | O_CLOEXEC);
  if (device < 0) err(1, "open %s", SAKER_DEVICE);
  info = (struct saker_info){.size = sizeof(info)};
  if (ioctl(device, SAKER_IOC_INFO, &info)) err(1, "SAKER_IOC_INFO");
  if (ioctl(device, SAKER_IOC_SETUP, &setup)) err(1, "SAKER_IOC_SETUP");
  cpus = info.cpus < CPUS_MAX ? info.cpus : CPUS_MAX;
  for (cpu = 0; cpu < cpus; cpu++) {
    map_ring(cpu, SAKER_LANE_LIFE, LIFE_BYTES);
    map_ring(cpu, SAKER_LANE_EVENT, EVENT_BYTES);
  }
}

void rings_ask(const uint64_t* events, uint64_t* missing, pid_t ignore) {
  struct saker_events asked = {.size = sizeof(asked),
                               .ignore_pid = ignore == SELF ? 0 : (uint64_t)ignore};
  unsigned int i;

  if (ignore == SELF) asked.flags = SAKER_EVENTS_IGNORE_SELF;
  memcpy(asked.asked, events, sizeof(asked.asked));
  if (ioctl(device, SAKER_IOC_EVENTS, &asked)) err(1, "SAKER_IOC_EVENTS");
  for (i = 0; missing && i < SAKER_EV_MAX / 64; i++)
    missing[i] = asked.missing[i] | asked.partial[i];
}

void rings_ask_all(void) {
  uint64_t missing[SAKER_EV_MAX / 64], all[SAKER_EV_MAX / 64];

  memcpy(all, info.supported, sizeof(all));
  rings_ask(all, missing, 0);
  for (unsigned int i = 0; i < SAKER_EV_MAX / 64; i++)
    if (missing[i])
      errx(1, "events that could not be attached: word %u, %#llx", i,
           (unsigned long long)missing[i]);
}

void rings_close(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  unsigned int cpu, lane;

  for (cpu = 0; cpu < cpus; cpu++)
    for (lane = 0; lane < SAKER_LANES; lane++) {
      if (!rings[cpu][lane].head) continue;
      munmap(rings[cpu][lane].head,
             saker_ring_data(page) + 2 * (lane == SAKER_LANE_LIFE ? LIFE_BYTES : EVENT_BYTES));
      munmap(rings[cpu][lane].tail, page);
    }
  memset(rings, 0, sizeof(rings));
  close(device);
  device = -1;
}

static void keep(const struct saker_rec* rec) {
  struct saker_rec* copy = malloc(rec->len);

  if (nkept == kept_room) {
    kept_room = kept_room ? 2 * kept_room : 1024;
    kept = reallocarray(kept, kept_room, sizeof(*kept));
  }
  if (!copy || !kept) err(1, "out of memory");
  memcpy(copy, rec, rec->len);
  kept[nkept++] = (struct kept){.rec = copy};
}

static void drain_ring(struct ring* ring) {
  if (!ring->head) return;
  uint64_t head = __atomic_load_n(&ring->head->head, __ATOMIC_ACQUIRE); /* pairs with [ring-head] */
  uint64_t tail = ring->tail->tail;

  while (tail < head) {
    const struct saker_rec* rec = (const void*)(ring->data + tail % ring->head->data_size);

    if (rec->len < SAKER_REC_HEAD || rec->len % 8 || tail + rec->len > head)
      errx(1, "a record of %u bytes at %llu", rec->len, (unsigned long long)tail);
    keep(rec);
    tail += rec->len;
  }
  __atomic_store_n(&ring->tail->tail, tail, __ATOMIC_RELEASE); /* [ring-tail] */
}

static void drain(void) {
  unsigned int cpu;

  for (cpu = 0; cpu < cpus; cpu++) {
    drain_ring(&rings[cpu][SAKER_LANE_LIFE]);
    drain_ring(&rings[cpu][SAKER_LANE_EVENT]);
  }
}

void rings_flush(void) {
  drain();
  while (nkept) free(kept[--nkept].rec);
}

static bool took[SAKER_EV_MAX];

/* The oldest, because one type of call may be in both lanes. */
const struct saker_rec* rings_take(uint16_t type, pid_t pid) {
  struct kept* oldest = NULL;
  size_t i;

  drain();
  for (i = 0; i < nkept; i++) {
    if (kept[i].taken || kept[i].rec->type != type || kept[i].rec->pid != (uint32_t)pid) continue;
    if (!oldest || kept[i].rec->ts < oldest->rec->ts) oldest = &kept[i];
  }
  if (!oldest) return NULL;
  oldest->taken = true;
  took[type] = true;
  return oldest->rec;
}

const struct saker_rec* rings_take_mine(uint16_t type) { return rings_take(type, getpid()); }

unsigned int rings_count(uint16_t type, pid_t pid) {
  unsigned int n = 0;
  size_t i;

  drain();
  for (i = 0; i < nkept; i++)
    n += !kept[i].taken && kept[i].rec->type == type && kept[i].rec->pid == (uint32_t)pid;
  return n;
}

struct ring_totals rings_totals(void) {
  struct ring_totals sum = {0};
  unsigned int cpu, lane;

  for (cpu = 0; cpu < cpus; cpu++)
    for (lane = 0; lane < SAKER_LANES; lane++) {
      if (!rings[cpu][lane].head) continue;
      sum.seen += rings[cpu][lane].head->seen;
      sum.written += rings[cpu][lane].head->written;
      sum.lost += rings[cpu][lane].head->lost;
    }
  return sum;
}

int rings_fd(void) { return device; }

bool rings_uring(void) {
  struct saker_hook_info hook = {.size = sizeof(hook)};

  while (!ioctl(device, SAKER_IOC_HOOK, &hook)) {
    if (!strcmp(hook.symbol, "io_openat2")) return hook.attached;
    hook = (struct saker_hook_info){.size = sizeof(hook), .index = hook.index + 1};
  }
  return false;
}

uint64_t rings_supported(unsigned int word) { return info.supported[word]; }

bool rings_untaken(uint16_t type) {
  return (info.supported[type / 64] >> type % 64 & 1) && !took[type];
}
