// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/kind.h"

#include <algorithm>
#include <charconv>

#include "output/kinds/additions.h"
#include "output/kinds/google_credentials.h"
#include "output/kinds/kind_rows.h"

namespace saker::output {
namespace {

void check_urls(const Kind& kind, const Settings& settings, std::vector<Problem>& out) {
  for (const Key& key : kind.keys) {
    const std::string url = settings.text(key.name);
    if (!key.url || url.empty()) continue;
    const bool http = url.starts_with("http://") || url.starts_with("https://");
    if (!http || std::ranges::any_of(url, [](unsigned char c) { return c <= ' ' || c == 0x7f; }))
      out.push_back({key.name, "is not an http or https URL",
                     "write it like " + key.name + " = \"" + key.example + "\""});
  }
}

// HOST:PORT, or [ADDRESS]:PORT.
void check_servers(const Kind& kind, const Settings& settings, std::vector<Problem>& out) {
  for (const char* key : {"address", "hostport", "broker", "forwarder"}) {
    const Key* row = kind.find(key);
    const std::string text = settings.text(key);
    if (row && row->type == KeyType::text && !row->url && !kind.find("port") && !text.empty() &&
        !split_server(text))
      out.push_back({key, "is \"" + text + "\", which is not HOST:PORT",
                     std::string("write it like ") + key + " = \"" + row->example + "\""});
  }
}

// amqp://USER:PASSWORD@HOST:PORT/VHOST
void check_amqp(const Settings& settings, std::vector<Problem>& out) {
  const std::string url = settings.text("url");
  if (!url.empty() && !split_amqp(url))
    out.push_back(
        {"url", "is not an AMQP URL", "write it like amqp://user:password@localhost:5672/"});
}

void check_syslog(const Settings& settings, std::vector<Problem>& out) {
  const bool local = settings.text("protocol") == "local";
  if (!local && settings.text("host").empty())
    out.push_back({"", "syslog by " + settings.text("protocol") + " needs a host",
                   "add host = \"logs.example\""});
  if (local && !settings.text("host").empty())
    out.push_back({"host", "has no effect with protocol \"local\"",
                   "add protocol = \"udp\", \"tcp\" or \"tls\""});
  if (settings.number("port") < 0 || settings.number("port") > 65535)
    out.push_back({"port", "is not a port", "choose one from 1 to 65535"});
}

void check_google(const Settings& settings, std::vector<Problem>& out) {
  const std::string text = settings.text("credentials");
  if (text.empty()) return;
  if (const auto credentials = read_google_credentials(text); !credentials)
    out.push_back({"credentials", credentials.error().message,
                   "download the account's key as JSON, and write \"@FILE\""});
}

void check_azure(const Settings& settings, std::vector<Problem>& out) {
  const auto has = [&](const char* key) { return !settings.text(key).empty(); };
  if (has("sharedaccesskey") && has("sharedaccesskeyname")) return;
  if (has("tenantid") && has("clientid") && has("clientsecret")) return;
  out.push_back({"", "an output of type azureeventhub needs credentials",
                 "add sharedaccesskeyname and sharedaccesskey; or tenantid, clientid and "
                 "clientsecret"});
}

}  // namespace

std::optional<Server> split_server(std::string_view text) {
  // Some of Falcosidekick's values have a scheme: nats://, tcp://.
  if (const std::size_t scheme = text.find("://"); scheme != text.npos)
    text.remove_prefix(scheme + 3);
  if (text.ends_with('/')) text.remove_suffix(1);
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || colon == 0) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0)
    return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return Server{std::string(host), port};
}

namespace {

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at++) {
    unsigned byte = 0;
    const char* hex = text.data() + at + 1;
    if (text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(hex, hex + 2, byte, 16).ptr == hex + 2) {
      out += static_cast<char>(byte);
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

}  // namespace

std::optional<AmqpUrl> split_amqp(std::string_view url) {
  AmqpUrl out;
  out.tls = url.starts_with("amqps://");
  if (!out.tls && !url.starts_with("amqp://")) return std::nullopt;
  url.remove_prefix(url.find("://") + 3);
  if (const std::size_t at = url.rfind('@'); at != url.npos) {
    const std::string_view who = url.substr(0, at);
    const std::size_t colon = who.find(':');
    out.user = percent_decoded(who.substr(0, colon));
    if (colon != who.npos) out.password = percent_decoded(who.substr(colon + 1));
    url.remove_prefix(at + 1);
  }
  const std::size_t slash = url.find('/');
  if (slash != url.npos && slash + 1 < url.size())
    out.vhost = percent_decoded(url.substr(slash + 1));
  std::string server(url.substr(0, slash));
  if (!split_server(server)) server += out.tls ? ":5671" : ":5672";
  const std::optional<Server> split = split_server(server);
  if (!split) return std::nullopt;
  out.server = *split;
  return out;
}

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
  check_servers(kind, settings, out);
  check_additions(settings, out);
  if (const Result<Template> message = Template::parse(settings.text("messageformat")); !message)
    out.push_back({"messageformat", "has an error: " + message.error().message,
                   "write it like \"{{ .Rule }} by {{ index .OutputFields \\\"user.name\\\" }}\""});
  if (settings.has("certfile") != settings.has("keyfile"))
    out.push_back(
        {settings.has("certfile") ? "certfile" : "keyfile",
         "has no effect alone: a client's certificate needs its key, and the key its certificate",
         settings.has("certfile") ? "add keyfile" : "add certfile"});
  if (const std::int64_t minutes = settings.number("interval"); minutes < 0 || minutes > 60)
    out.push_back({"interval", "is " + std::to_string(minutes), "it may be 0 to 60 minutes"});
  if (kind.category == "google") check_google(settings, out);
  if (kind.name == "azureeventhub") check_azure(settings, out);
  if (kind.name == "rabbitmq") check_amqp(settings, out);
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
