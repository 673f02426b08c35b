// SPDX-License-Identifier: Apache-2.0
// A directory service for the guest: users 5000 to 5999 are dir5000 and so on, with groups of the
// same names. A request for 7000 is never answered.
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

static int has(unsigned int number) {
  while (number == 7000) pause();
  return number >= 5000 && number < 6000;
}

static char no_text[] = "", shell[] = "/bin/sh", *no_members[] = {NULL};

enum nss_status _nss_test_getpwuid_r(uid_t uid, struct passwd* entry, char* buffer, size_t bytes,
                                     int* error) {
  if (!has(uid)) return NSS_STATUS_NOTFOUND;
  if (snprintf(buffer, bytes, "dir%u", uid) >= (int)bytes) {
    *error = ERANGE;
    return NSS_STATUS_TRYAGAIN;
  }
  *entry = (struct passwd){.pw_name = buffer,
                           .pw_passwd = no_text,
                           .pw_uid = uid,
                           .pw_gid = uid,
                           .pw_gecos = no_text,
                           .pw_dir = no_text,
                           .pw_shell = shell};
  return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_test_getgrgid_r(gid_t gid, struct group* entry, char* buffer, size_t bytes,
                                     int* error) {
  if (!has(gid)) return NSS_STATUS_NOTFOUND;
  if (snprintf(buffer, bytes, "dir%u", gid) >= (int)bytes) {
    *error = ERANGE;
    return NSS_STATUS_TRYAGAIN;
  }
  *entry =
      (struct group){.gr_name = buffer, .gr_passwd = no_text, .gr_gid = gid, .gr_mem = no_members};
  return NSS_STATUS_SUCCESS;
}
