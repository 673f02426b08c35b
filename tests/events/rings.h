/* SPDX-License-Identifier: Apache-2.0 */
/* The test's side of the device: it asks for all events, maps the rings and keeps what comes until
 * a test takes it. */
#ifndef SAKER_TESTS_EVENTS_RINGS_H
#define SAKER_TESTS_EVENTS_RINGS_H

#include <saker/ioctl.h>
#include <saker/ring.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SELF ((pid_t)-1) /* as @ignore: the process itself, by SAKER_EVENTS_IGNORE_SELF */

/* @missing: what could not be attached, or not wholly. Any error ends the program, with a word on
 * it. */
void rings_open(void);
void rings_ask(const uint64_t* events, uint64_t* missing, pid_t ignore);
void rings_ask_all(void);
void rings_close(void);

/* Forget what has come so far. */
void rings_flush(void);
/* The first record of @type by @pid since then, taken out of the list; NULL if there is none. Valid
 * until the next flush. */
const struct saker_rec* rings_take(uint16_t type, pid_t pid);
const struct saker_rec* rings_take_mine(uint16_t type);
/* How many records are left, of any type by @pid. */
unsigned int rings_count(uint16_t type, pid_t pid);

/* Sums over all rings. */
struct ring_totals {
  uint64_t seen, written, lost;
};
struct ring_totals rings_totals(void);
int rings_fd(void);
/* Are operations of io_uring hooked? */
bool rings_uring(void);
uint64_t rings_supported(unsigned int word);
/* The module supports it, and no test ever took a record of it. */
bool rings_untaken(uint16_t type);

#endif
