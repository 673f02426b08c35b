// SPDX-License-Identifier: Apache-2.0
/*
 * CPUs that come and go: rings for those that are online, and for another one from its first event.
 * The argument: the CPU that comes and goes.
 */
#define _GNU_SOURCE
#include <poll.h>

#include "device.h"

enum { life = 64 << 10, event = 64 << 10 };

static struct device device;
static unsigned late;

static bool set_online(bool online) {
  char path[80];
  snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", late);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool ok = fd >= 0 && write(fd, online ? "1" : "0", 1) == 1;
  if (fd >= 0) close(fd);
  return ok;
}

static uint32_t told_count(void) {
  return __atomic_load_n(&ring_of(&device, 0, SAKER_LANE_LIFE)->head->cpus,
                         __ATOMIC_ACQUIRE); /* pairs with [ring-count] */
}

static int opens_late(void* unused) {
  (void)unused;
  for (int i = 0; i < 3; i++) open_nothing("/no/such/late");
  return 0;
}

struct found {
  unsigned opens, exits, cpu;
};

static bool visit(const struct saker_rec* rec, void* context) {
  struct found* found = context;
  unsigned len = 0;
  const char* name = rec->type == SAKER_EV_openat ? blob_of(rec, SAKER_P_open_name, &len) : NULL;
  if (name && len >= 13 && !memcmp(name, "/no/such/late", 13) && rec->cpu == late) found->opens++;
  if (rec->type == SAKER_EV_procexit && rec->cpu == late) found->exits++;
  return true;
}

static struct found look(void) {
  struct found found = {0};
  check(!drain_all(&device, visit, &found), "every ring is sound");
  return found;
}

static void test_wake(void) {
  struct pollfd fd = {device.fd, POLLIN, 0};
  check(poll(&fd, 1, 5000) == 1 && fd.revents == POLLIN,
        "a record there ends the wait of who has not mapped it yet");
}

static void test_late(void) {
  check(told_count() == device.present, "the heads tell %u CPUs with rings", device.present);
  check(map_part(device.fd, late, 0, SAKER_PART_RING, ring_bytes(life), PROT_READ) == MAP_FAILED &&
            errno == ENXIO,
        "CPU %u is offline and has no ring", late);
  check(map_part(device.fd, late, 0, SAKER_PART_TAIL, test_page, PROT_READ) == MAP_FAILED &&
            errno == ENXIO,
        "nor a tail");
  unsigned before = device.present;
  look();
  check_errno(set_online(true) ? 0 : -1, 0, "CPU %u is brought up", late);
  check(told_count() == before + 1, "the heads tell one more");
  check(in_child((int)late, opens_late, NULL) == 0, "a process runs there");
  test_wake();
  check(map_rings(&device) && device.present == before + 1, "its rings can be mapped");
  struct found found = look();
  check(found.opens == 3 && found.exits >= 1, "its first records are there (%u opens, %u exits)",
        found.opens, found.exits);
  check(ring_of(&device, late, SAKER_LANE_LIFE)->head->lost == 0, "none is lost");
}

/* Records from before it went offline stay, and those after it is back follow. */
static void test_again(void) {
  check(in_child((int)late, opens_late, NULL) == 0, "a process runs there again");
  check_errno(set_online(false) ? 0 : -1, 0, "CPU %u is taken down", late);
  check_errno(set_online(true) ? 0 : -1, 0, "and brought up again");
  check(told_count() == device.present, "the heads tell as many");
  check(in_child((int)late, opens_late, NULL) == 0, "a process runs there once more");
  struct found found = look();
  check(found.opens == 6, "the records of both are there (%u opens)", found.opens);
}

int main(int argc, char** argv) {
  late = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
  set_online(false);
  device_open(&device, life, event);
  check(device.present == (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
        "%u CPUs have rings, those that are online", device.present);
  check_errno(ask_events(device.fd, SAKER_EV_openat, false, 0, 0, 0), 0, "openat is asked for");
  test_late();
  test_again();
  device_close(&device);

  /* Without a consumer a CPU can go offline and come back freely. */
  check(set_online(false) && set_online(true), "without a consumer CPU %u comes and goes", late);
  return finish();
}
