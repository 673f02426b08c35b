/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of one record. A test makes a system call, takes its record and states what each parameter
 * must be; each check prints one line. CASE names the case; if a record is missing, all checks on
 * it fail.
 */
#ifndef SAKER_TESTS_EVENTS_CHECK_H
#define SAKER_TESTS_EVENTS_CHECK_H

#include <saker/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

extern unsigned int checks_passed, checks_failed;

void check_case(const char* format, ...) __attribute__((format(printf, 1, 2)));
void check_that(bool ok, const char* what);
void check_number(const char* what, uint64_t got, uint64_t want);
void check_u64(const struct saker_rec* rec, const char* what, unsigned int slot, uint64_t want);
void check_str(const struct saker_rec* rec, const char* what, unsigned int slot, const char* want,
               unsigned int flags);
void check_blob(const struct saker_rec* rec, const char* what, unsigned int slot, const void* want,
                size_t len, unsigned int flags);
void check_absent(const struct saker_rec* rec, const char* what, unsigned int slot,
                  unsigned int flags);
/* The two records are equal except for their time and process. */
void check_same(const struct saker_rec* rec, const struct saker_rec* like);
void check_ret(const struct saker_rec* rec, int64_t want);
/* The head, and that all @nparams slots are there. */
void check_head(const struct saker_rec* rec, pid_t pid, unsigned int nparams);
/* The same of a record that a 32-bit call made, or, not @compat, a 64-bit one. */
void check_door(const struct saker_rec* rec, bool compat, unsigned int nparams);

const struct saker_blob* blob_of(const struct saker_rec* rec, unsigned int slot);
uint64_t slot_of(const struct saker_rec* rec, unsigned int slot);
uint64_t kernel_dev(dev_t dev);

#define CASE check_case
#define U64(param, want) check_u64(rec, #param, SAKER_P_##param, (uint64_t)(want))
#define STR(param, want) check_str(rec, #param, SAKER_P_##param, want, 0)
#define STRF(param, want, flags) check_str(rec, #param, SAKER_P_##param, want, flags)
#define BLOB(param, want, len) check_blob(rec, #param, SAKER_P_##param, want, len, 0)
#define ABSENT(param) check_absent(rec, #param, SAKER_P_##param, SAKER_BLOB_ABSENT)
#define UNREADABLE(param) check_absent(rec, #param, SAKER_P_##param, SAKER_BLOB_UNREADABLE)
#define RET(want) check_ret(rec, want)
#define HEAD(last) check_head(rec, getpid(), SAKER_P_##last + 1)

#endif
