/* SPDX-License-Identifier: Apache-2.0 */
/* The test's side of the device: it requests all events, maps the rings and keeps the records
 * until a test takes them. */
#ifndef SAKER_TESTS_EVENTS_RINGS_H
#define SAKER_TESTS_EVENTS_RINGS_H

#include <saker/ioctl.h>
#include <saker/ring.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define LIFE_BYTES (1u << 20) /* of a CPU's ring of lane LIFE */
#define SELF ((pid_t)-1)      /* as @ignore: the process itself, by SAKER_EVENTS_IGNORE_SELF */

/* @missing: events that could not be attached, or only in part. Any error ends the program with
 * a message. */
void rings_open(void);
void rings_ask(const uint64_t* events, uint64_t* missing, pid_t ignore);
void rings_ask_all(void);
void rings_close(void);

/* Drop the records so far. */
void rings_flush(void);
/* The first record of @type by @pid since then, taken out of the list; NULL if there is none. Valid
 * until the next flush. */
const struct saker_rec* rings_take(uint16_t type, pid_t pid);
const struct saker_rec* rings_take_mine(uint16_t type);
/* The number of remaining records of @pid, of any type. */
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
/* The module supports it, but no test ever took a record of it. */
bool rings_untaken(uint16_t type);

#endif
