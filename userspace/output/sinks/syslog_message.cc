// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/syslog_message.h"

#include <saker/version.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/syslog_writer.h"
#include "output/escape.h"
#include "output/kinds/document.h"

namespace saker::output {
namespace {

// For a datagram, with space for the framing: UDP carries at most 65,507 bytes.
constexpr std::size_t longest_datagram = 60'000;

int facility_number(std::string_view name) {
  static constexpr std::pair<std::string_view, int> numbers[] = {
      {"user", 1}, {"daemon", 3}, {"auth", 4}, {"authpriv", 10}};
  for (const auto& [each, number] : numbers)
    if (each == name) return number;
  return name.starts_with("local") && name.size() == 6 ? 16 + (name[5] - '0') : 1;
}

std::string utc_time(std::uint64_t ns) {
  const time_t seconds = static_cast<time_t>(ns / 1'000'000'000);
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  char day[32], out[48];
  ::strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(out, sizeof(out), "%s.%06uZ", day, static_cast<unsigned>(ns / 1000 % 1'000'000));
  return out;
}

// A word of the header: printable ASCII without spaces; "-" means none.
std::string word(std::string_view raw, std::size_t longest) {
  std::string out;
  for (char c : raw.substr(0, longest)) out += c > ' ' && c < 0x7f ? c : '_';
  return out.empty() ? "-" : out;
}

// A value of structured data: quotation mark, backslash and bracket are escaped; characters that
// break lines were escaped before.
void append_parameter(std::string& out, std::string_view name, std::string_view value) {
  std::string line;
  append_line(line, value);
  out.append(" ").append(name).append("=\"");
  for (std::size_t i = 0; i < line.size(); i++) {
    // append_line has already escaped a quotation mark as \" and a backslash as \\.
    if (line[i] == '\\' && i + 1 < line.size() && (line[i + 1] == '"' || line[i + 1] == '\\')) {
      out.append(line, i++, 2);
    } else {
      if (line[i] == '\\' || line[i] == ']') out += '\\';
      out += line[i];
    }
  }
  out += '"';
}

// Does not split a character at the end.
void cut(std::string& text, std::size_t longest) {
  if (text.size() <= longest) return;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xc0) == 0x80) longest--;
  text.resize(longest);
}

// A field of CEF's header, or with `extension` the value of an extension. Line ends have their own
// escapes; other characters that control or hide are shown, as in a line of text.
std::string cef_text(std::string_view raw, bool extension) {
  std::string out;
  while (!raw.empty()) {
    std::string visible;
    const std::size_t end = std::min(raw.find_first_of("\r\n"), raw.size());
    append_shown(visible, raw.substr(0, end));
    for (const char c : visible) {
      if (c == '\\' || (extension ? c == '=' : c == '|')) out += '\\';
      out += c;
    }
    if (end < raw.size()) out += raw[end] == '\n' ? "\\n" : "\\r";
    raw.remove_prefix(std::min(end + 1, raw.size()));
  }
  return out;
}

}  // namespace

std::string cef_of(const Alert& alert) {
  const Result<Document> document = read_document(alert);
  if (!document) return {};
  // From 10 for Emergency to 3 for Debug. Falcosidekick writes the words; CEF allows both.
  const int severity = std::max(10 - static_cast<int>(alert.priority), 0);
  std::string out = "CEF:0|Saker|Saker|" SAKER_VERSION "|" + cef_text(document->source, false) +
                    "|" + cef_text(document->rule, false) + "|" + std::to_string(severity) + "|";
  out += "rt=" + std::to_string(document->time_ns / 1'000'000);
  out += " externalId=" + document->uuid;
  out += " dvchost=" + cef_text(document->hostname, true);
  out += " cat=" + cef_text(document->source, true);
  out += " msg=" + cef_text(document->output, true);
  for (const Field& field : document->fields) {
    std::string key;
    for (char c : field.key) key += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    out += " " + key + "=" + cef_text(field.text, true);
  }
  return out;
}

SyslogMessage::SyslogMessage(const Settings& settings, std::string hostname, int pid)
    : tag_(settings.text("tag")), hostname_(std::move(hostname)), pid_(pid) {
  const std::string protocol = settings.text("protocol"), rfc = settings.text("rfc");
  content_ = settings.format == "text"  ? Content::text
             : settings.format == "cef" ? Content::cef
                                        : Content::json;
  local_ = protocol == "local";
  datagrams_ = local_ || protocol == "udp";
  octets_ = !datagrams_;
  rfc5424_ = rfc == "5424" || (rfc.empty() && !local_);
  facility_ = facility_number(settings.text("facility"));
}

std::string SyslogMessage::head_5424(const Alert& alert) const {
  std::string out = "1 " + utc_time(alert.time) + " " + word(hostname_, 255) + " " +
                    word(tag_, 48) + " " + std::to_string(pid_) + " - [saker@32473";
  append_parameter(out, "priority", lang::priority_name(alert.priority));
  append_parameter(out, "rule", alert.rule_name);
  // The byte order mark says that the text is UTF-8.
  return out + "] \xef\xbb\xbf";
}

std::string SyslogMessage::head_3164(const Alert& alert) const {
  std::string out = syslog_time(static_cast<std::time_t>(alert.time / 1'000'000'000)) + " ";
  if (!local_) out += word(hostname_, 255) + " ";
  return out + word(tag_, 32) + "[" + std::to_string(pid_) + "]: ";
}

std::string SyslogMessage::message(const Alert& alert) const {
  const int severity = std::min(static_cast<int>(alert.priority), 7);
  std::string out = "<" + std::to_string(facility_ * 8 + severity) + ">";
  out += rfc5424_ ? head_5424(alert) : head_3164(alert);
  switch (content_) {
    case Content::text: out += alert.line(Form::text); break;
    case Content::json: out += alert.line(Form::json); break;
    case Content::cef: out += cef_of(alert); break;
  }
  return out;
}

std::string SyslogMessage::frame(const Alert& alert) const {
  std::string out = message(alert);
  if (datagrams_) cut(out, longest_datagram);
  return octets_ ? std::to_string(out.size()) + " " + out : out;
}

}  // namespace saker::output
