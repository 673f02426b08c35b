// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/kind.h"

#include <algorithm>

#include "output/kinds/additions.h"
#include "output/kinds/recipe.h"

namespace saker::output {
namespace {

const Texts text_or_json = {"text", "json"};

Key path_key(std::string name, std::string help, std::string example) {
  return {.name = std::move(name),
          .help = std::move(help),
          .required = true,
          .example = std::move(example)};
}

// Of every output that may speak TLS.
void add_tls_keys(std::vector<Key>& keys) {
  keys.push_back({.name = "checkcert",
                  .type = KeyType::flag,
                  .help = "the server's certificate must be valid and for its name",
                  .preset = Setting(true)});
  keys.push_back({.name = "cacertfile",
                  .help = "certificates that sign the server's, in place of the system's",
                  .example = "/etc/saker/ca.pem"});
  keys.push_back({.name = "certfile",
                  .help = "the client's own certificate",
                  .example = "/etc/saker/client.pem"});
  keys.push_back(
      {.name = "keyfile", .help = "the key of certfile", .example = "/etc/saker/client.key"});
}

Key timeout_key() {
  return {.name = "timeout",
          .type = KeyType::milliseconds,
          .help = "of one attempt; it is tried again afterwards",
          .preset = Setting(std::int64_t{10'000}),
          .example = "10s"};
}

Kind syslog_kind() {
  Kind kind{.name = "syslog",
            .category = "logs",
            .summary = "syslog: the local socket, UDP, TCP or TLS",
            .formats = {"text", "json", "cef"},
            .keys = {}};
  kind.keys = {
      {.name = "protocol",
       .help = "how it is reached",
       .preset = Setting(std::string("local")),
       .choices = {"local", "udp", "tcp", "tls"},
       .example = "tls"},
      {.name = "host", .help = "the server, unless local", .example = "logs.example"},
      {.name = "port",
       .type = KeyType::number,
       .help = "514, or 6514 with TLS",
       .preset = Setting(std::int64_t{0}),
       .example = "6514"},
      {.name = "path",
       .help = "the local socket",
       .preset = Setting(std::string("/dev/log")),
       .example = "/dev/log"},
      {.name = "rfc",
       .help = "how a message looks: 5424, or 3164, which local sockets understand",
       .preset = Setting(std::string("")),
       .choices = {"", "3164", "5424"},
       .example = "5424"},
      {.name = "facility",
       .help = "what kind of program sends it",
       .preset = Setting(std::string("user")),
       .choices = {"user", "daemon", "auth", "authpriv", "local0", "local1", "local2", "local3",
                   "local4", "local5", "local6", "local7"},
       .example = "local0"},
      {.name = "tag",
       .help = "the program's name in the message",
       .preset = Setting(std::string("saker")),
       .example = "saker"},
      timeout_key(),
  };
  add_tls_keys(kind.keys);
  return kind;
}

// Of every output over HTTP.
void add_http_keys(std::vector<Key>& keys) {
  keys.push_back(
      {.name = "customheaders", .type = KeyType::pairs, .help = "headers added to every request"});
  keys.push_back({.name = "maxconcurrentrequests",
                  .type = KeyType::number,
                  .help = "requests under way at once",
                  .preset = Setting(std::int64_t{1}),
                  .example = "4"});
  keys.push_back({.name = "compress",
                  .type = KeyType::flag,
                  .help = "bodies are sent compressed by gzip",
                  .preset = Setting(false)});
  keys.push_back(timeout_key());
  add_tls_keys(keys);
  for (Key& key : addition_keys()) keys.push_back(std::move(key));
}

std::vector<Kind> make_kinds() {
  std::vector<Kind> out;
  out.push_back({.name = "stdout",
                 .category = "direct",
                 .summary = "lines to standard output",
                 .formats = text_or_json,
                 .keys = {}});
  out.push_back({.name = "file",
                 .category = "direct",
                 .summary = "lines to a file, made anew when it was moved or removed",
                 .formats = text_or_json,
                 .keys = {path_key("filename", "the file", "/var/log/saker/alerts.log")}});
  out.push_back({.name = "unix",
                 .category = "direct",
                 .summary = "lines to a listening Unix socket",
                 .formats = text_or_json,
                 .keys = {path_key("path", "the socket", "/run/siem.sock"), timeout_key()}});
  out.push_back({.name = "journal",
                 .category = "direct",
                 .summary = "systemd's journal, with priority and fields",
                 .formats = {"json"},
                 .keys = {{.name = "path",
                           .help = "journald's socket",
                           .preset = Setting(std::string("/run/systemd/journal/socket")),
                           .example = "/run/systemd/journal/socket"},
                          {.name = "tag",
                           .help = "SYSLOG_IDENTIFIER",
                           .preset = Setting(std::string("saker")),
                           .example = "saker"}}});
  out.push_back(syslog_kind());
  for (const std::unique_ptr<const Recipe>& recipe : recipes()) {
    Kind kind = recipe->kind();
    add_http_keys(kind.keys);
    out.push_back(std::move(kind));
  }
  std::ranges::sort(out, {}, &Kind::name);
  return out;
}

void check_urls(const Kind& kind, const Settings& settings, std::vector<Problem>& out) {
  for (const Key& key : kind.keys) {
    const std::string url = settings.text(key.name);
    if (!key.url || url.empty()) continue;
    const bool http = url.starts_with("http://") || url.starts_with("https://");
    if (!http || std::ranges::any_of(url, [](unsigned char c) { return c <= ' ' || c == 0x7f; }))
      out.push_back({key.name, "is no URL of http or https",
                     "write it like " + key.name + " = \"" + key.example + "\""});
  }
}

void check_syslog(const Settings& settings, std::vector<Problem>& out) {
  const bool local = settings.text("protocol") == "local";
  if (!local && settings.text("host").empty())
    out.push_back({"", "syslog by " + settings.text("protocol") + " needs a host",
                   "add host = \"logs.example\""});
  if (local && !settings.text("host").empty())
    out.push_back({"host", "has no use with protocol \"local\"",
                   "add protocol = \"udp\", \"tcp\" or \"tls\""});
  if (settings.number("port") < 0 || settings.number("port") > 65535)
    out.push_back({"port", "is no port", "choose one from 1 to 65535"});
}

}  // namespace

const Key* Kind::find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, &Key::name);
  return found == keys.end() ? nullptr : &*found;
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = make_kinds();
  return all;
}

const Kind* find_kind(std::string_view name) {
  const auto found = std::ranges::find(kinds(), name, &Kind::name);
  return found == kinds().end() ? nullptr : &*found;
}

const std::vector<AbsentKind>& absent_kinds() {
  static const std::vector<AbsentKind> none;
  return none;
}

std::vector<Problem> check(const Kind& kind, const Settings& settings) {
  std::vector<Problem> out;
  for (const Key& key : kind.keys) {
    const std::string value = settings.text(key.name);
    if (key.required && (key.type == KeyType::text ? value.empty() : !settings.has(key.name)))
      out.push_back({"", "an output of type " + kind.name + " needs " + key.name,
                     "add " + key.name + " = \"" + key.example + "\""});
    if (!key.choices.empty() && std::ranges::find(key.choices, value) == key.choices.end()) {
      std::string all;
      for (const std::string& choice : key.choices)
        if (!choice.empty()) all += (all.empty() ? "" : ", ") + choice;
      out.push_back({key.name, "is \"" + value + "\"", "it may be " + all});
    }
  }
  check_urls(kind, settings, out);
  check_additions(settings, out);
  if (const Result<Template> message = Template::parse(settings.text("messageformat")); !message)
    out.push_back({"messageformat", "has a mistake: " + message.error().message,
                   "write it like \"{{ .Rule }} by {{ index .OutputFields \\\"user.name\\\" }}\""});
  if (settings.has("certfile") != settings.has("keyfile"))
    out.push_back({settings.has("certfile") ? "certfile" : "keyfile",
                   "is of no use alone: a client's certificate and its key go together",
                   settings.has("certfile") ? "add keyfile" : "add certfile"});
  if (kind.name == "syslog") check_syslog(settings, out);
  return out;
}

void complete(const Kind& kind, Settings& settings) {
  if (settings.name.empty()) settings.name = kind.name;
  if (settings.format.empty()) settings.format = kind.formats.front();
  for (const Key& key : kind.keys)
    if (key.preset) settings.values.emplace(key.name, *key.preset);
}

}  // namespace saker::output
