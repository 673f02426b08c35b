/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

unsigned int checks_passed, checks_failed;
static char current_case[256];

void check_case(const char* format, ...) {
  va_list args;

  va_start(args, format);
  vsnprintf(current_case, sizeof(current_case), format, args);
  va_end(args);
}

static void passed(const char* what) {
  checks_passed++;
  printf("ok %s: %s\n", current_case, what);
}

static void failed(const char* what, const char* format, ...) __attribute__((format(printf, 2, 3)));
static void failed(const char* what, const char* format, ...) {
  va_list args;

  checks_failed++;
  printf("FAILED %s: %s: ", current_case, what);
  va_start(args, format);
  vprintf(format, args);
  va_end(args);
  printf("\n");
}

void check_that(bool ok, const char* what) {
  if (ok)
    passed(what);
  else
    failed(what, "no");
}

void check_number(const char* what, uint64_t got, uint64_t want) {
  if (got == want)
    passed(what);
  else
    failed(what, "%" PRIu64 " (%#" PRIx64 "), not %" PRIu64 " (%#" PRIx64 ")", got, got, want,
           want);
}

static const uint64_t* slots_of(const struct saker_rec* rec) {
  return (const uint64_t*)((const char*)rec + SAKER_REC_HEAD);
}

uint64_t slot_of(const struct saker_rec* rec, unsigned int slot) {
  return rec && slot < rec->nparams ? slots_of(rec)[slot] : UINT64_MAX;
}

const struct saker_blob* blob_of(const struct saker_rec* rec, unsigned int slot) {
  return (const struct saker_blob*)&slots_of(rec)[slot];
}

static bool there(const struct saker_rec* rec, const char* what, unsigned int slot) {
  if (!rec)
    failed(what, "no record");
  else if (slot >= rec->nparams)
    failed(what, "the record has %u slots only", rec->nparams);
  else
    return true;
  return false;
}

void check_u64(const struct saker_rec* rec, const char* what, unsigned int slot, uint64_t want) {
  if (there(rec, what, slot)) check_number(what, slots_of(rec)[slot], want);
}

void check_blob(const struct saker_rec* rec, const char* what, unsigned int slot, const void* want,
                size_t len, unsigned int flags) {
  const struct saker_blob* blob;

  if (!there(rec, what, slot)) return;
  blob = blob_of(rec, slot);
  if (blob->flags != flags)
    failed(what, "flags %#x, not %#x, \"%.*s\"", blob->flags, flags, (int)blob->len,
           (const char*)rec + blob->off);
  else if (blob->off % 8 || blob->off + blob->len > rec->len)
    failed(what, "bytes %u to %u lie outside", blob->off, blob->off + blob->len);
  else if (blob->len != len || memcmp((const char*)rec + blob->off, want, len))
    failed(what, "\"%.*s\" (%u bytes), not \"%.*s\" (%zu bytes)", (int)blob->len,
           (const char*)rec + blob->off, blob->len, (int)len, (const char*)want, len);
  else
    passed(what);
}

void check_str(const struct saker_rec* rec, const char* what, unsigned int slot, const char* want,
               unsigned int flags) {
  check_blob(rec, what, slot, want, strlen(want), flags);
}

void check_absent(const struct saker_rec* rec, const char* what, unsigned int slot,
                  unsigned int flags) {
  const struct saker_blob* blob;

  if (!there(rec, what, slot)) return;
  blob = blob_of(rec, slot);
  if (blob->len || blob->flags != flags)
    failed(what, "flags %#x, not %#x, %u bytes: \"%.*s\"", blob->flags, flags, blob->len,
           (int)blob->len, (const char*)rec + blob->off);
  else
    passed(what);
}

/* The kind of each slot of each event. */
static const struct {
  uint16_t id;
  const char* family;
} events[] = {
#define SAKER_EVENT(id, name, family, lane) {id, #family},
#include <saker/events.def>
};

static const struct {
  const char* family;
  unsigned int index;
  const char *name, *type;
} params[] = {
#define SAKER_PARAM(family, index, name, type) {#family, index, #name, #type},
#include <saker/events.def>
};

static const char* family_of(uint16_t type) {
  unsigned int i;

  for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
    if (events[i].id == type) return events[i].family;
  return "";
}

static bool is_blob(const char* type) {
  static const char* const blobs[] = {"STR", "PATH", "ARGV", "SOCK", "ADDR"};
  unsigned int i;

  for (i = 0; i < sizeof(blobs) / sizeof(blobs[0]); i++)
    if (!strcmp(type, blobs[i])) return true;
  return false;
}

void check_same(const struct saker_rec* rec, const struct saker_rec* like) {
  const struct saker_blob* blob;
  unsigned int i;

  if (!rec || !like) {
    failed("same", "no record%s%s", rec ? "" : ", the one", like ? "" : ", the other");
    return;
  }
  check_number("type", rec->type, like->type);
  check_number("nparams", rec->nparams, like->nparams);
  check_ret(rec, like->ret);
  for (i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
    if (strcmp(params[i].family, family_of(like->type)) || params[i].index >= like->nparams)
      continue;
    if (is_blob(params[i].type)) {
      blob = blob_of(like, params[i].index);
      check_blob(rec, params[i].name, params[i].index, (const char*)like + blob->off, blob->len,
                 blob->flags);
    } else {
      check_u64(rec, params[i].name, params[i].index, slot_of(like, params[i].index));
    }
  }
}

void check_ret(const struct saker_rec* rec, int64_t want) {
  if (!rec)
    failed("ret", "no record");
  else
    check_number("ret", (uint64_t)rec->ret, (uint64_t)want);
}

void check_head(const struct saker_rec* rec, pid_t pid, unsigned int nparams) {
  struct timespec now;
  uint64_t ns;

  if (!rec) {
    failed("head", "no record");
    return;
  }
  clock_gettime(CLOCK_BOOTTIME, &now);
  ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
  check_that(rec->ts <= ns + 1000000 && rec->ts + 20000000000 > ns, "head: ts");
  check_number("head: pid", rec->pid, (uint64_t)pid);
  check_number("head: uid", rec->uid, geteuid());
  check_number("head: flags", rec->flags, 0);
  check_number("head: nparams", rec->nparams, nparams);
}

uint64_t kernel_dev(dev_t dev) { return (uint64_t)major(dev) << 20 | minor(dev); }

void check_door(const struct saker_rec* rec, bool compat, unsigned int nparams) {
  check_number("flags", rec ? rec->flags : ~0u, compat ? SAKER_REC_COMPAT : 0);
  check_number("parameters", rec ? rec->nparams : 0, nparams);
}
