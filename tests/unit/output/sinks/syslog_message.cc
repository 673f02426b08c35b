// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/syslog_message.h"

#include <doctest/doctest.h>

#include "output/format.h"
#include "output/kinds/document.h"
#include "output/kinds/kind.h"
#include "output/sinks/journal_peer.h"

namespace saker::output {
namespace {

Alert hostile() {
  FormatOptions options;
  options.hostname = "ho st";
  return internal_alert(options, "a \"rule\" ] \\ \n", lang::Priority::critical,
                        "opened a\nb|c=d\\", 1'768'471'251'668'189'240,
                        {{"fd.name", "\"a=b|c\\nd\\\\\""}, {"n", "42"}});
}

Settings settings(const char* protocol, const char* format) {
  Settings out{.name = "s", .type = "syslog", .format = format};
  out.values["protocol"] = std::string(protocol);
  complete(*find_kind("syslog"), out);
  return out;
}

TEST_CASE("syslog: no text of an alert escapes from its place in the message") {
  const SyslogMessage tcp(settings("tcp", "text"), "host", 7);
  const std::string message = tcp.message(hostile());
  CHECK(message ==
        "<10>1 2026-01-15T10:00:51.668189Z host saker 7 - [saker@32473 priority=\"Critical\" "
        "rule=\"a \\\"rule\\\" \\] \\\\ \\\\n\"] \xef\xbb\xbf"
        "10:00:51.668189240: Critical opened a\\nb|c=d\\\\");
  CHECK(tcp.frame(hostile()) == std::to_string(message.size()) + " " + message);
  CHECK(SyslogMessage(settings("udp", "text"), "", 7).frame(hostile()).starts_with("<10>1 2026-"));
  CHECK(message.find('\n') == message.npos);
}

TEST_CASE("syslog: a datagram fits into UDP, and ends with a whole character") {
  FormatOptions options;
  std::string text;
  for (int i = 0; i < 40'000; i++) text += "\xc3\xa9";
  const Alert alert = internal_alert(options, "r", lang::Priority::notice, text, 0);
  const std::string frame = SyslogMessage(settings("udp", "text"), "host", 7).frame(alert);
  CHECK(frame.size() <= 60'000);
  CHECK(frame.size() > 59'000);
  CHECK(frame.ends_with("\xc3\xa9"));
}

TEST_CASE("CEF: bars in the header, equals signs after it and line ends are escaped") {
  const std::string cef = cef_of(hostile());
  CHECK(cef.starts_with("CEF:0|Saker|Saker|"));
  CHECK(cef.find("|a \"rule\" ] \\\\ \\n|8|") != cef.npos);
  CHECK(cef.find("fd_name=a\\=b|c\\nd\\\\ n=42") != cef.npos);
  CHECK(cef.find('\n') == cef.npos);
}

TEST_CASE(
    "journal: a value of several lines stands behind its length and makes no field of its own") {
  const std::string entry = journal_entry(hostile(), "saker");
  CHECK(entry.find("PRIORITY=2\n") != entry.npos);
  CHECK(entry.find("SAKER_N=42\n") != entry.npos);
  const std::string name("SAKER_FD_NAME\n\x08\0\0\0\0\0\0\0a=b|c\nd\\\n", 31);
  CHECK(entry.find(name) != entry.npos);
}

TEST_CASE("document: an alert that is parsed and written again is the same, plus its uuid") {
  const Alert alert = hostile();
  const Result<Document> document = read_document(alert);
  REQUIRE(document);
  CHECK(document->rule == "a \"rule\" ] \\ \n");
  CHECK(document->find("fd.name")->text == "a=b|c\nd\\");
  CHECK(document->find("n")->json == "42");
  CHECK(document->uuid.size() == 36);
  CHECK(document->uuid == read_document(alert)->uuid);
  Alert other = alert;
  other.json.replace(other.json.find("42"), 2, "43");
  CHECK(document->uuid != read_document(other)->uuid);
  const std::string json = document->json();
  CHECK(json.starts_with("{\"uuid\":\"" + document->uuid + "\",\"hostname\":\"ho st\","));
  CHECK(json.find("\"output_fields\":{\"fd.name\":\"a=b|c\\nd\\\\\",\"n\":42}") != json.npos);
  CHECK_FALSE(read_document(Alert{}));
}

}  // namespace
}  // namespace saker::output
