/* SPDX-License-Identifier: Apache-2.0 */
/* open, openat, openat2, creat, open_by_handle_at. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "check.h"
#include "rings.h"
#include "tests.h"

/* The file of the record's descriptor. */
static void check_file(const struct saker_rec* rec, int fd, unsigned int type,
                       unsigned int fileflags) {
  struct stat st;

  fstat(fd, &st);
  U64(open_fd, fd);
  RET(fd);
  U64(open_dev, kernel_dev(st.st_dev));
  U64(open_ino, st.st_ino);
  U64(open_fdtype, type);
  U64(open_fileflags, fileflags);
}

static void absolute_and_created(void) {
  const struct saker_rec* rec;
  long fd;

  CASE("open, created");
  rings_flush();
  fd = syscall(SYS_open, "/tmp/t/new", O_CREAT | O_WRONLY, 0640);
  rec = rings_take_mine(SAKER_EV_open);
  HEAD(open_fileflags);
  check_file(rec, (int)fd, 'f', SAKER_FILE_CREATED);
  STR(open_name, "/tmp/t/new");
  STR(open_path, "/tmp/t/new");
  ABSENT(open_base);
  U64(open_dirfd, AT_FDCWD);
  U64(open_flags, O_CREAT | O_WRONLY);
  U64(open_mode, 0640);
  U64(open_resolve, 0);
  close((int)fd);

  CASE("open, existing, mode ignored");
  rings_flush();
  fd = syscall(SYS_open, "/tmp/t/new", O_RDONLY, 07777);
  rec = rings_take_mine(SAKER_EV_open);
  check_file(rec, (int)fd, 'f', 0);
  U64(open_flags, O_RDONLY);
  U64(open_mode, 0);
  close((int)fd);
}

static void creat_call(void) {
  const struct saker_rec* rec;
  long fd;

  CASE("creat");
  rings_flush();
  fd = syscall(SYS_creat, "/tmp/t/made", 0604);
  rec = rings_take_mine(SAKER_EV_creat);
  HEAD(open_fileflags);
  check_file(rec, (int)fd, 'f', SAKER_FILE_CREATED);
  STR(open_name, "/tmp/t/made");
  STR(open_path, "/tmp/t/made");
  ABSENT(open_base);
  U64(open_flags, O_CREAT | O_WRONLY | O_TRUNC);
  U64(open_mode, 0604);
  close((int)fd);
}

/* A file without a name: what a handle means on a file system that has handles. */
static void by_handle(void) {
  struct {
    struct file_handle head;
    char bytes[MAX_HANDLE_SZ];
  } handle = {.head = {.handle_bytes = MAX_HANDLE_SZ}};
  const struct saker_rec* rec;
  int root, mount_id, fd;

  mkdir("/tmp/handles", 0755);
  if (mount("x", "/tmp/handles", "tmpfs", 0, NULL)) abort();
  close(open("/tmp/handles/file", O_CREAT | O_WRONLY, 0600));
  root = open("/tmp/handles", O_RDONLY);
  check_that(!name_to_handle_at(root, "file", &handle.head, &mount_id, 0), "it has a handle");

  CASE("open_by_handle_at");
  rings_flush();
  fd = open_by_handle_at(root, &handle.head, O_WRONLY);
  rec = rings_take_mine(SAKER_EV_open_by_handle_at);
  HEAD(open_fileflags);
  check_that(fd >= 0, "it is opened");
  check_file(rec, fd, 'f', 0);
  ABSENT(open_name);
  STR(open_path, "/tmp/handles/file");
  ABSENT(open_base);
  U64(open_dirfd, root);
  U64(open_flags, O_WRONLY);
  U64(open_mode, 0);
  close(fd);

  CASE("open_by_handle_at, a handle of nothing");
  memset(handle.bytes, 0xff, sizeof(handle.bytes));
  rings_flush();
  fd = open_by_handle_at(root, &handle.head, O_RDONLY) < 0 ? -errno : 0;
  rec = rings_take_mine(SAKER_EV_open_by_handle_at);
  RET(fd);
  U64(open_fd, fd);
  ABSENT(open_name);
  ABSENT(open_path);
  close(root);
  umount2("/tmp/handles", MNT_DETACH);
}

static void relative(void) {
  const struct saker_rec* rec;
  int dir, fd;

  CASE("openat, relative to the working directory");
  rings_flush();
  fd = openat(AT_FDCWD, "../t/./new", O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  HEAD(open_fileflags);
  check_file(rec, fd, 'f', 0);
  STR(open_name, "../t/./new");
  STR(open_path, "/tmp/t/new");
  STR(open_base, "/tmp/t");
  U64(open_dirfd, AT_FDCWD);
  close(fd);

  CASE("openat, relative to a directory");
  dir = open("/tmp/t/dir", O_RDONLY | O_DIRECTORY);
  rings_flush();
  fd = openat(dir, "file", O_RDWR);
  rec = rings_take_mine(SAKER_EV_openat);
  check_file(rec, fd, 'f', 0);
  STR(open_name, "file");
  STR(open_path, "/tmp/t/dir/file");
  STR(open_base, "/tmp/t/dir");
  U64(open_dirfd, dir);
  U64(open_flags, O_RDWR);
  close(fd);
  close(dir);

  CASE("openat, no such directory descriptor");
  rings_flush();
  syscall(SYS_openat, 777, "file", O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  RET(-EBADF);
  STR(open_name, "file");
  ABSENT(open_path);
  ABSENT(open_base);
  U64(open_dirfd, 777);
}

static void resolved(void) {
  static const struct {
    const char *name, *path;
  } ways[] = {
      {"/tmp/t/link", "/tmp/t/dir/file"},
      {"/proc/self/root/tmp/t/new", "/tmp/t/new"},
      {"/proc/self/cwd/new", "/tmp/t/new"},
      {"/tmp/t/dir/..//new", "/tmp/t/new"},
  };
  const struct saker_rec* rec;
  unsigned int i;
  int fd;

  for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
    CASE("openat %s", ways[i].name);
    rings_flush();
    fd = openat(AT_FDCWD, ways[i].name, O_RDONLY);
    rec = rings_take_mine(SAKER_EV_openat);
    STR(open_name, ways[i].name);
    STR(open_path, ways[i].path);
    close(fd);
  }
}

static void failing(void) {
  const struct saker_rec* rec;

  CASE("openat of what is not there");
  rings_flush();
  openat(AT_FDCWD, "/tmp/t/none", O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  HEAD(open_fileflags);
  RET(-ENOENT);
  U64(open_fd, -ENOENT);
  STR(open_name, "/tmp/t/none");
  ABSENT(open_path);
  ABSENT(open_base);
  U64(open_dev, 0);
  U64(open_ino, 0);
  U64(open_fdtype, SAKER_FD_NONE);
  U64(open_fileflags, 0);

  CASE("openat of what is not there, relative");
  rings_flush();
  openat(AT_FDCWD, "none", O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  STR(open_name, "none");
  STR(open_base, "/tmp/t");

  CASE("openat, name not mapped");
  rings_flush();
  syscall(SYS_openat, AT_FDCWD, 8, O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  RET(-EFAULT);
  UNREADABLE(open_name);
  ABSENT(open_path);

  CASE("openat, empty name");
  rings_flush();
  syscall(SYS_openat, AT_FDCWD, "", O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  RET(-ENOENT);
  STR(open_name, "");
}

/* Around the length that struct saker_call stores itself, and around the longest possible name. */
static void long_names(void) {
  static const size_t lengths[] = {254, 255, 256, 257, 1000, 4094, 4095, 4096, 5000};
  static char name[5001];
  const struct saker_rec* rec;
  unsigned int i;

  for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
    size_t len = lengths[i], kept = len > 4095 ? 4095 : len;

    CASE("openat, name of %zu bytes", len);
    memset(name, '/', len);
    memcpy(name + len - 4, "none", 4);
    name[len] = 0;
    rings_flush();
    openat(AT_FDCWD, name, O_RDONLY);
    rec = rings_take_mine(SAKER_EV_openat);
    RET(len > 4095 ? -ENAMETOOLONG : -ENOENT);
    check_blob(rec, "open_name", SAKER_P_open_name, name, kept,
               len > kept ? SAKER_BLOB_TRUNCATED : 0);
  }
}

/* The page with the name is not in memory when the call begins: the kernel has to read it first. */
static void name_not_resident(void) {
  static const char name[] = "/tmp/t/new";
  const struct saker_rec* rec;
  char* page;
  int fd;

  CASE("openat, name in a page not resident");
  fd = open("/tmp/t/name", O_CREAT | O_RDWR | O_TRUNC, 0600);
  check_that(write(fd, name, sizeof(name)) == sizeof(name), "prepared");
  page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  rings_flush();
  fd = openat(AT_FDCWD, page, O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  RET(fd);
  STR(open_name, name);
  STR(open_path, name);
  ABSENT(open_base);
  close(fd);
  munmap(page, 4096);
}

static void deleted(void) {
  const struct saker_rec* rec;
  int fd;

  CASE("openat in a working directory that is gone");
  mkdir("/tmp/t/gone", 0700);
  if (chdir("/tmp/t/gone")) perror("chdir");
  rmdir("/tmp/t/gone");
  rings_flush();
  fd = openat(AT_FDCWD, ".", O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  check_file(rec, fd, 'd', 0);
  STR(open_name, ".");
  STRF(open_path, "/tmp/t/gone", SAKER_BLOB_DELETED);
  STRF(open_base, "/tmp/t/gone", SAKER_BLOB_DELETED);
  close(fd);
  if (chdir("/tmp/t")) perror("chdir");

  CASE("openat of a file whose name says that it is deleted");
  fd = open("/tmp/t/x (deleted)", O_CREAT | O_RDWR, 0600);
  close(fd);
  rings_flush();
  fd = openat(AT_FDCWD, "/tmp/t/x (deleted)", O_RDONLY);
  rec = rings_take_mine(SAKER_EV_openat);
  STR(open_path, "/tmp/t/x (deleted)");
  close(fd);
}

static void kinds(void) {
  static const struct {
    const char* name;
    int flags;
    unsigned int type;
  } kinds[] = {
      {"/tmp/t/dir", O_RDONLY, 'd'},
      {"/tmp/t/fifo", O_RDWR, 'p'},
      {"/dev/null", O_RDWR, 'f'},
      {"/tmp/t/new", O_PATH, 'f'},
  };
  const struct saker_rec* rec;
  unsigned int i;
  int fd;

  for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    CASE("openat, what it is: %s", kinds[i].name);
    rings_flush();
    fd = openat(AT_FDCWD, kinds[i].name, kinds[i].flags);
    rec = rings_take_mine(SAKER_EV_openat);
    check_file(rec, fd, kinds[i].type, 0);
    STR(open_path, kinds[i].name);
    close(fd);
  }
}

static void openat2_call(void) {
  struct open_how how = {
      .flags = O_RDWR | O_CREAT | O_CLOEXEC, .mode = 0611, .resolve = RESOLVE_NO_SYMLINKS};
  const struct saker_rec* rec;
  long fd;

  CASE("openat2");
  rings_flush();
  fd = syscall(SYS_openat2, AT_FDCWD, "two", &how, sizeof(how));
  rec = rings_take_mine(SAKER_EV_openat2);
  HEAD(open_fileflags);
  check_file(rec, (int)fd, 'f', SAKER_FILE_CREATED);
  STR(open_name, "two");
  STR(open_path, "/tmp/t/two");
  STR(open_base, "/tmp/t");
  U64(open_dirfd, AT_FDCWD);
  U64(open_flags, O_RDWR | O_CREAT | O_CLOEXEC);
  U64(open_mode, 0611);
  U64(open_resolve, RESOLVE_NO_SYMLINKS);
  close((int)fd);

  CASE("openat2, refused");
  how = (struct open_how){.flags = O_RDONLY, .resolve = RESOLVE_NO_SYMLINKS};
  rings_flush();
  syscall(SYS_openat2, AT_FDCWD, "/tmp/t/link", &how, sizeof(how));
  rec = rings_take_mine(SAKER_EV_openat2);
  RET(-ELOOP);
  STR(open_name, "/tmp/t/link");
  U64(open_resolve, RESOLVE_NO_SYMLINKS);
}

static struct open_how shared_how;

/* While calls read it, it alternates between the two, at varying intervals. */
static void* rewrites(void* until) {
  unsigned int i, spins = 1;

  while (!__atomic_load_n((bool*)until, __ATOMIC_RELAXED)) {
    __atomic_fetch_xor(&shared_how.flags, O_RDWR, __ATOMIC_RELAXED);
    spins = (spins * 5 + 1) % 4096;
    for (i = 0; i < spins; i++) __asm__ volatile("");
  }
  return NULL;
}

/* A file opened for writing is reported as such, whatever user memory contains before or after. */
static void openat2_rewritten(void) {
  enum { CALLS = 2000 };
  unsigned int i, written = 0, hidden = 0;
  bool over = false;
  pthread_t thread;

  CASE("openat2, arguments rewritten meanwhile");
  pthread_create(&thread, NULL, rewrites, &over);
  for (i = 0; i < CALLS; i++) {
    const struct saker_rec* rec;
    int fd;

    rings_flush();
    fd = (int)syscall(SYS_openat2, AT_FDCWD, "/tmp/t/dir/file", &shared_how, sizeof(shared_how));
    rec = rings_take_mine(SAKER_EV_openat2);
    if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR) {
      written++;
      hidden += !rec || (slot_of(rec, SAKER_P_open_flags) & O_ACCMODE) != O_RDWR;
    }
    close(fd);
  }
  over = true;
  pthread_join(thread, NULL);
  check_that(written > 0, "some are opened for writing");
  check_number("of which the record says otherwise", hidden, 0);
}

/* In a page that the kernel has to fetch: read at the exit. */
static void openat2_not_resident(void) {
  const struct open_how how = {.flags = O_RDWR | O_CLOEXEC};
  const struct saker_rec* rec;
  int fd, file = openat(AT_FDCWD, "how", O_CREAT | O_RDWR, 0600);
  void* page;

  CASE("openat2, arguments not in memory");
  if (write(file, &how, sizeof(how)) != sizeof(how)) perror("how");
  page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
  rings_flush();
  fd = (int)syscall(SYS_openat2, AT_FDCWD, "/tmp/t/dir/file", page, sizeof(how));
  rec = rings_take_mine(SAKER_EV_openat2);
  U64(open_flags, O_RDWR | O_CLOEXEC);
  close(fd);
  munmap(page, 4096);
  close(file);
}

/* Deeper than a path can be written: only its beginning is kept, and flagged as truncated. */
static void deep(void) {
  const struct saker_rec* rec;
  const struct saker_blob* blob;
  char part[201];
  unsigned int i;
  int fd;

  CASE("openat, path of 6000 bytes");
  memset(part, 'd', 200);
  part[200] = 0;
  for (i = 0; i < 30; i++)
    if (mkdir(part, 0700) || chdir(part)) perror(part);
  rings_flush();
  fd = openat(AT_FDCWD, "file", O_CREAT | O_RDWR, 0600);
  rec = rings_take_mine(SAKER_EV_openat);
  RET(fd);
  STR(open_name, "file");
  if (rec) {
    blob = blob_of(rec, SAKER_P_open_path);
    check_number("open_path: flags", blob->flags, SAKER_BLOB_TRUNCATED);
    /* Whole names, and as many as fit. */
    check_number("open_path: bytes", blob->len, sizeof("/tmp/t") - 1 + 20 * sizeof(part));
    check_that(!memcmp((const char*)rec + blob->off, "/tmp/t/ddd", 10), "open_path: its beginning");
    check_number("open_base: flags", blob_of(rec, SAKER_P_open_base)->flags, SAKER_BLOB_TRUNCATED);
  }
  close(fd);
  unlink("file");
  for (i = 0; i < 30; i++)
    if (chdir("..") || rmdir(part)) perror(part);
}

/* Opened twice, because the module remembers the path of a mount. */
static void opened_as(const char* name, const char* path) {
  unsigned int i;

  for (i = 0; i < 2; i++) {
    const struct saker_rec* rec;
    int fd;

    rings_flush();
    fd = openat(AT_FDCWD, name, O_CREAT | O_RDWR, 0644);
    rec = rings_take_mine(SAKER_EV_openat);
    check_that(fd >= 0, "it is opened");
    STR(open_path, path);
    close(fd);
  }
}

/* What a relative name starts from is as the task would name it; the file is where it is. */
static void in_another_root(void) {
  const struct saker_rec* rec;
  int fd;

  CASE("openat of a relative name below another root directory");
  if (chdir("/deep")) abort();
  fd = openat(AT_FDCWD, "file", O_RDWR);
  rec = rings_take_mine(SAKER_EV_openat);
  check_that(fd >= 0, "it is opened");
  STR(open_base, "/deep");
  STR(open_path, "/tmp/m/three/deep/file");
  close(fd);
}

/* A copy of a mount that is attached nowhere: its files are named from the file system's top on. */
static void in_detached_mount(void) {
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/tmp/m/two/at/dir", OPEN_TREE_CLONE);
  const struct saker_rec* rec;
  int fd;

  CASE("openat in a mount that is attached nowhere");
  check_that(tree >= 0, "there is one");
  rings_flush();
  fd = openat(tree, "file", O_CREAT | O_RDWR, 0644);
  rec = rings_take_mine(SAKER_EV_openat);
  check_that(fd >= 0, "it is opened");
  STRF(open_path, "/dir/file", SAKER_BLOB_UNREACHABLE);
  close(fd);
  close(tree);
}

/* The place of a mount has another name, is another place, or is that of another mount. */
static void moved_mounts(void) {
  int root = open("/", O_RDONLY);

  mkdir("/tmp/m", 0755);
  mkdir("/tmp/m/one", 0755);
  mkdir("/tmp/m/one/at", 0755);
  CASE("openat in a mount");
  if (mount("x", "/tmp/m/one/at", "tmpfs", 0, NULL)) abort();
  opened_as("/tmp/m/one/at/file", "/tmp/m/one/at/file");
  CASE("openat in a mount below a renamed directory");
  if (rename("/tmp/m/one", "/tmp/m/two")) abort();
  opened_as("/tmp/m/two/at/file", "/tmp/m/two/at/file");
  CASE("openat in a moved mount");
  mkdir("/tmp/m/three", 0755);
  if (mount("/tmp/m/two/at", "/tmp/m/three", NULL, MS_MOVE, NULL)) abort();
  opened_as("/tmp/m/three/file", "/tmp/m/three/file");
  CASE("openat in a mount below a mount");
  mkdir("/tmp/m/three/deep", 0755);
  if (mount("x", "/tmp/m/three/deep", "tmpfs", 0, NULL)) abort();
  opened_as("/tmp/m/three/deep/file", "/tmp/m/three/deep/file");
  opened_as("/tmp/m/three/file", "/tmp/m/three/file");
  CASE("openat in a mount below another root directory");
  if (chroot("/tmp/m")) abort();
  opened_as("/three/deep/file", "/tmp/m/three/deep/file");
  opened_as("/three/deep/file", "/tmp/m/three/deep/file");
  if (chroot("/three")) abort();
  opened_as("/deep/file", "/tmp/m/three/deep/file");
  opened_as("/file", "/tmp/m/three/file");
  in_another_root();
  if (fchdir(root) || chroot(".")) abort();
  opened_as("/tmp/m/three/deep/file", "/tmp/m/three/deep/file");
  CASE("openat in another mount at the same place");
  umount2("/tmp/m/three/deep", 0);
  umount2("/tmp/m/three", 0);
  if (mount("x", "/tmp/m/two/at", "tmpfs", 0, NULL)) abort();
  opened_as("/tmp/m/two/at/file", "/tmp/m/two/at/file");
  mkdir("/tmp/m/two/at/dir", 0755);
  in_detached_mount();
  opened_as("/tmp/m/two/at/file", "/tmp/m/two/at/file");
  umount2("/tmp/m/two/at", 0);
  close(root);
  if (chdir("/tmp/t")) abort();
}

void test_open(void) {
  absolute_and_created();
  creat_call();
  by_handle();
  moved_mounts();
  relative();
  resolved();
  failing();
  long_names();
  name_not_resident();
  deleted();
  kinds();
  openat2_call();
  openat2_rewritten();
  openat2_not_resident();
  deep();
}
