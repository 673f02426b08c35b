/* SPDX-License-Identifier: Apache-2.0 */
/* The tests, in the order in which they run; each finds an empty list of records and /tmp/t as its
 * working directory. */
#ifndef SAKER_TESTS_EVENTS_TESTS_H
#define SAKER_TESTS_EVENTS_TESTS_H

void test_open(void);
void test_sock(void);
void test_mmsg(void);
void test_names(void);
void test_names2(void);
void test_life(void);
void test_exec(const char* self);
void test_exec_failed(void);
void test_overlay(const char* self);
void test_other(void);
void test_made(void);
void test_simple(void);
void test_generic(void);
void test_uring(void);
void test_races(void);
void test_doors(void);
void test_doors_life(const char* self);
void test_attach(void);
/* Takes minutes in a guest without KVM, so only on request. */
void test_stress(void);

/* Run as a child by the tests, not as a test: argv[1] selects what to do. */
int child_main(int argc, char** argv);

#endif
