/* SPDX-License-Identifier: Apache-2.0 */
/* unlink, mkdir, rmdir, chmod, chown and their *at forms. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "rings.h"
#include "tests.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static void make(const char* name) { close(open(name, O_CREAT | O_WRONLY, 0644)); }

/* Expected result of a call: name and base as given, and the object. NULL: absent. */
struct did {
  long ret;
  const char *name, *path, *base;
  int dirfd;
  unsigned int mode, flags;
  int uid, gid, fd;
};
/* Defaults for values that a call does not have; a test overrides the others. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define NOTHING .dirfd = AT_FDCWD, .uid = -1, .gid = -1, .fd = -1

static void check_opt(const struct saker_rec* rec, const char* what, unsigned int slot,
                      const char* want) {
  if (want)
    check_str(rec, what, slot, want, 0);
  else
    check_absent(rec, what, slot, SAKER_BLOB_ABSENT);
}

static void check_did(uint16_t event, const struct did* did) {
  const struct saker_rec* rec = rings_take_mine(event);

  HEAD(path_fd);
  RET(did->ret);
  check_opt(rec, "path_name", SAKER_P_path_name, did->name);
  check_opt(rec, "path_path", SAKER_P_path_path, did->path);
  check_opt(rec, "path_base", SAKER_P_path_base, did->base);
  U64(path_dirfd, did->dirfd);
  U64(path_mode, did->mode);
  U64(path_flags, did->flags);
  U64(path_uid, (uint32_t)did->uid);
  U64(path_gid, (uint32_t)did->gid);
  U64(path_fd, did->fd);
}

static long result(long ret) { return ret < 0 ? -errno : ret; }

static void removing(int dir) {
  long ret;

  CASE("unlink");
  make("/tmp/t/a");
  rings_flush();
  ret = result(syscall(SYS_unlink, "/tmp/t/dir/../a"));
  check_did(SAKER_EV_unlink, &(struct did){ret, "/tmp/t/dir/../a", "/tmp/t/a", NULL, NOTHING});

  CASE("unlink, relative, nothing there");
  rings_flush();
  ret = result(syscall(SYS_unlink, "a"));
  check_did(SAKER_EV_unlink, &(struct did){-ENOENT, "a", NULL, "/tmp/t", NOTHING});
  check_number("ret", (uint64_t)ret, (uint64_t)-ENOENT);

  CASE("unlinkat");
  make("/tmp/t/dir/b");
  rings_flush();
  ret = result(syscall(SYS_unlinkat, dir, "b", 0));
  check_did(SAKER_EV_unlinkat,
            &(struct did){ret, "b", "/tmp/t/dir/b", "/tmp/t/dir", NOTHING, .dirfd = dir});

  CASE("unlinkat of a directory");
  mkdir("/tmp/t/dir/d", 0700);
  rings_flush();
  ret = result(syscall(SYS_unlinkat, dir, "d", AT_REMOVEDIR));
  check_did(SAKER_EV_unlinkat, &(struct did){ret, "d", "/tmp/t/dir/d", "/tmp/t/dir", NOTHING,
                                             .dirfd = dir, .flags = AT_REMOVEDIR});

  CASE("rmdir");
  mkdir("/tmp/t/d", 0700);
  rings_flush();
  ret = result(syscall(SYS_rmdir, "d"));
  check_did(SAKER_EV_rmdir, &(struct did){ret, "d", "/tmp/t/d", "/tmp/t", NOTHING});

  CASE("rmdir, not empty");
  rings_flush();
  ret = result(syscall(SYS_rmdir, "/tmp/t/dir"));
  check_did(SAKER_EV_rmdir, &(struct did){-ENOTEMPTY, "/tmp/t/dir", "/tmp/t/dir", NULL, NOTHING});
  check_number("ret", (uint64_t)ret, (uint64_t)-ENOTEMPTY);
}

static void making(int dir) {
  long ret;

  CASE("mkdir");
  rings_flush();
  ret = result(syscall(SYS_mkdir, "/tmp/t/link2/../fresh", 0711));
  check_did(SAKER_EV_mkdir, &(struct did){ret, "/tmp/t/link2/../fresh", "/tmp/t/fresh", NULL,
                                          NOTHING, .mode = 0711});
  rmdir("/tmp/t/fresh");

  CASE("mkdirat");
  rings_flush();
  ret = result(syscall(SYS_mkdirat, dir, "made", 01750));
  check_did(SAKER_EV_mkdirat, &(struct did){ret, "made", "/tmp/t/dir/made", "/tmp/t/dir", NOTHING,
                                            .dirfd = dir, .mode = 01750});
  rmdir("/tmp/t/dir/made");

  CASE("mkdir in the root directory");
  rings_flush();
  ret = result(syscall(SYS_mkdir, "/made", 0700));
  check_did(SAKER_EV_mkdir, &(struct did){ret, "/made", "/made", NULL, NOTHING, .mode = 0700});
  rmdir("/made");

  CASE("mknod");
  rings_flush();
  ret = result(syscall(SYS_mknod, "/tmp/t/link2/../fresh", S_IFREG | 0640, 0));
  check_did(SAKER_EV_mknod, &(struct did){ret, "/tmp/t/link2/../fresh", "/tmp/t/fresh", NULL,
                                          NOTHING, .mode = S_IFREG | 0640});
  check_number("ret", (uint64_t)ret, 0);
  unlink("/tmp/t/fresh");

  CASE("mknodat");
  rings_flush();
  ret = result(syscall(SYS_mknodat, dir, "made", S_IFIFO | 0600, 0));
  check_did(SAKER_EV_mknodat, &(struct did){ret, "made", "/tmp/t/dir/made", "/tmp/t/dir", NOTHING,
                                            .dirfd = dir, .mode = S_IFIFO | 0600});
  unlink("/tmp/t/dir/made");

  CASE("mkdir, there already");
  rings_flush();
  ret = result(syscall(SYS_mkdir, "/tmp/t/dir", 0700));
  check_did(SAKER_EV_mkdir,
            &(struct did){-EEXIST, "/tmp/t/dir", NULL, NULL, NOTHING, .mode = 0700});
  check_number("ret", (uint64_t)ret, (uint64_t)-EEXIST);
}

static void changing_mode(int dir) {
  int fd = open("/tmp/t/dir/file", O_RDONLY);
  long ret;

  CASE("chmod, through a symbolic link");
  rings_flush();
  ret = result(syscall(SYS_chmod, "/tmp/t/link", 04755));
  check_did(SAKER_EV_chmod,
            &(struct did){ret, "/tmp/t/link", "/tmp/t/dir/file", NULL, NOTHING, .mode = 04755});

  CASE("fchmod");
  rings_flush();
  ret = result(syscall(SYS_fchmod, fd, 0600));
  check_did(SAKER_EV_fchmod,
            &(struct did){ret, NULL, "/tmp/t/dir/file", NULL, NOTHING, .mode = 0600, .fd = fd});

  CASE("fchmod, no such descriptor");
  rings_flush();
  ret = result(syscall(SYS_fchmod, 777, 0600));
  check_did(SAKER_EV_fchmod,
            &(struct did){-EBADF, NULL, NULL, NULL, NOTHING, .mode = 0600, .fd = 777});
  check_number("ret", (uint64_t)ret, (uint64_t)-EBADF);

  CASE("fchmodat");
  rings_flush();
  ret = result(syscall(SYS_fchmodat, dir, "file", 0644));
  check_did(SAKER_EV_fchmodat, &(struct did){ret, "file", "/tmp/t/dir/file", "/tmp/t/dir", NOTHING,
                                             .dirfd = dir, .mode = 0644});
  close(fd);

  CASE("fchmodat2");
  rings_flush();
  ret = result(syscall(SYS_fchmodat2, dir, "file", 0604, AT_SYMLINK_NOFOLLOW));
  if (ret == -ENOSYS) {
    printf("SKIP fchmodat2: the kernel has no such call\n");
    return;
  }
  check_did(SAKER_EV_fchmodat,
            &(struct did){ret, "file", "/tmp/t/dir/file", "/tmp/t/dir", NOTHING, .dirfd = dir,
                          .mode = 0604, .flags = AT_SYMLINK_NOFOLLOW});
}

static void changing_owner(int dir) {
  int fd = open("/tmp/t/dir/file", O_RDONLY);
  long ret;

  CASE("chown");
  rings_flush();
  ret = result(syscall(SYS_chown, "dir/file", 11, 12));
  check_did(SAKER_EV_chown, &(struct did){ret, "dir/file", "/tmp/t/dir/file", "/tmp/t", NOTHING,
                                          .uid = 11, .gid = 12});

  CASE("lchown");
  rings_flush();
  ret = result(syscall(SYS_lchown, "/tmp/t/link", -1, 13));
  check_did(SAKER_EV_lchown,
            &(struct did){ret, "/tmp/t/link", "/tmp/t/link", NULL, NOTHING, .gid = 13});

  CASE("fchown");
  rings_flush();
  ret = result(syscall(SYS_fchown, fd, 14, -1));
  check_did(SAKER_EV_fchown,
            &(struct did){ret, NULL, "/tmp/t/dir/file", NULL, NOTHING, .uid = 14, .fd = fd});

  CASE("fchownat");
  rings_flush();
  ret = result(syscall(SYS_fchownat, dir, "file", 0, 0, AT_SYMLINK_NOFOLLOW));
  check_did(SAKER_EV_fchownat,
            &(struct did){ret, "file", "/tmp/t/dir/file", "/tmp/t/dir", NOTHING, .dirfd = dir,
                          .flags = AT_SYMLINK_NOFOLLOW, .uid = 0, .gid = 0});
  close(fd);
}

static void long_name(void) {
  static char name[3000];
  const struct saker_rec* rec;

  CASE("mkdir, name of 2999 bytes");
  memset(name, '/', sizeof(name));
  memcpy(name + 2990, "tmp/t/dir", 10);
  rings_flush();
  syscall(SYS_mkdir, name, 0700);
  rec = rings_take_mine(SAKER_EV_mkdir);
  STR(path_name, name);

  CASE("mkdir, name not mapped");
  rings_flush();
  syscall(SYS_mkdir, 8, 0700);
  rec = rings_take_mine(SAKER_EV_mkdir);
  RET(-EFAULT);
  UNREADABLE(path_name);
  ABSENT(path_path);
}

/*
 * Another thread rewrites the name all the time: whatever name the record has, its object is the
 * one that was removed.
 */
static volatile int racing;

static void* rewrite(void* arg) {
  char* name = arg;

  while (racing) name[8] ^= 'x' ^ 'y';
  return NULL;
}

static void rewritten(void) {
  static char name[] = "/tmp/t/rx";
  unsigned int i, right = 0, done = 0;
  pthread_t thread;

  CASE("unlink, name rewritten meanwhile");
  racing = 1;
  if (pthread_create(&thread, NULL, rewrite, name)) return;
  for (i = 0; i < 200; i++) {
    const struct saker_rec* rec;
    const struct saker_blob* blob;
    const char* gone;

    make("/tmp/t/rx");
    make("/tmp/t/ry");
    rings_flush();
    if (syscall(SYS_unlink, name)) continue;
    done++;
    gone = access("/tmp/t/rx", F_OK) ? "/tmp/t/rx" : "/tmp/t/ry";
    rec = rings_take_mine(SAKER_EV_unlink);
    blob = rec ? blob_of(rec, SAKER_P_path_path) : NULL;
    right += blob && blob->len == 9 && !memcmp((const char*)rec + blob->off, gone, 9);
  }
  racing = 0;
  pthread_join(thread, NULL);
  check_that(done > 100, "it was done");
  check_number("path_path, each time", right, done);
}

void test_names(void) {
  int dir = open("/tmp/t/dir", O_RDONLY | O_DIRECTORY);

  if (symlink("dir", "/tmp/t/link2")) perror("symlink");
  removing(dir);
  making(dir);
  changing_mode(dir);
  changing_owner(dir);
  long_name();
  rewritten();
  close(dir);
}
