// SPDX-License-Identifier: Apache-2.0
// The kinds of outputs, one row each: the name, the keys, and their meaning. Pure data:
// sinks/open_peer.h opens an output of a kind. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "output/kinds/settings.h"

namespace saker::output {

enum class KeyType : std::uint8_t { text, number, flag, list, pairs, milliseconds };

struct Key {
  std::string name;
  KeyType type = KeyType::text;
  std::string help = "";
  std::optional<Setting> preset = {};  // the default
  bool required = false;
  bool secret = false;        // not shown; "@FILE" is replaced by the content of the file
  bool url = false;           // http:// or https://
  Texts choices = {};         // for a text; none: any
  std::string example = "x";  // for messages
};

struct Kind {
  std::string name, category, summary;
  Texts formats;  // the first is the default; "text" and "json": json_output decides
  std::vector<Key> keys;

  const Key* find(std::string_view key) const;
};

// Sorted by name.
const std::vector<Kind>& kinds();
const Kind* find_kind(std::string_view name);

// An output of Falcosidekick that Saker does not have, and why.
struct AbsentKind {
  std::string_view name, reason;
};
const std::vector<AbsentKind>& absent_kinds();

struct Problem {
  std::string key;  // "": about the output as a whole
  std::string message, hint;
};
// All errors in settings whose values have the right types. Opens nothing.
std::vector<Problem> check(const Kind& kind, const Settings& settings);

struct Server {
  std::string host;
  std::uint16_t port = 0;
};
// For HOST:PORT or [ADDRESS]:PORT; nothing: it is neither.
std::optional<Server> split_server(std::string_view text);

struct AmqpUrl {
  bool tls = false;
  std::string user = "guest", password = "guest", vhost = "/";
  Server server = {};
};
std::optional<AmqpUrl> split_amqp(std::string_view url);

// Gives every key without a value its default.
void complete(const Kind& kind, Settings& settings);

}  // namespace saker::output
