// SPDX-License-Identifier: Apache-2.0
// Sends lines of the daemon's own log to the syslog of this host. Never waits: a line that is not
// taken at once is not sent. One thread at a time. (Alerts go to syslog by output/sinks/.)
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace saker {

// "Jan  2 03:04:05", in this host's time: as RFC 3164 has it.
std::string syslog_time(std::time_t seconds);

class SyslogWriter {
 public:
  static constexpr const char* usual_path = "/dev/log";

  SyslogWriter(std::string path, std::string tag) : path_(std::move(path)), tag_(std::move(tag)) {}

  // `severity` as syslog counts: 3 error, 4 warning, 6 informational, 7 debug; the facility is
  // daemon. False: nobody took it.
  bool write(unsigned severity, std::string_view message);

 private:
  bool connect();

  const std::string path_, tag_;
  Fd fd_;
};

}  // namespace saker
