/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kmod_faults die PARAMETER: a task is taken away while the module writes its record (by the module
 * of tests/kmod/faults, which waits for the process that is written into the file PARAMETER); its
 * CPU goes on recording, and the loss is counted. kmod_faults mechanism: prints how openat is
 * hooked, and whether records come. kmod_faults all: attaches everything, and prints how many
 * system calls are hooked in which way.
 */
#include "device.h"

static const char* parameter;

static int dies(void* unused) {
  char text[32];
  int fd = open(parameter, O_WRONLY);

  (void)unused;
  snprintf(text, sizeof(text), "%d", getpid());
  if (fd < 0 || write(fd, text, strlen(text)) < 0) return 1;
  close(fd);
  open_nothing("/tmp"); /* the top of a mount: its path is what d_absolute_path() says */
  return 2;
}

static int opens(void* unused) {
  (void)unused;
  for (int i = 0; i < 10; i++) open_nothing("/no/such");
  return 0;
}

static bool counts_opens(const struct saker_rec* rec, void* context) {
  unsigned len;
  const char* name = blob_of(rec, SAKER_P_open_name, &len);

  if (rec->type == SAKER_EV_openat && len == 8 && !memcmp(name, "/no/such", 8))
    ++*(unsigned*)context;
  return true;
}

static void totals(const struct device* device, uint64_t* seen, uint64_t* written, uint64_t* lost) {
  *seen = *written = *lost = 0;
  for (unsigned i = 0; i < device->cpus * SAKER_LANES; i++) {
    *seen += device->ring[i].head->seen;
    *written += device->ring[i].head->written;
    *lost += device->ring[i].head->lost;
  }
}

static void die(struct device* device) {
  uint64_t seen, written, lost;
  unsigned opened = 0;

  check(in_child(0, dies, NULL) == 128 + SIGKILL, "a task ends in the middle of its record");
  check(in_child(0, opens, NULL) == 0, "the next makes its calls");
  pause_ms(50); /* the timer writes gap records */
  check(!drain_all(device, counts_opens, &opened), "the rings are whole");
  check(opened == 10, "the next task's records are there (%u of 10)", opened);
  totals(device, &seen, &written, &lost);
  check(lost == 1, "one record is counted as lost (%llu)", (unsigned long long)lost);
  check(seen == written + lost, "seen = written + lost");
}

static void mechanism(struct device* device) {
  unsigned opened = 0;

  for (unsigned i = 0;; i++) {
    struct saker_hook_info info = {.size = sizeof(info), .index = i};
    if (ioctl(device->fd, SAKER_IOC_HOOK, &info)) break;
    if (!strcmp(info.symbol, "__x64_sys_openat")) printf("mechanism %s\n", info.mechanism);
  }
  in_child(0, opens, NULL);
  drain_all(device, counts_opens, &opened);
  printf("records %u\n", opened);
}

static void all(struct device* device) {
  struct saker_info info = {.size = sizeof(info)};
  struct saker_events events = {.size = sizeof(events)};
  unsigned direct = 0, kretprobe = 0, none = 0;

  if (ioctl(device->fd, SAKER_IOC_INFO, &info)) return;
  memcpy(events.asked, info.supported, sizeof(events.asked));
  if (ioctl(device->fd, SAKER_IOC_EVENTS, &events)) return;
  for (unsigned i = 0;; i++) {
    struct saker_hook_info hook = {.size = sizeof(hook), .index = i};
    if (ioctl(device->fd, SAKER_IOC_HOOK, &hook)) break;
    if (strncmp(hook.symbol, "__x64_sys_", 10) && strncmp(hook.symbol, "__ia32_", 7)) continue;
    direct += !strcmp(hook.mechanism, "direct");
    kretprobe += !strcmp(hook.mechanism, "kretprobe");
    none += !strcmp(hook.mechanism, "none");
  }
  printf("direct %u\nkretprobe %u\nnone %u\n", direct, kretprobe, none);
}

int main(int argc, char** argv) {
  static struct device device;

  device_open(&device, 1u << 18, 1u << 20);
  if (ask_events(device.fd, SAKER_EV_openat, false, 0, 0, 0)) {
    check(false, "openat can be asked for");
    return finish();
  }
  if (argc > 2) {
    parameter = argv[2];
    die(&device);
  } else if (argc > 1 && !strcmp(argv[1], "all")) {
    all(&device);
  } else {
    mechanism(&device);
  }
  device_close(&device);
  return argc > 2 ? finish() : 0;
}
