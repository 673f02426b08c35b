/* SPDX-License-Identifier: Apache-2.0 */
#include "ends.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "check.h"

static void put_address(uint8_t* to, int family, const char* text) {
  if (text && inet_pton(family, text, to) != 1) abort();
}

void check_ends(const struct saker_rec* rec, const struct ends* ends) {
  struct saker_sock want = {
      .family = (uint16_t)ends->family,
      .type = (uint8_t)ends->type,
      .role = (uint8_t)ends->role,
      .protocol = (uint16_t)ends->protocol,
      .flags = (uint16_t)ends->flags,
      .local_port = (uint16_t)ends->local_port,
      .remote_port = (uint16_t)ends->remote_port,
  };
  const struct saker_sock* got;

  put_address(want.local, ends->family, ends->local);
  put_address(want.remote, ends->family, ends->remote);
  if (!rec || blob_of(rec, SAKER_P_sock_sock)->len != sizeof(want)) {
    check_that(false, "sock_sock: it is there");
    return;
  }
  got = (const void*)((const char*)rec + blob_of(rec, SAKER_P_sock_sock)->off);
  check_number("sock: family", got->family, want.family);
  check_number("sock: type", got->type, want.type);
  check_number("sock: protocol", got->protocol, want.protocol);
  check_number("sock: role", got->role, want.role);
  check_number("sock: flags", got->flags, want.flags);
  check_number("sock: local port", got->local_port, want.local_port);
  check_number("sock: remote port", got->remote_port, want.remote_port);
  check_that(!memcmp(got->local, want.local, 16), "sock: local");
  check_that(!memcmp(got->remote, want.remote, 16), "sock: remote");
  check_number("sock: reserved", got->reserved, 0);
}

unsigned int port_of(int fd) {
  struct sockaddr_storage addr;
  socklen_t len = sizeof(addr);

  if (getsockname(fd, (struct sockaddr*)&addr, &len)) perror("getsockname");
  return ntohs(((struct sockaddr_in*)&addr)->sin_port);
}

struct sockaddr_in in4(const char* text, unsigned int port) {
  struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

  put_address((uint8_t*)&addr.sin_addr, AF_INET, text);
  return addr;
}

struct sockaddr_in6 in6(const char* text, unsigned int port) {
  struct sockaddr_in6 addr = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};

  put_address((uint8_t*)&addr.sin6_addr, AF_INET6, text);
  return addr;
}
