/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "evasion.h"

static const struct row* const tables[] = {plain_rows, int80_rows, uring_rows};

#define FIRST_PORT 42000

void address_of(struct sockaddr_in* address, unsigned short port) {
  *address = (struct sockaddr_in){
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* ID, two texts of which an alert must contain one, the event, why it is not seen or "-", and a
 * description. */
static void list(const struct row* row, unsigned short port) {
  printf("%s|/tmp/evasion/%s|port %hu|%s|%s|%s\n", row->id, row->id, port, row->event,
         row->not_yet ? row->not_yet : "-", row->what);
}

int main(int argc, char** argv) {
  unsigned short port = FIRST_PORT;
  const struct row* row;
  char file[256];
  unsigned int i;

  if (argc != 2) errx(2, "usage: evasion list | ID");
  for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
    for (row = tables[i]; row->id; row++, port++) {
      if (!strcmp(argv[1], "list")) {
        list(row, port);
      } else if (!strcmp(argv[1], row->id)) {
        snprintf(file, sizeof(file), "/tmp/evasion/%s", row->id);
        return row->run(file, port);
      }
    }
  }
  return strcmp(argv[1], "list") ? 2 : 0;
}
