/* SPDX-License-Identifier: Apache-2.0 */
/* A system call by the 32-bit numbers, from this 64-bit program: pointers must be below 4 GiB, as
 * statics are. */
#ifndef SAKER_TESTS_EVENTS_INT80_H
#define SAKER_TESTS_EVENTS_INT80_H

#include <stdint.h>

/* What the kernel returned: not errno, but its negative. The upper halves of registers contain
 * garbage on purpose. */
static inline long int80(long nr, const long* args) {
  const uint64_t rubbish = 0xdeadbeef00000000;
  uint64_t a[6];
  int i;
  long ret;

  for (i = 0; i < 6; i++) a[i] = (uint32_t)args[i] | rubbish;
  __asm__ volatile(
      "sub $128, %%rsp\n\t"
      "push %%rbp\n\t"
      "mov %[sixth], %%rbp\n\t"
      "int $0x80\n\t"
      "pop %%rbp\n\t"
      "add $128, %%rsp"
      : "=a"(ret)
      : "a"(nr), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4]), [sixth] "r"(a[5])
      : "memory", "cc", "r8", "r9", "r10", "r11");
  return ret;
}

#endif
