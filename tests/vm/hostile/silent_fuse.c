// SPDX-License-Identifier: Apache-2.0
/*
 * silent_fuse DIRECTORY FILE: mounts a file system with one file, which has the name and the
 * content of FILE. It answers until SIGUSR1 arrives; from then on everybody who asks it anything
 * waits, as for a server that is gone. It prints "mounted" and "silent".
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { file_node = 2, most_read = 1 << 20 };

static volatile sig_atomic_t silent;
static char request[most_read + 65536], content[16 << 20];
static size_t size;
static const char* name;

static void be_silent(int signal) {
  (void)signal;
  silent = 1;
}

static void answer(int fd, const struct fuse_in_header* in, int error, const void* data,
                   size_t bytes) {
  static char out[sizeof(struct fuse_out_header) + most_read];
  struct fuse_out_header head = {(unsigned int)(sizeof head + bytes), error, in->unique};
  memcpy(out, &head, sizeof head);
  if (bytes) memcpy(out + sizeof head, data, bytes);
  if (write(fd, out, head.len) < 0 && errno != ENOENT) perror("answer");
}

/* Valid for no time at all: each look asks again. */
static struct fuse_attr attributes(unsigned long node) {
  struct fuse_attr a = {.ino = node, .nlink = 1, .blksize = 4096};
  a.mode = node == file_node ? S_IFREG | 0755 : S_IFDIR | 0755;
  a.size = node == file_node ? size : 0;
  return a;
}

static void answer_read(int fd, const struct fuse_in_header* in, const struct fuse_read_in* asked) {
  size_t from = asked->offset < size ? asked->offset : size;
  size_t bytes = asked->size < size - from ? asked->size : size - from;
  answer(fd, in, 0, content + from, bytes < most_read ? bytes : most_read);
}

static void serve(int fd, const struct fuse_in_header* in, const void* body) {
  struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION, .minor = 31};
  struct fuse_attr_out attr = {.attr = attributes(in->nodeid)};
  struct fuse_entry_out entry = {.nodeid = file_node, .attr = attributes(file_node)};
  struct fuse_open_out opened = {.open_flags = FOPEN_KEEP_CACHE};
  switch (in->opcode) {
    case FUSE_INIT:
      init.max_readahead = ((const struct fuse_init_in*)body)->max_readahead;
      init.max_write = 65536;
      answer(fd, in, 0, &init, sizeof init);
      break;
    case FUSE_GETATTR: answer(fd, in, 0, &attr, sizeof attr); break;
    case FUSE_LOOKUP:
      if (strcmp(body, name) != 0)
        answer(fd, in, -ENOENT, NULL, 0);
      else
        answer(fd, in, 0, &entry, sizeof entry);
      break;
    case FUSE_OPEN: answer(fd, in, 0, &opened, sizeof opened); break;
    case FUSE_READ: answer_read(fd, in, body); break;
    case FUSE_RELEASE: answer(fd, in, 0, NULL, 0); break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: break;
    default: answer(fd, in, -ENOSYS, NULL, 0);
  }
}

static bool load(const char* path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t got = 1;
  while (fd >= 0 && got > 0 && size < sizeof content)
    if ((got = read(fd, content + size, sizeof content - size)) > 0) size += (size_t)got;
  if (fd >= 0) close(fd);
  return fd >= 0 && got == 0;
}

int main(int argc, char** argv) {
  struct sigaction action = {.sa_handler = be_silent};
  char options[128];
  int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  name = argc < 3 ? NULL : strrchr(argv[2], '/');
  if (!name++ || fd < 0 || !load(argv[2])) {
    perror("silent_fuse");
    return 1;
  }
  /* Without SA_RESTART: the read below ends. */
  sigaction(SIGUSR1, &action, NULL);
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
  if (mount("silent", argv[1], "fuse", 0, options)) {
    perror("mount");
    return 1;
  }
  printf("mounted\n");
  fflush(stdout);
  while (!silent) {
    ssize_t got = read(fd, request, sizeof request);
    const struct fuse_in_header* in = (const struct fuse_in_header*)request;
    if (got >= (ssize_t)sizeof *in)
      serve(fd, in, in + 1);
    else if (got < 0 && errno != EINTR && errno != ENOENT && errno != EAGAIN)
      return 1;
  }
  printf("silent\n");
  fflush(stdout);
  for (;;) pause();
}
