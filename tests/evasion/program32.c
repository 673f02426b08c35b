/* SPDX-License-Identifier: Apache-2.0 */
/* A 32-bit program without a C library: evasion32 o FILE opens it, evasion32 c FILE PORT connects
 * to the port, by socketcall. */

static int call(int nr, int a, int b, int c) {
  int ret;

  __asm__ volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
  return ret;
}

static int connect_to(const char* digits) {
  unsigned char address[16] = {2, 0, 0, 0, 127, 0, 0, 1};
  int args[3] = {2, 1, 0}, port = 0;

  while (*digits) port = port * 10 + *digits++ - '0';
  address[2] = (unsigned char)(port >> 8);
  address[3] = (unsigned char)port;
  args[0] = call(102, 1, (int)args, 0);
  args[1] = (int)address;
  args[2] = sizeof(address);
  call(102, 3, (int)args, 0);
  return 0;
}

__attribute__((used)) void start(int* stack) {
  char** argv = (char**)(stack + 1);
  int ret = 0;

  if (*stack > 3 && *argv[1] == 'c')
    ret = connect_to(argv[3]);
  else if (*stack > 2)
    ret = call(5, (int)argv[2], 0, 0) < 0;
  call(1, ret, 0, 0);
  __builtin_unreachable();
}

__asm__(
    ".globl _start\n_start:\n\tmov %esp, %eax\n\tand $-16, %esp\n\tsub $12, %esp\n\tpush "
    "%eax\n\tcall start\n");
