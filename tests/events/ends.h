/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends of a socket in a record, and addresses. */
#ifndef SAKER_TESTS_EVENTS_ENDS_H
#define SAKER_TESTS_EVENTS_ENDS_H

#include <netinet/in.h>
#include <saker/event.h>

/* The expected ends; ports chosen by the kernel are read from the socket. */
struct ends {
  int family, type, protocol, role, flags;
  const char *local, *remote;
  unsigned int local_port, remote_port;
};

void check_ends(const struct saker_rec* rec, const struct ends* ends);
/* The local port, which the kernel may have chosen. */
unsigned int port_of(int fd);
struct sockaddr_in in4(const char* text, unsigned int port);
struct sockaddr_in6 in6(const char* text, unsigned int port);

#endif
