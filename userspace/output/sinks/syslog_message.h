// SPDX-License-Identifier: Apache-2.0
// An alert as a syslog message (RFC 5424, or RFC 3164 as local sockets understand it), framed as
// its transport requires (RFC 5426, 6587, 5425). Any thread.
#pragma once

#include <string>

#include "output/alert.h"
#include "output/kinds/settings.h"

namespace saker::output {

class SyslogMessage {
 public:
  // For an output of kind syslog. `hostname`, `pid`: for the message's header.
  SyslogMessage(const Settings& settings, std::string hostname, int pid);

  std::string frame(const Alert& alert) const;
  std::string message(const Alert& alert) const;  // without the frame

 private:
  std::string head_5424(const Alert& alert) const;
  std::string head_3164(const Alert& alert) const;

  enum class Content { text, json, cef };
  Content content_;
  bool octets_, datagrams_, rfc5424_, local_;
  int facility_;
  std::string tag_, hostname_;
  int pid_;
};

// The Common Event Format, version 0, with the alert's fields as extensions.
std::string cef_of(const Alert& alert);

}  // namespace saker::output
