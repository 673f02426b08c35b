/* SPDX-License-Identifier: Apache-2.0 */
/* Through the 32-bit table of system calls: int 0x80 from a 64-bit program, and a 32-bit program.
 * Pointers are to statics. */
#define _GNU_SOURCE
#include "../events/int80.h"

#include <fcntl.h>
#include <linux/net.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evasion.h"

#define LOW(object) ((long)(object))
#define PROGRAM "/usr/bin/evasion32"

static char name[256];
static struct sockaddr_in address;
static uint32_t block[6];

static long call(long nr, long a, long b, long c, long d) {
  return int80(nr, (long[6]){a, b, c, d});
}

static int int80_open(const char* file, unsigned short port) {
  (void)port;
  strcpy(name, file);
  return call(5, LOW(name), O_RDONLY, 0, 0) < 0;
}

static int int80_openat(const char* file, unsigned short port) {
  (void)port;
  strcpy(name, file);
  return call(295, AT_FDCWD, LOW(name), O_RDWR, 0) < 0;
}

static int int80_unlink(const char* file, unsigned short port) {
  (void)port;
  strcpy(name, file);
  return call(10, LOW(name), 0, 0, 0) != 0;
}

static int int80_rename(const char* file, unsigned short port) {
  (void)port;
  strcpy(name, file);
  return call(38, LOW(name), LOW("/tmp/renamed"), 0, 0) != 0;
}

static int int80_chmod(const char* file, unsigned short port) {
  (void)port;
  strcpy(name, file);
  return call(15, LOW(name), 04755, 0, 0) != 0;
}

static int int80_connect(const char* file, unsigned short port) {
  (void)file;
  address_of(&address, port);
  call(362, socket(AF_INET, SOCK_STREAM, 0), LOW(&address), sizeof(address), 0);
  return 0;
}

static int socketcall_connect(const char* file, unsigned short port) {
  (void)file;
  address_of(&address, port);
  block[0] = (uint32_t)socket(AF_INET, SOCK_STREAM, 0);
  block[1] = (uint32_t)LOW(&address);
  block[2] = sizeof(address);
  call(102, SYS_CONNECT, LOW(block), 0, 0);
  return 0;
}

static int socketcall_sendto(const char* file, unsigned short port) {
  (void)file;
  address_of(&address, port);
  block[0] = (uint32_t)socket(AF_INET, SOCK_DGRAM, 0);
  block[1] = (uint32_t)LOW(name);
  block[2] = 1;
  block[3] = 0;
  block[4] = (uint32_t)LOW(&address);
  block[5] = sizeof(address);
  return call(102, SYS_SENDTO, LOW(block), 0, 0) != 1;
}

static void copy_program(const char* to) {
  static char bytes[1 << 16];
  int from = open(PROGRAM, O_RDONLY), into = open(to, O_CREAT | O_WRONLY | O_TRUNC, 0755);
  ssize_t len = read(from, bytes, sizeof(bytes));

  if (len > 0 && write(into, bytes, (size_t)len) == len) fchmod(into, 0755);
  close(from);
  close(into);
}

static int int80_execve(const char* file, unsigned short port) {
  static uint32_t argv[2], envp[1];

  (void)port;
  strcpy(name, file);
  copy_program(name);
  argv[0] = (uint32_t)LOW(name);
  call(11, LOW(name), LOW(argv), LOW(envp), 0);
  return 1;
}

static int run_program(const char* way, const char* file, unsigned short port) {
  char digits[8];

  snprintf(digits, sizeof(digits), "%hu", port);
  execl(PROGRAM, PROGRAM, way, file, digits, NULL);
  return 1;
}

static int program_exec(const char* file, unsigned short port) {
  (void)port;
  copy_program(file);
  execl(file, file, NULL);
  return 1;
}

static int program_open(const char* file, unsigned short port) {
  return run_program("o", file, port);
}

static int program_connect(const char* file, unsigned short port) {
  return run_program("c", file, port);
}

const struct row int80_rows[] = {
    {"C8-open", "int 0x80: open", "open", NULL, int80_open},
    {"C8-openat", "int 0x80: openat", "openat", NULL, int80_openat},
    {"C8-unlink", "int 0x80: unlink", "unlink", NULL, int80_unlink},
    {"C8-rename", "int 0x80: rename", "rename", NULL, int80_rename},
    {"C8-chmod", "int 0x80: chmod", "chmod", NULL, int80_chmod},
    {"C8-connect", "int 0x80: connect", "connect", NULL, int80_connect},
    {"C8-socketcall-connect", "socketcall: connect", "connect", NULL, socketcall_connect},
    {"C8-socketcall-sendto", "socketcall: sendto", "sendto", NULL, socketcall_sendto},
    {"C8-execve", "int 0x80: execve", "execve", NULL, int80_execve},
    {"C8-program-open", "32-bit program: open", "open", NULL, program_open},
    {"C8-program-connect", "32-bit program: socketcall connect", "connect", NULL, program_connect},
    {"C11-exec", "64-bit process becomes a 32-bit program", "execve", NULL, program_exec},
    {0},
};
