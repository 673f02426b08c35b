// SPDX-License-Identifier: Apache-2.0
/* The content of the rings: every record complete and in order, every loss counted, whatever the
 * consumer does. */
#include <linux/capability.h>

#include "device.h"

enum { life = 64 << 10, event = 64 << 10, max_cpus = 8 };

static struct device device;

static uint64_t total(const struct saker_ring_head* head) {
  return __atomic_load_n(&head->seen, __ATOMIC_RELAXED);
}

static uint64_t sum_seen(unsigned lane) {
  uint64_t sum = 0;
  for (unsigned cpu = 0; cpu < device.cpus; cpu++) sum += total(ring_of(&device, cpu, lane)->head);
  return sum;
}

static bool counters_agree(void) {
  bool ok = true;
  for (unsigned i = 0; i < device.cpus * SAKER_LANES; i++) {
    const struct ring* ring = &device.ring[i];
    uint64_t by_type = 0;
    for (unsigned type = 0; type < SAKER_EV_MAX; type++) by_type += ring->head->lost_by_type[type];
    bool agree = ring->head->seen == ring->head->written + ring->head->lost &&
                 by_type == ring->head->lost && ring->records == ring->head->written &&
                 ring->told_lost == ring->head->lost;
    if (!agree)
      printf(
          "# cpu %u lane %u: seen %llu written %llu lost %llu by type %llu; read %llu, told lost "
          "%llu in %llu gaps\n",
          ring->head->cpu, ring->head->lane, (unsigned long long)ring->head->seen,
          (unsigned long long)ring->head->written, (unsigned long long)ring->head->lost,
          (unsigned long long)by_type, (unsigned long long)ring->records,
          (unsigned long long)ring->told_lost, (unsigned long long)ring->gaps);
    ok &= agree;
  }
  return ok;
}

/* Calls that fail, so that the path is the whole content: "/no/<cpu>/<number>". */
struct flood {
  int cpu;
  unsigned calls;
};

static int flood(void* context) {
  const struct flood* f = context;
  char path[64];
  for (unsigned i = 0; i < f->calls; i++) {
    snprintf(path, sizeof(path), "/no/%d/%u", f->cpu, i);
    open_nothing(path);
  }
  return 0;
}

/* Each flood's numbers only ever rise: nothing is doubled, mixed up or from another CPU. */
struct expectation {
  long long last[max_cpus];
  uint64_t seen[max_cpus];
};

static bool visit_flood(const struct saker_rec* rec, void* context) {
  struct expectation* e = context;
  int cpu;
  unsigned number, len;
  char path[64] = "", extra;
  if (rec->type != SAKER_EV_openat) return true;
  const char* name = blob_of(rec, SAKER_P_open_name, &len);
  if (!name || len >= sizeof(path)) return false;
  memcpy(path, name, len);
  if (sscanf(path, "/no/%d/%u%c", &cpu, &number, &extra) != 2 || cpu < 0 || cpu >= max_cpus)
    return false;
  if ((unsigned)cpu != rec->cpu || number <= e->last[cpu] || rec->ret != -ENOENT) return false;
  e->last[cpu] = number;
  e->seen[cpu]++;
  return true;
}

static pid_t start_flood(int cpu, unsigned calls) {
  fflush(stdout);
  pid_t pid = fork();
  if (!pid) {
    pin_to(cpu);
    struct flood f = {cpu, calls};
    _exit(flood(&f));
  }
  return pid;
}

/* The consumer takes at most max_bytes at a time and rests, until the floods are over and all is
 * read. */
static const char* consume_until_done(unsigned floods, uint64_t max_bytes, int rest_ms,
                                      struct expectation* e) {
  const char* fault = NULL;
  while (floods || sum_seen(SAKER_LANE_EVENT) == 0) {
    for (unsigned i = 0; i < device.cpus * SAKER_LANES; i++) {
      const char* f = drain_some(&device.ring[i], max_bytes, visit_flood, e);
      if (!fault) fault = f;
    }
    while (floods && waitpid(-1, NULL, WNOHANG) > 0) floods--;
    if (rest_ms) pause_ms(rest_ms);
  }
  const char* f = drain_all(&device, visit_flood, e);
  pause_ms(200); /* the last gap is reported without another record */
  const char* g = drain_all(&device, visit_flood, e);
  return fault ? fault : f ? f : g;
}

static void test_flood(const char* what, unsigned calls, uint64_t max_bytes, int rest_ms,
                       bool want_loss) {
  struct expectation e;
  memset(&e, 0, sizeof(e));
  memset(e.last, 0xff, sizeof(e.last));
  unsigned floods = device.cpus < max_cpus ? device.cpus : max_cpus;
  uint64_t before = sum_seen(SAKER_LANE_EVENT), lost = 0, gaps = 0;
  for (unsigned cpu = 0; cpu < floods; cpu++) start_flood((int)cpu, calls);
  const char* fault = consume_until_done(floods, max_bytes, rest_ms, &e);
  check(!fault, "%s: every record is whole, in order and where it belongs", what);
  uint64_t seen = sum_seen(SAKER_LANE_EVENT) - before;
  check(seen == (uint64_t)calls * floods, "%s: %llu calls seen of %u", what,
        (unsigned long long)seen, calls * floods);
  check(counters_agree(), "%s: seen = written + lost, and the gap records tell all that was lost",
        what);
  for (unsigned cpu = 0; cpu < device.cpus; cpu++) {
    lost += ring_of(&device, cpu, SAKER_LANE_EVENT)->head->lost;
    gaps += ring_of(&device, cpu, SAKER_LANE_EVENT)->gaps;
  }
  printf("# %s: %llu lost so far, in %llu gaps\n", what, (unsigned long long)lost,
         (unsigned long long)gaps);
  if (want_loss)
    check(lost > 0 && gaps > 1, "%s: some were lost", what);
  else
    check(lost == 0, "%s: none was lost", what);
}

/* False tails: nothing is overwritten, nothing crashes, everything is counted. */
static void test_lies(void) {
  static const int64_t lies[] = {8,         1,         event,        -event - 8, -event - 1,
                                 INT64_MIN, INT64_MAX, -(1ll << 40), 1ll << 40};
  struct ring* ring = ring_of(&device, 0, SAKER_LANE_EVENT);
  const struct saker_ring_head* head = ring->head;
  struct flood f = {0, 50};
  for (unsigned i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
    uint64_t position = head->head, lost = head->lost, seen = head->seen;
    ring->tail->tail = position + (uint64_t)lies[i];
    in_child(0, flood, &f);
    uint64_t delta = head->head - position;
    /* The space that the last valid tail left may still be used. */
    check(
        head->seen == seen + f.calls && head->seen == head->written + head->lost && delta <= event,
        "a tail of head %+lld: all %u are counted, %llu of them lost", (long long)lies[i], f.calls,
        (unsigned long long)(head->lost - lost));
    ring->tail->tail = ring->pos;
    struct expectation e;
    memset(&e, 0, sizeof(e));
    memset(e.last, 0xff, sizeof(e.last));
    check(!drain_all(&device, visit_flood, &e), "what was written before and after it is whole");
  }
  in_child(0, flood, &f);
  pause_ms(100);
  struct expectation e;
  memset(&e, 0, sizeof(e));
  memset(e.last, 0xff, sizeof(e.last));
  check(!drain_all(&device, visit_flood, &e) && e.seen[0] == f.calls,
        "with a true tail the ring works as before");
  check(counters_agree(), "and the counters agree");
}

static void test_full(void) {
  struct ring* ring = ring_of(&device, 0, SAKER_LANE_EVENT);
  struct flood f = {0, 2000};
  uint64_t lost = ring->head->lost, written = ring->head->written;
  in_child(0, flood, &f);
  check(
      ring->head->lost - lost + ring->head->written - written == f.calls && ring->head->lost > lost,
      "nobody reads: %llu written, %llu lost", (unsigned long long)(ring->head->written - written),
      (unsigned long long)(ring->head->lost - lost));
  check(ring->head->head - ring->tail->tail <= event, "and the ring is not overrun");
  struct expectation e;
  memset(&e, 0, sizeof(e));
  memset(e.last, 0xff, sizeof(e.last));
  bool ok = !drain_all(&device, visit_flood, &e);
  pause_ms(200);
  ok &= !drain_all(&device, visit_flood, &e);
  check(ok && counters_agree(), "the gap is reported although nothing more happens");
}

static int three_children(void* unused) {
  (void)unused;
  for (int i = 0; i < 3; i++) {
    pid_t pid = fork();
    if (!pid) _exit(7);
    waitpid(pid, NULL, 0);
  }
  return 0;
}

struct life_count {
  unsigned forks, exits, execs;
};

static bool visit_life(const struct saker_rec* rec, void* context) {
  struct life_count* n = context;
  n->forks += rec->type >= SAKER_EV_clone && rec->type <= SAKER_EV_clone3;
  n->exits += rec->type == SAKER_EV_procexit;
  n->execs += rec->type == SAKER_EV_execve;
  return rec->pid != 0;
}

static void test_life(void) {
  struct life_count n = {0, 0, 0};
  check(!drain_all(&device, NULL, NULL), "the rings can be drained");
  in_child(-1, three_children, NULL);
  check(!drain_all(&device, visit_life, &n), "life records are whole");
  check(n.forks == 4 && n.exits == 4 && n.execs == 0, "4 processes began and ended: %u and %u",
        n.forks, n.exits);
}

static int three_opens(void* unused) {
  (void)unused;
  for (int i = 0; i < 3; i++) open_nothing("/no/ignored");
  return 0;
}

static bool visit_own(const struct saker_rec* rec, void* context) {
  /* Forks by an ignored process are recorded, because its children are not ignored. */
  *(unsigned*)context += rec->type == SAKER_EV_openat && rec->pid == (unsigned)getpid();
  return true;
}

static void test_ignored(void) {
  unsigned own = 0;
  check(!drain_all(&device, NULL, NULL), "what earlier tests left can be drained");
  check_errno(ask_events(device.fd, SAKER_EV_openat, false, 0, 0, (uint64_t)getpid()), 0,
              "one process is ignored");
  uint64_t seen = sum_seen(SAKER_LANE_EVENT);
  three_opens(NULL);
  check(sum_seen(SAKER_LANE_EVENT) == seen, "its calls are not seen");
  in_child(-1, three_opens, NULL);
  uint64_t more = sum_seen(SAKER_LANE_EVENT) - seen;
  check(more == 3, "its child's 3 are (%llu)", (unsigned long long)more);
  check(!drain_all(&device, visit_own, &own) && own == 0, "no record is its own");
  check_errno(ask_events(device.fd, SAKER_EV_openat, false, 0, 0, 0), 0, "nobody is ignored");
  three_opens(NULL);
  check(!drain_all(&device, visit_own, &own) && own == 3, "now they are its own");
}

/* By lane and by whether it is about a change of the process. */
struct kinds {
  unsigned changes, others;
};

static bool count_kinds(const struct saker_rec* rec, void* context) {
  struct kinds* kinds = context;
  bool change = (rec->type >= SAKER_EV_setuid && rec->type <= SAKER_EV_setresgid) ||
                rec->type == SAKER_EV_setns || rec->type == SAKER_EV_unshare ||
                rec->type == SAKER_EV_capset || rec->type == SAKER_EV_chdir ||
                rec->type == SAKER_EV_fchdir || rec->type == SAKER_EV_setsid ||
                rec->type == SAKER_EV_setpgid;
  if (change)
    kinds->changes++;
  else
    kinds->others++;
  return true;
}

static struct kinds drain_lane(unsigned lane) {
  struct kinds kinds = {0, 0};
  const char* fault = NULL;
  for (unsigned cpu = 0; cpu < device.cpus; cpu++)
    if (!fault) fault = drain(ring_of(&device, cpu, lane), count_kinds, &kinds);
  check(!fault, "the lane is sound");
  return kinds;
}

static int changes_nothing(void* unused) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];

  (void)unused;
  syscall(SYS_capget, &header, data);
  for (int i = 0; i < 10; i++) {
    syscall(SYS_capset, &header, data);
    syscall(SYS_chdir, "/no/such");
    syscall(SYS_fchdir, -1);
    syscall(SYS_setpgid, -1, 0);
    syscall(SYS_setuid, 0);
    syscall(SYS_setresgid, -1, -1, -1);
    syscall(SYS_unshare, 0);
    syscall(SYS_setns, -1, 0);
  }
  return 0;
}

static int changes(void* times) {
  for (int i = 0; i < *(int*)times; i++) syscall(SYS_setresuid, -1, i % 2 ? 0 : 1, -1);
  return 0;
}

static int goes_places(void* unused) {
  (void)unused;
  syscall(SYS_setsid);
  syscall(SYS_setsid); /* fails */
  syscall(SYS_chdir, "/proc");
  syscall(SYS_fchdir, AT_FDCWD); /* fails */
  return 0;
}

/* A call that changes nothing is not a LIFE record, and an EVENT record only on request. */
static void test_changes(void) {
  int times = 6;
  drain_all(&device, NULL, NULL);
  in_child(0, changes_nothing, NULL);
  check(drain_lane(SAKER_LANE_LIFE).changes == 0, "calls that change no identity are no life");
  check(drain_lane(SAKER_LANE_EVENT).changes == 0, "nor an event that nobody asked for");
  in_child(0, changes, &times);
  check(drain_lane(SAKER_LANE_LIFE).changes == 6, "those that do are, though nobody asked");
  in_child(0, goes_places, NULL);
  check(drain_lane(SAKER_LANE_LIFE).changes == 2, "so are a new session and directory");
  check(drain_lane(SAKER_LANE_EVENT).changes == 0, "those that fail are not");
  check_errno(ask_events(device.fd, SAKER_EV_setuid, false, 0, 0, 0), 0, "setuid is asked for");
  in_child(0, changes_nothing, NULL);
  check(drain_lane(SAKER_LANE_LIFE).changes == 0, "they are no life then either");
  check(drain_lane(SAKER_LANE_EVENT).changes == 10, "but each setuid is an event");
}

/* For long enough that the timer could report hundreds of gaps, if it were allowed to. */
static int changes_for_a_second(void* unused) {
  (void)unused;
  int times = 1000;
  for (double end = now() + 1; now() < end;) changes(&times);
  return 0;
}

static bool is_birth_or_end(const struct saker_rec* rec) {
  return rec->type >= SAKER_EV_execve && rec->type <= SAKER_EV_procexit;
}

/*
 * Of the last quarter of what was free, only births, programs and ends may take space, each with
 * the gap before it. Returns what else did, as a type, or -1. All that was read before is free.
 */
static int taker_of_reserve(const struct ring* ring) {
  uint64_t head = __atomic_load_n(&ring->head->head, __ATOMIC_ACQUIRE); /* pairs with [ring-head] */
  int gap = -1, other = -1;
  for (uint64_t pos = ring->pos; pos < head && other < 0;) {
    const struct saker_rec* rec = (const void*)(ring->data + pos % ring->size);
    pos += rec->len;
    if (is_birth_or_end(rec)) {
      gap = -1;
    } else if (pos - ring->pos > ring->size - ring->size / 4) {
      if (gap >= 0 || rec->type != SAKER_EV_gap) other = rec->type;
      gap = rec->type;
    }
  }
  return other >= 0 ? other : gap;
}

static int moves_for_a_while(void* unused) {
  (void)unused;
  for (double end = now() + 0.3; now() < end;) {
    syscall(SYS_chdir, "/proc");
    syscall(SYS_setpgid, 0, 0);
  }
  return 0;
}

/* What every program can change as often as it likes takes nothing from credentials. */
static void test_free_changes(void) {
  struct ring* ring = ring_of(&device, 0, SAKER_LANE_LIFE);
  drain_all(&device, NULL, NULL);
  const uint64_t lost = ring->head->lost_by_type[SAKER_EV_setresuid];
  const uint64_t moves = ring->head->lost_by_type[SAKER_EV_chdir];
  int times = 20;
  in_child(0, moves_for_a_while, NULL);
  in_child(0, changes, &times);
  check(ring->head->lost_by_type[SAKER_EV_chdir] > moves, "a flood of moves loses some");
  check(ring->head->lost_by_type[SAKER_EV_setresuid] == lost, "but no new credentials");
  drain_all(&device, NULL, NULL);
}

/* Forks and exits fit although identities change without limit. */
static void test_reserve(void) {
  struct ring* ring = ring_of(&device, 0, SAKER_LANE_LIFE);
  drain_all(&device, NULL, NULL);
  uint64_t lost = ring->head->lost;
  in_child(0, changes_for_a_second, NULL);
  check(ring->head->lost > lost, "a flood of changes loses some (%llu)",
        (unsigned long long)(ring->head->lost - lost));
  check(ring->head->lost - lost == ring->head->lost_by_type[SAKER_EV_setresuid],
        "and nothing but them");
  for (int i = 0; i < 20; i++) {
    int none = 0;
    in_child(0, changes, &none);
  }
  int taker = taker_of_reserve(ring);
  check(taker < 0, "the last quarter of the ring has only births and ends (%d)", taker);
  struct kinds kinds = drain_lane(SAKER_LANE_LIFE);
  check(kinds.others >= 40, "20 births and ends after it are there (%u)", kinds.others);
  check(ring->head->lost - lost == ring->head->lost_by_type[SAKER_EV_setresuid],
        "none of them is lost");
  pause_ms(200);
  check(!drain_all(&device, NULL, NULL) && counters_agree(),
        "what was lost is reported once there is room");
}

static int opens_for_a_second(void* unused) {
  (void)unused;
  time_t end = time(NULL) + 2;
  while (time(NULL) < end) open_nothing("/no/matter");
  return 0;
}

/* Each unlink comes after an open that is lost. */
static int unlinks_between_opens(void* unused) {
  (void)unused;
  for (int i = 0; i < 20; i++) {
    open_nothing("/no/room");
    syscall(SYS_unlink, "/no/such");
  }
  return 0;
}

static unsigned count_type(struct ring* ring, uint16_t type) {
  uint64_t head = __atomic_load_n(&ring->head->head, __ATOMIC_ACQUIRE); /* pairs with [ring-head] */
  unsigned n = 0;
  for (uint64_t pos = ring->pos; pos < head;) {
    const struct saker_rec* rec = (const void*)(ring->data + pos % ring->size);
    pos += rec->len;
    n += rec->type == type;
  }
  return n;
}

/* Urgent records are written although others flood the lane and the test does not drain it. */
static void test_headroom(void) {
  struct ring* ring = ring_of(&device, 0, SAKER_LANE_EVENT);
  struct saker_events events = {.size = sizeof(events)};
  events.asked[SAKER_EV_openat / 64] |= 1ull << SAKER_EV_openat % 64;
  events.asked[SAKER_EV_unlink / 64] |= 1ull << SAKER_EV_unlink % 64;
  events.urgent[SAKER_EV_unlink / 64] |= 1ull << SAKER_EV_unlink % 64;
  check_errno(ioctl(device.fd, SAKER_IOC_EVENTS, &events), 0, "unlink is urgent");
  drain_all(&device, NULL, NULL);
  uint64_t opens = ring->head->lost_by_type[SAKER_EV_openat];
  in_child(0, opens_for_a_second, NULL);
  check(ring->head->lost_by_type[SAKER_EV_openat] > opens, "a flood of opens loses some");
  uint64_t used = ring->head->head - ring->tail->tail;
  check(used <= ring->size - ring->size / 8, "and leaves an eighth of the ring (%llu used)",
        (unsigned long long)used);
  opens = ring->head->lost_by_type[SAKER_EV_openat];
  in_child(0, unlinks_between_opens, NULL);
  check(ring->head->lost_by_type[SAKER_EV_openat] - opens == 20, "20 more opens are lost");
  unsigned there = count_type(ring, SAKER_EV_unlink);
  check(there == 20 && !ring->head->lost_by_type[SAKER_EV_unlink],
        "the urgent unlinks between them are there (%u)", there);
  check(!drain_all(&device, NULL, NULL), "the lane is sound");
  pause_ms(200);
  check(!drain_all(&device, NULL, NULL) && counters_agree(),
        "what was lost is reported once there is room");
  in_child(0, three_opens, NULL);
  check(count_type(ring, SAKER_EV_openat) == 3, "and opens are written again");
  check_errno(ask_events(device.fd, SAKER_EV_openat, false, 0, 0, 0), 0, "nothing is urgent");
}

static void test_detached(void) {
  check_errno(ask_events(device.fd, 0, false, 0, 0, 0), 0, "nothing is asked for any more");
  drain_all(&device, NULL, NULL);
  uint64_t seen = sum_seen(SAKER_LANE_EVENT) + sum_seen(SAKER_LANE_LIFE);
  in_child(-1, three_opens, NULL);
  check(sum_seen(SAKER_LANE_EVENT) + sum_seen(SAKER_LANE_LIFE) == seen, "and nothing is seen");
}

int main(int argc, char** argv) {
  unsigned calls = argc > 1 ? (unsigned)atoi(argv[1]) : 20000;
  device_open(&device, life, event);
  check_errno(ask_events(device.fd, SAKER_EV_openat, false, 0, 0, 0), 0, "openat is asked for");
  test_life();
  test_flood("a few calls", 100, UINT64_MAX, 1, false);
  test_flood("a slow consumer", calls, 8192, 5, true);
  test_flood("a busy consumer", calls, UINT64_MAX, 0, true);
  test_full();
  test_lies();
  test_ignored();
  test_changes();
  test_free_changes();
  test_reserve();
  test_headroom();
  test_detached();
  device_close(&device);
  return finish();
}
