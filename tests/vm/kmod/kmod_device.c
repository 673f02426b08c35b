// SPDX-License-Identifier: Apache-2.0
/* Which processes may open the device, what it refuses, and what may be mapped how. */
#include "device.h"

enum { life = 64 << 10, event = 128 << 10 };

static int unprivileged_user(void* unused) {
  (void)unused;
  if (setgid(1000) || setuid(1000)) return 1;
  return open_device() < 0 && errno == EPERM ? 0 : 2;
}

static int root_of_a_namespace(void* unused) {
  (void)unused;
  if (unshare(CLONE_NEWUSER)) return 77;
  return open_device() < 0 && (errno == EPERM || errno == EACCES) ? 0 : 2;
}

static void test_open(void) {
  check_errno(chmod(SAKER_DEVICE, 0666), 0, "the device's mode can be widened for the test");
  check(in_child(-1, unprivileged_user, NULL) == 0,
        "a user without CAP_SYS_ADMIN cannot open, whatever the mode");
  int rc = in_child(-1, root_of_a_namespace, NULL);
  if (rc == 77)
    printf("ok - root of a user namespace cannot open # SKIP the kernel has no user namespaces\n");
  else
    check(rc == 0, "root of a user namespace cannot open");
  check_errno(chmod(SAKER_DEVICE, 0600), 0, "the device's mode can be restored");
}

static void test_info(int fd) {
  struct {
    struct saker_info info;
    uint64_t more[2];
  } arg = {.info.size = sizeof(struct saker_info)};
  check_errno(ioctl(fd, SAKER_IOC_INFO, &arg.info), 0, "INFO");
  check(arg.info.size == sizeof(struct saker_info) && arg.info.abi_major == 2 &&
            arg.info.lanes == SAKER_LANES &&
            arg.info.cpus >= (unsigned)sysconf(_SC_NPROCESSORS_CONF) && arg.info.version[0],
        "INFO tells size, ABI, CPUs, lanes and version");
  arg.info.size = sizeof(arg);
  arg.more[1] = 0;
  check_errno(ioctl(fd, SAKER_IOC_INFO, &arg), 0, "a longer argument with zeros is taken");
  arg.info.size = sizeof(arg);
  arg.more[1] = 1;
  check_errno(ioctl(fd, SAKER_IOC_INFO, &arg), E2BIG,
              "a longer argument with more in it is refused");
  arg.info.size = 1u << 20;
  check_errno(ioctl(fd, SAKER_IOC_INFO, &arg), E2BIG, "an argument beyond a page is refused");
  for (unsigned size = 0; size < sizeof(struct saker_info); size += 7) {
    arg.info.size = size;
    check_errno(ioctl(fd, SAKER_IOC_INFO, &arg), EINVAL, "INFO of %u bytes is refused", size);
  }
  check_errno(ioctl(fd, SAKER_IOC_INFO, (void*)8), EFAULT,
              "an argument that is not mapped is refused");
  check_errno(ioctl(fd, _IO(SAKER_IOC_MAGIC, 0x7f)), ENOTTY, "an unknown number is refused");
  check_errno(ioctl(fd, _IO('T', 0x10)), ENOTTY, "another device's number is refused");
}

static int try_setup(int fd, uint64_t life_bytes, uint64_t event_bytes, uint32_t flags,
                     uint64_t reserved) {
  struct saker_setup setup = {sizeof(setup), flags, life_bytes, event_bytes, {0, 0, 0, reserved}};
  return ioctl(fd, SAKER_IOC_SETUP, &setup);
}

static void test_setup(int fd) {
  static const uint64_t bad[] = {
      0,         1,         4096,       32 << 10,  (64 << 10) - 1, (64 << 10) + 4096,
      192 << 10, 128 << 20, 1ull << 63, UINT64_MAX};
  check_errno(ask_events(fd, SAKER_EV_openat, false, 0, 0, 0), ENXIO,
              "EVENTS before SETUP is refused");
  check(map_part(fd, 0, 0, 0, ring_bytes(life), PROT_READ) == MAP_FAILED && errno == ENXIO,
        "so is mapping");
  for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
    check_errno(try_setup(fd, bad[i], event, 0, 0), EINVAL, "life_bytes %llu is refused",
                (unsigned long long)bad[i]);
    check_errno(try_setup(fd, life, bad[i], 0, 0), EINVAL, "event_bytes %llu is refused",
                (unsigned long long)bad[i]);
  }
  check_errno(try_setup(fd, life, event, 1, 0), EINVAL, "SETUP with an unknown flag is refused");
  check_errno(try_setup(fd, life, event, 0, 1), EINVAL,
              "SETUP with a reserved field set is refused");
  check_errno(setup_rings(fd, life, event), 0, "SETUP");
  check_errno(setup_rings(fd, life, event), EBUSY, "a second SETUP is refused");
}

static void test_second_consumer(void) {
  int fd = open_device();
  struct saker_info info = {.size = sizeof(info)};
  check(fd >= 0, "a second process may open");
  check_errno(ioctl(fd, SAKER_IOC_INFO, &info), 0, "and ask for INFO");
  check_errno(setup_rings(fd, life, event), EBUSY, "but not become the consumer");
  check_errno(ask_events(fd, SAKER_EV_openat, false, 0, 0, 0), ENXIO, "nor ask for events");
  check(map_part(fd, 0, 0, 0, ring_bytes(life), PROT_READ) == MAP_FAILED && errno == ENXIO,
        "nor map a ring");
  close(fd);
}

static void test_events_argument(int fd) {
  const unsigned last = SAKER_EV_MAX / 64 - 1;
  struct saker_events good = {.size = sizeof(good)};
  struct saker_events arg = good;
  arg.flags = 2;
  check_errno(ioctl(fd, SAKER_IOC_EVENTS, &arg), EINVAL, "EVENTS with an unknown flag is refused");
  arg = good;
  arg.reserved[0] = 1;
  check_errno(ioctl(fd, SAKER_IOC_EVENTS, &arg), EINVAL,
              "EVENTS with a reserved field set is refused");
  arg = good;
  arg.ignore_pid = 1ull << 32 | 1;
  check_errno(ioctl(fd, SAKER_IOC_EVENTS, &arg), EINVAL, "a pid that cannot be is refused");
  arg = good;
  arg.asked[last] = 1ull << 63;
  check_errno(ioctl(fd, SAKER_IOC_EVENTS, &arg), 0, "an event that nobody knows may be asked for");
  check(arg.missing[last] == 1ull << 63 && !arg.missing[0], "and is reported as missing");
  check_errno(ask_events(fd, 0, false, 0, 0, 0), 0, "asking for nothing");
}

static void test_hooks(int fd) {
  struct saker_hook_info hook;
  unsigned n = 0, attached = 0, named = 0;
  check_errno(ask_events(fd, SAKER_EV_openat, false, 0, 0, 0), 0, "openat can be attached");
  for (;; n++) {
    hook = (struct saker_hook_info){.size = sizeof(hook), .index = n};
    if (ioctl(fd, SAKER_IOC_HOOK, &hook)) break;
    attached += hook.attached;
    named += hook.symbol[0] && hook.mechanism[0];
  }
  check(errno == ENOENT && n > 0 && named == n, "HOOK tells %u hooks and then ENOENT", n);
  check(attached > 0, "%u are attached for openat", attached);
  hook = (struct saker_hook_info){.size = sizeof(hook), .reserved = {0, 1}};
  check_errno(ioctl(fd, SAKER_IOC_HOOK, &hook), EINVAL,
              "HOOK with a reserved field set is refused");
  check_errno(ask_events(fd, 0, false, 0, 0, 0), 0, "and detached again");
}

static void check_no_map(int fd, size_t bytes, int prot, int flags, uint64_t offset, int want,
                         const char* what) {
  void* at = mmap(NULL, bytes, prot, flags, fd, (off_t)offset);
  check(at == MAP_FAILED && errno == want, "%s is refused", what);
}

static void test_map(int fd, unsigned cpus) {
  uint64_t tail = saker_mmap_offset(0, SAKER_LANE_EVENT, SAKER_PART_TAIL);
  uint64_t ring = saker_mmap_offset(0, SAKER_LANE_EVENT, SAKER_PART_RING);
  size_t bytes = ring_bytes(event);
  check_no_map(fd, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, EPERM, "a writable ring");
  check_no_map(fd, bytes, PROT_READ | PROT_EXEC, MAP_SHARED, ring, EPERM, "an executable ring");
  check_no_map(fd, bytes, PROT_READ, MAP_PRIVATE, ring, EINVAL, "a private ring");
  check_no_map(fd, bytes - test_page, PROT_READ, MAP_SHARED, ring, EINVAL, "a ring too short");
  check_no_map(fd, bytes + test_page, PROT_READ, MAP_SHARED, ring, EINVAL, "a ring too long");
  check_no_map(fd, bytes, PROT_READ, MAP_SHARED, ring + test_page, EINVAL,
               "an offset inside a ring");
  check_no_map(fd, bytes, PROT_READ, MAP_SHARED, saker_mmap_offset(cpus, 0, 0), EINVAL,
               "a CPU that is not there");
  check_no_map(fd, bytes, PROT_READ, MAP_SHARED, 0x7ffffull << 44, EINVAL, "an offset far away");
  check_no_map(fd, 2 * test_page, PROT_READ, MAP_SHARED, tail, EINVAL, "a tail of two pages");

  uint8_t* at = map_part(fd, 0, SAKER_LANE_EVENT, SAKER_PART_RING, bytes, PROT_READ);
  if (!check(at != MAP_FAILED, "a ring can be mapped for reading")) return;
  check_errno(mprotect(at, bytes, PROT_READ | PROT_WRITE), EACCES, "and not be made writable");
  check_errno(mprotect(at, bytes, PROT_READ | PROT_EXEC), EACCES, "nor executable");
  int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
  check_errno(pwrite(mem, "x", 1, (off_t)(uintptr_t)(at + 64)), EIO,
              "nor written through /proc/self/mem");
  close(mem);
  const struct saker_ring_head* head = (void*)at;
  check(head->size == sizeof(*head) && head->data_size == event && head->lane == SAKER_LANE_EVENT &&
            head->cpu == 0,
        "its head says what it is");
  bool zero = true;
  for (size_t i = sizeof(*head); i < bytes; i++) zero &= !at[i];
  check(zero, "and holds nothing else");
  munmap(at, bytes);
}

static int child_reads(void* at) {
  unsigned char vec[1];
  return mincore(at, test_page, vec) == -1 && errno == ENOMEM ? 0 : 1;
}

static void test_fork(int fd) {
  void* at = map_part(fd, 0, 0, SAKER_PART_RING, ring_bytes(life), PROT_READ);
  check(in_child(-1, child_reads, at) == 0, "a child does not inherit the mapping");
  munmap(at, ring_bytes(life));
}

static void test_end(int fd) {
  void* at = map_part(fd, 0, 0, SAKER_PART_RING, ring_bytes(life), PROT_READ);
  close(fd);
  fd = open_device();
  check(((struct saker_ring_head*)at)->data_size == life, "a mapping outlives its descriptor");
  check_errno(setup_rings(fd, life, event), EBUSY, "and keeps others out");
  munmap(at, ring_bytes(life));
  check_errno(setup_rings(fd, life, event), 0, "the next one may set up when it is gone");
  close(fd);
}

int main(void) {
  test_open();
  int fd = open_device();
  if (!check(fd >= 0, "root opens the device")) return finish();
  struct saker_info info = {.size = sizeof(info)};
  test_info(fd);
  check_errno(ioctl(fd, SAKER_IOC_INFO, &info), 0, "INFO again");
  test_setup(fd);
  test_second_consumer();
  test_events_argument(fd);
  test_hooks(fd);
  test_map(fd, info.cpus);
  test_fork(fd);
  test_end(fd);
  return finish();
}
