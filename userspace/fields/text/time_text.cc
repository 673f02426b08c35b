// SPDX-License-Identifier: Apache-2.0
#include "fields/text/time_text.h"

#include <time.h>

#include <cstdio>

namespace saker::fields {

std::string_view time_text(std::uint64_t ns, TimeForm form, Scratch& scratch) {
  constexpr std::size_t room = 48;
  time_t seconds = static_cast<time_t>(ns / 1000000000u);
  unsigned long rest = ns % 1000000000u;
  tm parts{};
  if (form == TimeForm::iso8601) {
    gmtime_r(&seconds, &parts);
  } else {
    localtime_r(&seconds, &parts);
  }
  const char* format = "%H:%M:%S";
  if (form == TimeForm::iso8601) format = "%Y-%m-%dT%H:%M:%S";
  if (form == TimeForm::date || form == TimeForm::date_seconds) format = "%Y-%m-%d %H:%M:%S";
  char* out = scratch.take(room);
  std::size_t length = strftime(out, room, format, &parts);
  bool whole = form == TimeForm::clock_seconds || form == TimeForm::date_seconds;
  if (!whole) {
    const char* zone = form == TimeForm::iso8601 ? "+0000" : "";
    length +=
        static_cast<std::size_t>(snprintf(out + length, room - length, ".%09lu%s", rest, zone));
  }
  return {out, length};
}

}  // namespace saker::fields
