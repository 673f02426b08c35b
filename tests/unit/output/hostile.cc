// SPDX-License-Identifier: Apache-2.0
// Hostile text in every part of an alert, in every format: it stays in its place, what hides or
// controls is written visibly, and a reader of the format gets it back escaped once.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "output/escape.h"
#include "output/format.h"
#include "output/kinds/additions.h"
#include "output/kinds/recipe.h"
#include "output/sinks/journal_peer.h"
#include "output/sinks/mail_peer.h"
#include "output/sinks/syslog_message.h"

namespace saker::output {
namespace {

using Json = nlohmann::json;

const std::string_view texts[] = {
    "plain",
    "\x1b[2J\x1b]0;title\x07",  // a terminal's commands
    "line\nline\r\nline\ttab",
    std::string_view("nul\0nul", 7),
    "\x7f\xc2\x9b"
    "31m",                                               // DEL, C1
    "\xe2\x80\xae\xe2\x81\xa6gpj.exe\xe2\x81\xa9",       // U+202E, U+2066, U+2069
    "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\x8b\xef\xbb\xbf",  // U+2028, U+2029, U+200B, U+FEFF
    "\xff\xc0\xaf\xe2\x82",                              // not UTF-8
    "\"'\\`$1 %s ${x} {{ .Rule }}",
    "</b></td><script>alert(1)</script>&amp;",
    "a|b=c]d, e=f rt=0 msg=x",
    "*b* _i_ [l](http://x) @everyone <!channel> ~s~ # > ||x||",
    "'); DROP TABLE alerts; --",
    "r\r\nBcc: x@y.example\r\n\r\nbody",
    "\\n\\u202e\\\\",  // already looks escaped
};

// The character that a reader of a line, or a person, must not get; "": none.
std::string forbidden(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "control " + std::to_string(c);
  std::string shown;
  append_shown(shown, text);
  return shown == text ? "" : shown;
}

// Valid UTF-8: what a reader can get back at best.
std::string cleaned(std::string_view text) {
  std::string json;
  append_json(json, text);
  return Json::parse(json).get<std::string>();
}
std::string shown(std::string_view text) {
  std::string out;
  append_shown(out, text);
  return out;
}

Alert alert_with(std::string_view text) {
  FormatOptions format;
  format.hostname = text;
  std::string json;
  append_json(json, text);
  return internal_alert(format, text, lang::Priority::critical, text, 1'768'471'251'668'189'240,
                        {{"fd.name", json}, {"proc.cmdline", json}, {"proc.pid", "42"}});
}

TEST_CASE("hostile text: a line of text is one line, and has one meaning") {
  for (const std::string_view text : texts) {
    CAPTURE(shown(text));
    const Alert alert = alert_with(text);
    CHECK(forbidden(alert.text) == "");
    // The line is escaped like the inside of a JSON text, once.
    const std::string read = Json::parse("\"" + alert.text + "\"").get<std::string>();
    CHECK(read.ends_with("Critical " + cleaned(text)));
  }
}

TEST_CASE("hostile text: JSON is one line, and its reader gets the text") {
  for (const std::string_view text : texts) {
    CAPTURE(shown(text));
    const Alert alert = alert_with(text);
    CHECK(forbidden(alert.json) == "");
    const Json read = Json::parse(alert.json);
    CHECK(read["rule"] == cleaned(text));
    CHECK(read["hostname"] == cleaned(text));
    CHECK(read["output_fields"]["fd.name"] == cleaned(text));
    CHECK(read["output"].get<std::string>().ends_with(cleaned(text)));
    CHECK(Json::parse(read_document(alert)->json())["output_fields"]["fd.name"] == cleaned(text));
  }
}

// Splits at separators without a backslash before them, and removes one level of escapes.
std::vector<std::string> split(std::string_view text, char at, std::size_t most) {
  std::vector<std::string> out(1);
  for (std::size_t i = 0; i < text.size(); i++) {
    if (text[i] == '\\' && i + 1 < text.size())
      out.back() += text[i + 1] == 'n' ? '\n' : text[i + 1] == 'r' ? '\r' : text[i + 1], i++;
    else if (text[i] == at && out.size() < most)
      out.emplace_back();
    else
      out.back() += text[i];
  }
  return out;
}

TEST_CASE("hostile text: CEF has eight parts, and its values end where they should") {
  for (const std::string_view text : texts) {
    CAPTURE(shown(text));
    const std::string cef = cef_of(alert_with(text));
    CHECK(forbidden(cef) == "");
    const std::vector<std::string> head = split(cef, '|', 8);
    REQUIRE(head.size() == 8);
    CHECK(head[6] == "8");
    // The name is in the header; line ends are kept there, everything else is shown.
    const auto expected = [&] {
      std::string out, part;
      for (const char c : text) {
        if (c != '\n' && c != '\r') {
          part += c;
          continue;
        }
        append_shown(out, part);
        part.clear();
        out += c;
      }
      append_shown(out, part);
      return out;
    }();
    CHECK(head[5] == expected);
    const std::size_t begin = cef.find(" fd_name="), end = cef.find(" proc_cmdline=");
    REQUIRE(begin != cef.npos);
    REQUIRE(end != cef.npos);
    const std::string value = cef.substr(begin + 9, end - begin - 9);
    CHECK(split(value, '\0', 1)[0] == expected);
    for (std::size_t i = 0; i < value.size(); i++)
      if (value[i] == '\\')
        i++;
      else
        CHECK(value[i] != '=');
  }
}

TEST_CASE("hostile text: structured data of syslog keeps its two parameters") {
  Settings settings{.name = "s", .type = "syslog", .format = "text"};
  settings.values["protocol"] = std::string("tcp");
  complete(*find_kind("syslog"), settings);
  for (const std::string_view text : texts) {
    CAPTURE(shown(text));
    const std::string message =
        SyslogMessage(settings, std::string(text), 7).message(alert_with(text));
    const std::size_t mark = message.find("\xef\xbb\xbf");  // which begins the text
    REQUIRE(mark != message.npos);
    CHECK(forbidden(message.substr(0, mark)) == "");
    CHECK(forbidden(message.substr(mark + 3)) == "");
    // RFC 5424, 6.3.3: \" \\ \] are escapes.
    std::size_t at = message.find("rule=\"") + 6;
    std::string value;
    for (; message[at] != '"'; at++) {
      REQUIRE(message[at] != ']');
      if (message[at] == '\\') at++;
      value += message[at];
    }
    CHECK(message.substr(at, 3) == "\"] ");
    CHECK(value == shown(text));
  }
}

TEST_CASE("hostile text: the journal's message is one line, and a value makes no other field") {
  for (const std::string_view text : texts) {
    CAPTURE(shown(text));
    const std::string entry = journal_entry(alert_with(text), "saker");
    const std::string message = entry.substr(0, entry.find('\n'));
    CHECK(message.starts_with("MESSAGE="));
    CHECK(forbidden(message) == "");
    std::size_t fields = 0;
    for (std::size_t at = 0; at < entry.size(); fields++) {
      const std::size_t end = entry.find('\n', at);
      REQUIRE(end != entry.npos);
      const bool sized = entry.substr(at, end - at).find('=') == std::string::npos;
      std::uint64_t size = 0;
      for (std::size_t i = 0; sized && i < 8; i++)
        size |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(entry[end + 1 + i])) << 8 * i;
      at = sized ? end + 9 + size + 1 : end + 1;
    }
    CHECK(fields == 10);
  }
}

std::string base64_decoded(const std::string& text) {
  static constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, have = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == digits.npos) continue;
    bits = bits << 6 | static_cast<unsigned>(digit);
    if ((have += 6) < 8) continue;
    have -= 8;
    out += static_cast<char>(bits >> have & 0xff);
  }
  return out;
}

TEST_CASE("hostile text: a mail has its own headers and its own elements only") {
  for (const char* form : {"html", "text"}) {
    Settings settings{.name = "m", .type = "smtp"};
    settings.values["outputformat"] = std::string(form);
    settings.values["to"] = Texts{"a@b.example"};
    const auto count = [](const std::string& in, std::string_view what) {
      std::size_t found = 0;
      for (std::size_t at = 0; (at = in.find(what, at)) != in.npos; at++) found++;
      return found;
    };
    std::size_t elements = 0, lines = 0;
    for (const std::string_view text : texts) {
      CAPTURE(shown(text));
      const std::string mail = mail_of(*read_document(alert_with(text)), settings);
      const std::size_t end = mail.find("\r\n\r\n");
      const std::string head = mail.substr(0, end), body = base64_decoded(mail.substr(end + 4));
      CHECK(count(head, "\nBcc") == 0);
      CHECK(count(head, ":") - count(head, "charset") >= 7);
      for (std::size_t at = 0; (at = head.find('\n', at)) != head.npos; at++)
        CHECK(head[at - 1] == '\r');
      if (text == "plain") {
        elements = count(body, "<");
        lines = count(body, "\n");
      }
      if (form == std::string_view("html")) CHECK(count(body, "<") == elements);
      CHECK(count(body, "\n") == lines);
      std::string one_line = body;
      std::erase(one_line, '\n');
      CHECK(forbidden(one_line) == "");
    }
  }
}

// Each text in the document, names of members included.
void each_text(const Json& in, const std::function<void(const std::string&)>& call) {
  if (in.is_string()) call(in.get<std::string>());
  if (in.is_object())
    for (const auto& [key, value] : in.items()) {
      call(key);
      each_text(value, call);
    }
  if (in.is_array())
    for (const Json& item : in) each_text(item, call);
}

TEST_CASE("hostile text: every recipe's request keeps its form") {
  for (const std::unique_ptr<const Recipe>& recipe : recipes()) {
    Settings settings;
    settings.type = recipe->kind().name;
    complete(*find_kind(settings.type), settings);
    const Node config = node_of(settings);
    std::size_t plain_lines = 0, plain_headers = 0;
    for (const std::string_view text : texts) {
      CAPTURE(settings.type);
      CAPTURE(shown(text));
      Alert alert = alert_with(text);
      Node node = node_of(*read_document(alert));
      node.members.emplace_back("Line", Node::of(alert.json));
      const Request request = recipe->request({&node, 1}, config);
      CHECK(forbidden(request.url) == "");
      CHECK(request.url.find(' ') == std::string::npos);
      for (const auto& [name, value] : request.headers) {
        CHECK(name.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
        CHECK(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
      }
      // Values in a table have a length, and end nowhere else: its text is judged.
      const std::string body = request.table.empty() ? request.body : parquet_text(request.table);
      const auto lines = static_cast<std::size_t>(std::ranges::count(body, '\n'));
      if (text == "plain") {
        plain_lines = lines;
        plain_headers = request.headers.size();
      }
      CHECK(lines == plain_lines);
      CHECK(request.headers.size() == plain_headers);
      std::string one_line = body;
      std::erase(one_line, '\n');
      CHECK(forbidden(one_line) == "");
      const Json read = Json::parse(body, nullptr, false);
      if (recipe->kind().category == "chat") {
        REQUIRE(!read.is_discarded());
        // People read these: no character is invisible, and no person is mentioned.
        each_text(read, [&](std::string each) {
          std::erase(each, '\n');
          std::string name = each;
          for (std::size_t at; (at = each.find("@\xe2\x80\x8b")) != each.npos;)
            each.erase(at + 1, 3);
          CHECK(forbidden(each) == "");
          // In Slack and Google Chat an @ alone mentions no person.
          if (settings.type != "slack" && settings.type != "googlechat")
            CHECK(name.find("@everyone") == name.npos);
          CHECK(name.find("<!channel>") == name.npos);
          CHECK(name.find("<script>") == name.npos);
        });
      }
    }
  }
}

}  // namespace
}  // namespace saker::output
