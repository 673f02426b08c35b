// SPDX-License-Identifier: Apache-2.0
// Converts values of a configuration, a TOML node or the text of an option, to a number, a text, a
// size or a time. If the value does not fit, each function adds an error with the place and an
// example, and leaves `to` unchanged. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/config/keys.h"

namespace saker::service {

// One key being read: the node, its full name, and where errors go.
struct At {
  const toml::node& node;
  std::string key;
  ConfigTarget& target;

  run::Config& config() const { return target.result.config; }
  void wrong(std::string message, std::string hint) const {
    note(target.result.errors, std::move(message), std::move(hint));
  }
  void warn(std::string message, std::string hint) const {
    note(target.result.warnings, std::move(message), std::move(hint));
  }
  // The same for a value inside this key.
  At inside(const toml::node& inner, std::string name) const { return {inner, name, target}; }

  void note(std::vector<ConfigDiagnostic>& to, std::string message, std::string hint) const {
    toml::source_position pos = node.source().begin;
    // The file may be one that the configuration includes.
    const auto& file = node.source().path;
    const std::string& name = target.has_position && file ? *file : target.name;
    if (!target.has_position) pos = {};
    to.push_back({name, pos.line, pos.column, std::move(message), std::move(hint)});
  }
};

const char* kind_of(const toml::node& node);
void wrong_kind(const At& at, const char* wanted, const std::string& example);
// Null unless this is an option whose value is text.
const std::string* text_in_option(const At& at);
std::optional<bool> bool_of(const At& at);
std::optional<std::int64_t> integer_of(const At& at);
std::optional<std::string> string_of(const At& at);
void read_bool(const At& at, bool& to);
void read_string(const At& at, std::string& to, const std::string& example);
void read_number(const At& at, std::uint32_t& to, std::int64_t max);
void read_fraction(const At& at, double& to, double most);
void read_choice(const At& at, std::initializer_list<std::string_view> names,
                 const std::function<void(std::size_t)>& set);
void read_strings(const At& at, std::vector<std::string>& to, const std::string& example);
std::optional<std::uint64_t> size_of(const At& at, const std::string& example);
void read_ring_size(const At& at, std::uint64_t& to);
void read_size(const At& at, std::uint64_t& to, std::uint64_t least, const std::string& example);
void read_time(const At& at, std::uint64_t& to, const std::string& example);
void read_priority(const At& at, lang::Priority& to);
void read_keep(const At& at, std::uint32_t& to);

}  // namespace saker::service
