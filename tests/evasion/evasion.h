/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways around a sensor, each a row: what it is, whether the sensor is known to see it, and a
 * function that does it to a file or a port of the row's own. `evasion list` prints the rows,
 * `evasion ID` does one.
 */
#ifndef SAKER_TESTS_EVASION_H
#define SAKER_TESTS_EVASION_H

/*
 * @id:		unique, and the name of the file; begins with the letter and number of its group in
 *		docs/evasion.md
 * @what:	in words
 * @event:	the event that shows it
 * @not_yet:	NULL: it is seen; else why it is not
 * @run:	0 if it was done, 77 if this kernel does not allow it
 */
struct row {
  const char* id;
  const char* what;
  const char* event;
  const char* not_yet;
  int (*run)(const char* file, unsigned short port);
};

/* Each table ends with a row without an id. */
extern const struct row plain_rows[], int80_rows[], uring_rows[];

/* Connects to the port on this host. No server listens there, and connect() may fail. */
struct sockaddr_in;
void address_of(struct sockaddr_in* address, unsigned short port);

#define SKIPPED 77

#endif
