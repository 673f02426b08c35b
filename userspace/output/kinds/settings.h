// SPDX-License-Identifier: Apache-2.0
// The configuration of one output: plain data, read by service/config/outputs.h, checked against
// the rows of kind.h. Any thread, once it is made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lang/rules.h"
#include "output/alert.h"

namespace saker::output {

using Texts = std::vector<std::string>;
using Pairs = std::map<std::string, std::string>;
using Setting = std::variant<std::string, std::int64_t, bool, Texts, Pairs>;

struct Settings {
  std::string name, type;  // name: unique among the outputs
  bool enabled = true;
  lang::Priority priority = lang::Priority::debug;  // less severe alerts are not sent to it
  std::string format = "";                          // one of its kind's formats
  std::uint64_t queue_bytes = 8u << 20;
  bool spool = true;  // alerts wait on disk if there is a spool; otherwise in the queue only
  std::map<std::string, Setting> values = {};  // the kind's keys that have a value

  Form form() const { return format == "text" ? Form::text : Form::json; }

  std::string text(std::string_view key) const { return get<std::string>(key); }
  std::int64_t number(std::string_view key) const { return get<std::int64_t>(key); }
  bool flag(std::string_view key) const { return get<bool>(key); }
  Texts list(std::string_view key) const { return get<Texts>(key); }
  Pairs pairs(std::string_view key) const { return get<Pairs>(key); }
  bool has(std::string_view key) const { return values.contains(std::string(key)); }

  bool operator==(const Settings&) const = default;

 private:
  template <typename T>
  T get(std::string_view key) const {
    const auto found = values.find(std::string(key));
    const T* value = found == values.end() ? nullptr : std::get_if<T>(&found->second);
    return value ? *value : T();
  }
};

}  // namespace saker::output
