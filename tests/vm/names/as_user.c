// SPDX-License-Identifier: Apache-2.0
// as_user NUMBER COMMAND...: runs it as that user and group, which need not have names.
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char** argv) {
  unsigned int number = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;

  if (!number || setgroups(0, NULL) || setgid(number) || setuid(number)) {
    perror("as_user");
    return 1;
  }
  execvp(argv[2], argv + 2);
  perror(argv[2]);
  return 1;
}
