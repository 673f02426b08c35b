// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/template_functions.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/base64.h"
#include "output/escape.h"

namespace saker::output {
namespace {

using Nodes = std::span<const Node>;

std::int64_t number_of(const Node& node) {
  std::int64_t number = 0;
  std::from_chars(node.text.data(), node.text.data() + node.text.size(), number);
  return number;
}

Node shown(Nodes operands) {
  std::string out;
  append_shown(out, text_of(operands[0]));
  return Node::of(std::move(out));
}

Node index(Nodes operands) {
  const Node* at = &operands[0];
  for (const Node& key : operands.subspan(1)) {
    if (at->kind == Node::Kind::list) {
      const auto number = static_cast<std::size_t>(number_of(key));
      if (number >= at->members.size()) return {};
      at = &at->members[number].second;
    } else if (!(at = at->find(text_of(key)))) {
      return {};
    }
  }
  return *at;
}

Node either(Nodes operands) {
  for (const Node& each : operands)
    if (each.truth()) return each;
  return operands.back();
}

Node both(Nodes operands) {
  for (const Node& each : operands)
    if (!each.truth()) return each;
  return operands.back();
}

Node truth(bool is) { return Node::of_json(is ? "true" : "false"); }
Node negation(Nodes operands) { return truth(!operands[0].truth()); }

// As in Go: equal to any of the others.
bool equals_any(Nodes operands) {
  const std::string first = text_of(operands[0]);
  return std::ranges::any_of(operands.subspan(1),
                             [&](const Node& other) { return text_of(other) == first; });
}
Node equal(Nodes operands) { return truth(equals_any(operands)); }
Node unequal(Nodes operands) { return truth(!equals_any(operands)); }

template <int (*convert)(int)>
Node letters(Nodes operands) {
  std::string text = text_of(operands[0]);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x80) c = static_cast<char>(convert(c));
  return Node::of(std::move(text));
}
int to_lower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
int to_upper(int c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }

Node json(Nodes operands) {
  std::string out;
  append_json_of(out, operands[0]);
  return Node::of(std::move(out));
}

Node url(Nodes operands) { return Node::of(url_escaped(text_of(operands[0]))); }

struct Escape {
  char of;
  std::string_view to;
};

// For people: no hidden characters, and the special characters of the format escaped.
std::string escaped(const Node& node, std::span<const Escape> escapes) {
  std::string raw, out;
  append_shown(raw, text_of(node));
  for (const char c : raw) {
    const auto found = std::ranges::find(escapes, c, &Escape::of);
    found == escapes.end() ? static_cast<void>(out += c) : static_cast<void>(out += found->to);
  }
  return out;
}

Node html(Nodes operands) {
  static constexpr Escape escapes[] = {
      {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
  return Node::of(escaped(operands[0], escapes));
}

// Slack's mrkdwn has three characters to escape; links, mentions and <!channel> begin with one of
// them.
Node slack(Nodes operands) {
  static constexpr Escape escapes[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}};
  return Node::of(escaped(operands[0], escapes));
}

// Characters to which readers of markdown react. An @ is separated from the name after it, so that
// nobody is notified.
Node markdown(Nodes operands) {
  static constexpr Escape escapes[] = {
      {'\\', "\\\\"}, {'`', "\\`"}, {'*', "\\*"},          {'_', "\\_"}, {'[', "\\["},
      {']', "\\]"},   {'<', "\\<"}, {'>', "\\>"},          {'#', "\\#"}, {'|', "\\|"},
      {'~', "\\~"},   {'!', "\\!"}, {'@', "@\xe2\x80\x8b"}};
  return Node::of(escaped(operands[0], escapes));
}

// Telegram's MarkdownV2 needs a backslash before each of its special characters. An @ is separated
// from the name after it, as in markdown.
Node telegram(Nodes operands) {
  static constexpr std::string_view signs = "\\_*[]()~`>#+-=|{}.!";
  std::string raw, out;
  append_shown(raw, text_of(operands[0]));
  for (const char c : raw) {
    if (signs.find(c) != signs.npos) out += '\\';
    out += c;
    if (c == '@') out += "\xe2\x80\x8b";
  }
  return Node::of(std::move(out));
}

// A key or a tag of InfluxDB's line protocol: space, comma and equals sign are escaped.
Node influx(Nodes operands) {
  std::string out, raw;
  append_shown(raw, text_of(operands[0]));
  for (const char c : raw) {
    if (c == ' ' || c == ',' || c == '=') out += '\\';
    out += c;
  }
  // A trailing backslash would escape the character after it.
  while (!out.empty() && out.back() == '\\') out.pop_back();
  return Node::of(std::move(out));
}

// The name of a label: letters, digits and underscores, not beginning with a digit.
Node label(Nodes operands) {
  std::string out;
  for (const char c : text_of(operands[0])) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (digit && out.empty()) out += '_';
    out += letter || digit ? c : '_';
  }
  return Node::of(std::move(out));
}

Node base64(Nodes operands) {
  std::string out;
  append_base64(out, text_of(operands[0]));
  return Node::of(std::move(out));
}

// HTTP basic authentication: user and password.
Node basic(Nodes operands) {
  std::string out = "Basic ";
  append_base64(out, text_of(operands[0]) + ":" + text_of(operands[1]));
  return Node::of(std::move(out));
}

Node length(Nodes operands) {
  const Node& of = operands[0];
  const bool many = of.kind == Node::Kind::list || of.kind == Node::Kind::map;
  return Node::of_number(static_cast<std::int64_t>(many ? of.members.size() : text_of(of).size()));
}

Node replace(Nodes operands) {
  const std::string from = text_of(operands[0]), to = text_of(operands[1]);
  std::string text = text_of(operands[2]);
  if (from.empty()) return Node::of(std::move(text));
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
    text.replace(at, from.size(), to);
  return Node::of(std::move(text));
}

Node join(Nodes operands) {
  std::string out;
  for (const auto& [key, item] : operands[1].members)
    out +=
        (&item == &operands[1].members.front().second ? "" : text_of(operands[0])) + text_of(item);
  return Node::of(std::move(out));
}

// At most this many characters.
Node cut(Nodes operands) {
  std::string text = text_of(operands[1]);
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(number_of(operands[0]), 0));
  std::size_t characters = 0, at = 0;
  for (; at < text.size(); at++)
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80 && characters++ == most) break;
  text.resize(at);
  return Node::of(std::move(text));
}

// At most this many members.
Node first(Nodes operands) {
  Node out = operands[1];
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(number_of(operands[0]), 0));
  if (out.members.size() > most)
    out.members.erase(out.members.begin() + static_cast<std::ptrdiff_t>(most), out.members.end());
  return out;
}

// Thirty-two digits that are always the same for the same text.
Node hash(Nodes operands) {
  const std::string text = text_of(operands[0]);
  const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
  char out[33];
  std::snprintf(out, sizeof(out), "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return Node::of(out);
}

// The Nth of the others, from 0; the last one if there are fewer.
Node choose(Nodes operands) {
  const auto wanted = static_cast<std::size_t>(std::max<std::int64_t>(number_of(operands[0]), 0));
  return operands[std::min(wanted + 1, operands.size() - 1)];
}

Node otherwise(Nodes operands) { return operands[1].truth() ? operands[1] : operands[0]; }

constexpr std::uint8_t any = 16;
constexpr TemplateFunction functions[] = {
    {"", 1, 1, nullptr},
    {"index", 2, any, index},
    {"or", 1, any, either},
    {"and", 1, any, both},
    {"not", 1, 1, negation},
    {"eq", 2, any, equal},
    {"ne", 2, 2, unequal},
    {"lower", 1, 1, letters<to_lower>},
    {"upper", 1, 1, letters<to_upper>},
    {"default", 2, 2, otherwise},
    {"choose", 2, any, choose},
    {"len", 1, 1, length},
    {"replace", 3, 3, replace},
    {"join", 2, 2, join},
    {"cut", 2, 2, cut},
    {"first", 2, 2, first},
    {"hash", 1, 1, hash},
    {"json", 1, 1, json},
    {"url", 1, 1, url},
    {"html", 1, 1, html},
    {"slack", 1, 1, slack},
    {"markdown", 1, 1, markdown},
    {"telegram", 1, 1, telegram},
    {"influx", 1, 1, influx},
    {"label", 1, 1, label},
    {"base64", 1, 1, base64},
    {"basic", 2, 2, basic},
    {"shown", 1, 1, shown},
};

}  // namespace

std::span<const TemplateFunction> template_functions() { return functions; }

std::string text_of(const Node& node) {
  if (node.kind == Node::Kind::text || node.kind == Node::Kind::json) return node.text;
  std::string out;
  if (node.kind != Node::Kind::nothing) append_json_of(out, node);
  return out;
}

void append_json_of(std::string& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::nothing: out += "null"; return;
    case Node::Kind::text: append_json(out, node.text); return;
    case Node::Kind::json: out += node.text; return;
    case Node::Kind::list:
    case Node::Kind::map: break;
  }
  const bool map = node.kind == Node::Kind::map;
  out += map ? '{' : '[';
  for (const auto& [key, value] : node.members) {
    if (&value != &node.members.front().second) out += ',';
    if (map) {
      append_json(out, key);
      out += ':';
    }
    append_json_of(out, value);
  }
  out += map ? '}' : ']';
}

}  // namespace saker::output
