// SPDX-License-Identifier: Apache-2.0
#include "service/config/values.h"

#include <bit>
#include <charconv>
#include <sstream>

#include "base/nearest.h"
#include "base/units.h"
#include "lang/read/yaml_values.h"

namespace saker::service {

const char* kind_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
  }
}

void wrong_kind(const At& at, const char* wanted, const std::string& example) {
  at.wrong(at.key + " is " + kind_of(at.node) + ", it must be " + wanted,
           "write it like " + at.key + " = " + example);
}

// In an option every value may be text, as in YAML, and so may a value from the environment; in a
// file the type must match.
const std::string* text_in_option(const At& at) {
  const auto* value = at.node.as_string();
  const std::set<const toml::node*>* expanded = at.target.expanded;
  const bool any = !at.target.has_position || (expanded && expanded->contains(&at.node));
  return value && any ? &value->get() : nullptr;
}

std::optional<bool> bool_of(const At& at) {
  if (const auto* value = at.node.as_boolean()) return value->get();
  const std::string* text = text_in_option(at);
  return text ? lang::parse_yaml_bool(*text) : std::nullopt;
}

std::optional<std::int64_t> integer_of(const At& at) {
  if (const auto* value = at.node.as_integer()) return value->get();
  const std::string* text = text_in_option(at);
  std::int64_t number = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  return whole ? std::optional(number) : std::nullopt;
}

// Another type may be accepted where text is expected: static_fields={rack=42}.
std::optional<std::string> string_of(const At& at) {
  if (const auto* value = at.node.as_string()) return value->get();
  if (at.target.has_position || at.node.is_table() || at.node.is_array()) return std::nullopt;
  std::ostringstream printed;
  at.node.visit([&](const auto& value) {
    if constexpr (toml::is_value<decltype(value)>) printed << std::boolalpha << value.get();
  });
  return printed.str();
}

void read_bool(const At& at, bool& to) {
  if (const std::optional<bool> value = bool_of(at))
    to = *value;
  else
    wrong_kind(at, "true or false", "true");
}

void read_string(const At& at, std::string& to, const std::string& example) {
  if (std::optional<std::string> value = string_of(at))
    to = std::move(*value);
  else
    wrong_kind(at, "a string", "\"" + example + "\"");
}

void read_number(const At& at, std::uint32_t& to, std::int64_t max) {
  const std::optional<std::int64_t> value = integer_of(at);
  if (!value) return wrong_kind(at, "a whole number", "1000");
  if (*value < 0 || *value > max)
    return at.wrong(
        at.key + " is " + std::to_string(*value) + ", it must be from 0 to " + std::to_string(max),
        "choose a number in that range");
  to = static_cast<std::uint32_t>(*value);
}

std::optional<double> fraction_of(const At& at) {
  if (const auto* value = at.node.as_floating_point()) return value->get();
  if (const auto* whole = at.node.as_integer()) return static_cast<double>(whole->get());
  const std::string* text = text_in_option(at);
  double number = 0;
  if (!text) return std::nullopt;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  return whole ? std::optional(number) : std::nullopt;
}

void read_fraction(const At& at, double& to, double most) {
  const std::optional<double> number = fraction_of(at);
  if (!number) return wrong_kind(at, "a number", "0.1");
  if (!(*number >= 0 && *number <= most))
    return at.wrong(at.key + " must be from 0 to " + std::to_string(static_cast<int>(most)),
                    "choose a number in that range");
  to = *number;
}

// One of a few words; `names` in the order of the values from 0.
void read_choice(const At& at, std::initializer_list<std::string_view> names,
                 const std::function<void(std::size_t)>& set) {
  const auto* value = at.node.as_string();
  std::string all;
  for (std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  if (!value)
    return wrong_kind(at, ("one of " + all).c_str(), "\"" + std::string(*names.begin()) + "\"");
  Nearest nearest(value->get());
  std::size_t index = 0;
  for (std::string_view name : names) {
    if (name == value->get()) return set(index);
    nearest.offer(name);
    index++;
  }
  at.wrong(at.key + " is \"" + value->get() + "\"",
           nearest.best().empty() ? "it may be " + all
                                  : "did you mean \"" + std::string(nearest.best()) + "\"?");
}

void read_strings(const At& at, std::vector<std::string>& to, const std::string& example) {
  const toml::array* list = at.node.as_array();
  if (const auto* one = at.node.as_string()) {
    to = {one->get()};
    return;
  }
  if (!list) return wrong_kind(at, "a list of strings", "[\"" + example + "\"]");
  std::vector<std::string> out;
  for (const toml::node& item : *list) {
    std::string text;
    std::size_t errors = at.target.result.errors.size();
    read_string(at.inside(item, "an entry of " + at.key), text, example);
    if (at.target.result.errors.size() == errors) out.push_back(std::move(text));
  }
  to = std::move(out);
}

// Bytes: a number, or text with KiB, MiB or GiB. Nothing: it is not a size, which was reported.
std::optional<std::uint64_t> size_of(const At& at, const std::string& example) {
  std::optional<std::uint64_t> bytes;
  if (const auto* number = at.node.as_integer()) {
    if (number->get() >= 0) bytes = static_cast<std::uint64_t>(number->get());
  } else if (const auto* text = at.node.as_string()) {
    bytes = parse_size(text->get());
  } else {
    wrong_kind(at, "a size", "\"" + example + "\"");
    return std::nullopt;
  }
  if (!bytes)
    at.wrong(at.key + " is not a size", "write it like " + at.key + " = \"" + example + "\"");
  return bytes;
}

// A ring's size is a power of two.
void read_ring_size(const At& at, std::uint64_t& to) {
  constexpr std::uint64_t least = 64u << 10, most = 64u << 20;
  std::optional<std::uint64_t> bytes = size_of(at, "4MiB");
  if (!bytes) return;
  if (*bytes < least || *bytes > most || !std::has_single_bit(*bytes))
    return at.wrong(at.key + " must be a power of two from 64KiB to 64MiB",
                    "write it like " + at.key + " = \"4MiB\"");
  to = *bytes;
}

void read_size(const At& at, std::uint64_t& to, std::uint64_t least, const std::string& example) {
  std::optional<std::uint64_t> bytes = size_of(at, example);
  if (!bytes) return;
  if (*bytes < least)
    return at.wrong(at.key + " must be at least " + size_text(least),
                    "write it like " + at.key + " = \"" + example + "\"");
  to = *bytes;
}

// A whole number of seconds, or text with ms, s, m, h or d.
void read_time(const At& at, std::uint64_t& to, const std::string& example) {
  std::optional<std::uint64_t> ns;
  if (const auto* number = at.node.as_integer())
    ns = parse_duration(std::to_string(number->get()));
  else if (const auto* text = at.node.as_string())
    ns = parse_duration(text->get());
  if (!ns) return wrong_kind(at, "a time", "\"" + example + "\"");
  to = *ns;
}

void read_priority(const At& at, lang::Priority& to) {
  const auto* value = at.node.as_string();
  if (!value) return wrong_kind(at, "the name of a priority", "\"warning\"");
  if (auto priority = lang::parse_priority(value->get())) {
    to = *priority;
    return;
  }
  Nearest nearest(value->get());
  for (const char* name :
       {"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"})
    nearest.offer(name);
  at.wrong(
      at.key + " is \"" + value->get() + "\"",
      nearest.best().empty()
          ? "it may be emergency, alert, critical, error, warning, notice, informational, debug"
          : "did you mean \"" + std::string(nearest.best()) + "\"?");
}

void read_keep(const At& at, std::uint32_t& to) {
  std::uint32_t files = 1;
  read_number(at, files, 100'000);
  if (files == 0)
    return at.wrong(at.key + " is 0, so nothing would be kept",
                    "write at least " + at.key + " = 1");
  to = files;
}

}  // namespace saker::service
