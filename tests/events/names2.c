/* SPDX-License-Identifier: Apache-2.0 */
/* rename, link, symlink and their *at forms. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "rings.h"
#include "tests.h"

struct did {
  const char *oldname, *newname, *oldpath, *newpath, *oldbase, *newbase;
  int olddirfd, newdirfd;
  unsigned int flags;
};

static void check_opt(const struct saker_rec* rec, const char* what, unsigned int slot,
                      const char* want) {
  if (want)
    check_str(rec, what, slot, want, 0);
  else
    check_absent(rec, what, slot, SAKER_BLOB_ABSENT);
}

static void check_did(uint16_t event, long ret, const struct did* did) {
  const struct saker_rec* rec = rings_take_mine(event);

  HEAD(path2_flags);
  RET(ret);
  check_opt(rec, "path2_oldname", SAKER_P_path2_oldname, did->oldname);
  check_opt(rec, "path2_newname", SAKER_P_path2_newname, did->newname);
  check_opt(rec, "path2_oldpath", SAKER_P_path2_oldpath, did->oldpath);
  check_opt(rec, "path2_newpath", SAKER_P_path2_newpath, did->newpath);
  check_opt(rec, "path2_oldbase", SAKER_P_path2_oldbase, did->oldbase);
  check_opt(rec, "path2_newbase", SAKER_P_path2_newbase, did->newbase);
  U64(path2_olddirfd, did->olddirfd);
  U64(path2_newdirfd, did->newdirfd);
  U64(path2_flags, did->flags);
}

static void make(const char* name) { close(open(name, O_CREAT | O_WRONLY, 0644)); }

static void renaming(int dir) {
  long ret;

  CASE("rename");
  make("/tmp/t/a");
  rings_flush();
  ret = syscall(SYS_rename, "a", "/tmp/t/dir/b");
  check_did(SAKER_EV_rename, ret,
            &(struct did){"a", "/tmp/t/dir/b", "/tmp/t/a", "/tmp/t/dir/b", "/tmp/t", NULL, AT_FDCWD,
                          AT_FDCWD, 0});
  CASE("renameat");
  rings_flush();
  ret = syscall(SYS_renameat, dir, "b", AT_FDCWD, "dir/c");
  check_did(SAKER_EV_renameat, ret,
            &(struct did){"b", "dir/c", "/tmp/t/dir/b", "/tmp/t/dir/c", "/tmp/t/dir", "/tmp/t", dir,
                          AT_FDCWD, 0});
  CASE("renameat2, exchange");
  make("/tmp/t/a");
  rings_flush();
  ret = syscall(SYS_renameat2, AT_FDCWD, "/tmp/t/a", dir, "c", 2);
  check_did(SAKER_EV_renameat2, ret,
            &(struct did){"/tmp/t/a", "c", "/tmp/t/a", "/tmp/t/dir/c", NULL, "/tmp/t/dir", AT_FDCWD,
                          dir, 2});
  CASE("rename of what is not there");
  rings_flush();
  syscall(SYS_rename, "/tmp/t/none", "/tmp/t/x");
  check_did(
      SAKER_EV_rename, -ENOENT,
      &(struct did){"/tmp/t/none", "/tmp/t/x", NULL, NULL, NULL, NULL, AT_FDCWD, AT_FDCWD, 0});
  unlink("/tmp/t/a");
  unlink("/tmp/t/dir/c");
}

static void linking(int dir) {
  long ret;

  CASE("link");
  rings_flush();
  ret = syscall(SYS_link, "/tmp/t/dir/file", "hard");
  check_did(SAKER_EV_link, ret,
            &(struct did){"/tmp/t/dir/file", "hard", "/tmp/t/dir/file", "/tmp/t/hard", NULL,
                          "/tmp/t", AT_FDCWD, AT_FDCWD, 0});
  unlink("/tmp/t/hard");

  CASE("linkat, following");
  rings_flush();
  ret = syscall(SYS_linkat, AT_FDCWD, "/tmp/t/link", dir, "hard", AT_SYMLINK_FOLLOW);
  check_did(SAKER_EV_linkat, ret,
            &(struct did){"/tmp/t/link", "hard", "/tmp/t/dir/file", "/tmp/t/dir/hard", NULL,
                          "/tmp/t/dir", AT_FDCWD, dir, AT_SYMLINK_FOLLOW});
  unlink("/tmp/t/dir/hard");

  CASE("symlink");
  rings_flush();
  ret = syscall(SYS_symlink, "../../etc/shadow", "/tmp/t/sym");
  check_did(SAKER_EV_symlink, ret,
            &(struct did){"../../etc/shadow", "/tmp/t/sym", NULL, "/tmp/t/sym", NULL, NULL,
                          AT_FDCWD, AT_FDCWD, 0});
  unlink("/tmp/t/sym");

  CASE("symlinkat");
  rings_flush();
  ret = syscall(SYS_symlinkat, "/etc/shadow", dir, "sym");
  check_did(SAKER_EV_symlinkat, ret,
            &(struct did){"/etc/shadow", "sym", NULL, "/tmp/t/dir/sym", NULL, "/tmp/t/dir",
                          AT_FDCWD, dir, 0});
  unlink("/tmp/t/dir/sym");
}

static void long_names(void) {
  static char old[4001], new[2001];
  const struct saker_rec* rec;

  CASE("rename, names of 4000 and 2000 bytes");
  memset(old, '/', 4000);
  memset(new, '/', 2000);
  old[3999] = 'o';
  new[1999] = 'n';
  rings_flush();
  syscall(SYS_rename, old, new);
  rec = rings_take_mine(SAKER_EV_rename);
  RET(-ENOENT);
  STR(path2_oldname, old);
  STR(path2_newname, new);
  ABSENT(path2_oldpath);

  CASE("rename, second name not mapped");
  rings_flush();
  syscall(SYS_rename, "/tmp/t/dir/file", 8);
  rec = rings_take_mine(SAKER_EV_rename);
  RET(-EFAULT);
  STR(path2_oldname, "/tmp/t/dir/file");
  UNREADABLE(path2_newname);
}

void test_names2(void) {
  int dir = open("/tmp/t/dir", O_RDONLY | O_DIRECTORY);

  renaming(dir);
  linking(dir);
  long_names();
  close(dir);
}
