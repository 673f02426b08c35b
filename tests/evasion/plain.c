/* SPDX-License-Identifier: Apache-2.0 */
/* Through 64-bit system calls: other names for a file, other calls for the same action. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "evasion.h"

#define X32 0x40000000

static int open_it(const char* file) {
  int fd = open(file, O_RDONLY);

  return fd < 0 ? 1 : close(fd);
}

static int by_symlink(const char* file, unsigned short port) {
  (void)port;
  unlink("/tmp/innocent");
  return symlink(file, "/tmp/innocent") || open_it("/tmp/innocent");
}

static int by_proc_root(const char* file, unsigned short port) {
  char name[512];

  (void)port;
  snprintf(name, sizeof(name), "/proc/self/root/%s", file);
  return open_it(name);
}

static int by_dots(const char* file, unsigned short port) {
  char name[512];

  (void)port;
  snprintf(name, sizeof(name), "../usr/.././%s", file + 1);
  return chdir("/etc") || open_it(name);
}

/* The last part of the file's name, with its slash. */
static const char* last_name(const char* file) { return strrchr(file, '/'); }

static const char* folder_of(const char* file) {
  static char folder[512];

  snprintf(folder, sizeof(folder), "%.*s", (int)(last_name(file) - file), file);
  return folder;
}

static int by_chroot(const char* file, unsigned short port) {
  (void)port;
  return chroot(folder_of(file)) || open_it(last_name(file));
}

static int unlink_by_chroot(const char* file, unsigned short port) {
  (void)port;
  return chroot(folder_of(file)) || unlink(last_name(file));
}

static int by_detached_mount(const char* file, unsigned short port) {
  int tree, fd;

  (void)port;
  tree = (int)syscall(SYS_open_tree, AT_FDCWD, folder_of(file), OPEN_TREE_CLONE);
  fd = openat(tree, last_name(file) + 1, O_RDONLY);
  return tree < 0 || fd < 0;
}

static int by_hard_link(const char* file, unsigned short port) {
  (void)port;
  unlink("/tmp/hard");
  return link(file, "/tmp/hard") || open_it("/tmp/hard");
}

static int by_openat2(const char* file, unsigned short port) {
  struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_NO_MAGICLINKS};
  long fd = syscall(SYS_openat2, AT_FDCWD, file, &how, sizeof(how));

  (void)port;
  return fd < 0;
}

static int by_o_path(const char* file, unsigned short port) {
  char name[64];
  int fd = open(file, O_PATH);

  (void)port;
  snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
  return open_it(name);
}

static int by_handle(const char* file, unsigned short port) {
  union {
    struct file_handle handle;
    char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
  } name = {.handle = {.handle_bytes = MAX_HANDLE_SZ}};
  int mount, root = open("/tmp", O_RDONLY);

  (void)port;
  if (name_to_handle_at(AT_FDCWD, file, &name.handle, &mount, 0)) return SKIPPED;
  return open_by_handle_at(root, &name.handle, O_RDONLY) < 0;
}

static int by_creat(const char* file, unsigned short port) {
  (void)port;
  return syscall(SYS_creat, file, 0644) < 0;
}

static int by_renameat2(const char* file, unsigned short port) {
  (void)port;
  close(open("/tmp/other", O_CREAT | O_WRONLY, 0644));
  return syscall(SYS_renameat2, AT_FDCWD, file, AT_FDCWD, "/tmp/other", 2) !=
         0; /* RENAME_EXCHANGE */
}

static int by_mknod(const char* file, unsigned short port) {
  (void)port;
  unlink(file);
  return syscall(SYS_mknod, file, S_IFREG | 0644, 0) != 0;
}

static int by_fchmodat2(const char* file, unsigned short port) {
  (void)port;
  return syscall(452, AT_FDCWD, file, 0600, 0) == 0 ? 0 : SKIPPED;
}

static int by_sendmmsg(const char* file, unsigned short port) {
  struct sockaddr_in to;
  struct iovec iov = {"x", 1};
  struct mmsghdr msg = {
      .msg_hdr = {.msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = &iov, .msg_iovlen = 1}};

  (void)file;
  address_of(&to, port);
  return sendmmsg(socket(AF_INET, SOCK_DGRAM, 0), &msg, 1, 0) != 1;
}

static int by_x32(const char* file, unsigned short port) {
  long fd = syscall(X32 | SYS_openat, AT_FDCWD, file, O_RDONLY);

  (void)port;
  return fd >= 0 ? 0 : errno == ENOSYS ? SKIPPED : 1;
}

/* Not seen, because there is nothing to see; the row shows that the following call is seen. */
static int by_odd_numbers(const char* file, unsigned short port) {
  static const long numbers[] = {-1,         0x7fffffff, 1L << 40, -(1L << 40),
                                 0xffffffff, X32 | 1023, 1023};
  unsigned int i;

  (void)port;
  /* The kernel uses the lower half of a number: some of these read nothing from the first
   * descriptor. */
  for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) syscall(numbers[i], 0, 0, 0);
  return open_it(file);
}

static int swapped, peer;
static char much[8 << 20];

/* By now the send waits for room. The decoy is no socket; then the peer reads, and the send ends.
 */
static void* swap_then_read(void* unused) {
  static char buf[65536];
  size_t sum = 0;
  ssize_t got;

  (void)unused;
  usleep(300000);
  dup2(open("/dev/null", O_RDWR), swapped);
  while (sum < sizeof(much) && (got = read(peer, buf, sizeof(buf))) > 0) sum += (size_t)got;
  return NULL;
}

static int by_swapped_send(const char* file, unsigned short port) {
  int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in address;
  pthread_t thread;
  ssize_t sent;

  (void)file;
  address_of(&address, port);
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  swapped = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr*)&address, sizeof(address)) || listen(server, 1) ||
      connect(swapped, (struct sockaddr*)&address, sizeof(address)))
    return 1;
  peer = accept(server, NULL, NULL);
  if (dup(swapped) < 0 || pthread_create(&thread, NULL, swap_then_read, NULL)) return 1;
  sent = send(swapped, much, sizeof(much), 0);
  pthread_join(thread, NULL);
  return sent != sizeof(much);
}

static void* swap_then_write(void* unused) {
  (void)unused;
  usleep(300000);
  dup2(open("/dev/null", O_RDWR), swapped);
  return write(peer, "x", 1) == 1 ? NULL : "failed";
}

static int by_swapped_recv(const char* file, unsigned short port) {
  int server = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in address;
  pthread_t thread;
  char byte;

  (void)file;
  address_of(&address, port);
  setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  peer = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr*)&address, sizeof(address)) || listen(server, 1) ||
      connect(peer, (struct sockaddr*)&address, sizeof(address)))
    return 1;
  swapped = accept(server, NULL, NULL);
  if (dup(swapped) < 0 || pthread_create(&thread, NULL, swap_then_write, NULL)) return 1;
  return recv(swapped, &byte, 1, 0) != 1;
}

const struct row plain_rows[] = {
    {"A1-send", "send, its descriptor exchanged while it waits", "sendto", NULL, by_swapped_send},
    {"A1-recv", "receive, its descriptor exchanged while it waits", "recvfrom", NULL,
     by_swapped_recv},
    {"B1-symlink", "open through a symbolic link", "openat", NULL, by_symlink},
    {"B2-proc-root", "open through /proc/self/root", "openat", NULL, by_proc_root},
    {"B3-dots", "open by a relative name with ..", "openat", NULL, by_dots},
    {"B3-chroot", "chroot, then open by the shorter name", "openat", NULL, by_chroot},
    {"B3-chroot-unlink", "chroot, then unlink by the shorter name", "unlink", NULL,
     unlink_by_chroot},
    {"B3-detached", "open in a copy of the mount that is attached nowhere", "openat", NULL,
     by_detached_mount},
    {"B4-hard-link", "hard link to the file, then open that", "link", NULL, by_hard_link},
    {"B6-handle", "open_by_handle_at", "open_by_handle_at", NULL, by_handle},
    {"B7-openat2", "openat2 instead of openat", "openat2", NULL, by_openat2},
    {"B7-o-path", "O_PATH, then open through /proc/self/fd", "openat", NULL, by_o_path},
    {"B7-creat", "creat instead of openat", "creat", NULL, by_creat},
    {"B7-renameat2", "renameat2 with RENAME_EXCHANGE", "renameat2", NULL, by_renameat2},
    {"B7-mknod", "a regular file made by mknod", "mknod", NULL, by_mknod},
    {"B7-fchmodat2", "fchmodat2 instead of fchmodat", "fchmodat", NULL, by_fchmodat2},
    {"C9-x32", "open by the x32 number", "openat", NULL, by_x32},
    {"C10-numbers", "numbers that no call has, then open", "openat", NULL, by_odd_numbers},
    {"C13-sendmmsg", "sendmmsg to an address", "sendmmsg", NULL, by_sendmmsg},
    {0},
};
