// SPDX-License-Identifier: Apache-2.0
#include "alert_filter.h"

#include <arpa/inet.h>
#include <fnmatch.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <nlohmann/json.hpp>
#include <set>

#include "decode/build.h"
#include "fields/event.h"
#include "fields/extract.h"
#include "fields/scratch.h"
#include "run/filter.h"

namespace saker::cli {
namespace {

using Json = nlohmann::json;
using fields::FieldType;
using fields::Value;

Value address_of(const std::string& text, fields::Scratch& scratch) {
  char bytes[16];
  for (const auto& [family, size] : {std::pair{AF_INET, 4u}, {AF_INET6, 16u}})
    if (::inet_pton(family, text.c_str(), bytes) == 1)
      return Value::of_address(scratch.keep({bytes, size}));
  return {};
}

// In the form of alerts: hexadecimal numbers and modes are text.
Value number_of(std::string_view text) {
  const bool hex = text.starts_with("0x");
  std::int64_t number = 0;
  const char* begin = text.data() + (hex ? 2 : 0);
  const auto [end, error] =
      std::from_chars(begin, text.data() + text.size(), number, hex ? 16 : 10);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return Value::of_number(number);
}

Value value_of(const Json& json, FieldType type, fields::Scratch& scratch) {
  if (json.is_boolean()) return Value::of_bool(json.get<bool>());
  if (json.is_number_unsigned()) return Value::of_natural(json.get<std::uint64_t>());
  if (json.is_number_integer()) return Value::of_number(json.get<std::int64_t>());
  if (json.is_array()) {
    auto* items = new (scratch.take(json.size() * sizeof(Value) + 1)) Value[json.size()];
    for (std::size_t i = 0; i < json.size(); i++) items[i] = value_of(json[i], type, scratch);
    return Value::of_list(items, static_cast<std::uint32_t>(json.size()));
  }
  if (!json.is_string()) return {};
  const std::string& text = json.get_ref<const std::string&>();
  if (type == FieldType::ipaddr || type == FieldType::ipnet) return address_of(text, scratch);
  return fields::is_number(type) ? number_of(text) : Value::of_text(text);
}

// An alert as an event: its fields are the alert's output fields.
class AlertOrigin final : public fields::Origin {
 public:
  AlertOrigin() : Origin(getters(), 0, 0) {}

  fields::EventKind kind(const decode::Record&) const override { return kind_; }

  const Json* output_fields = nullptr;
  fields::EventKind kind_ = 0;
  mutable std::set<std::string> missing;

 private:
  static const fields::Getters& getters() {
    static const std::vector<fields::Getter> all(fields::all_fields().size(), get);
    static const fields::Getters out{std::span<const fields::Getter>(all)};
    return out;
  }
  static Value get(const fields::FieldRef& ref, const fields::Event& event, fields::View,
                   fields::Scratch& scratch) {
    const auto* origin = static_cast<const AlertOrigin*>(event.origin);
    const fields::FieldDef& field = fields::all_fields()[ref.id];
    std::string name(field.name);
    auto found =
        origin->output_fields->find(ref.has_arg ? name + "[" + std::string(ref.arg) + "]" : name);
    if (found == origin->output_fields->end() && ref.has_arg)
      found = origin->output_fields->find(name += "." + std::string(ref.arg));
    if (found != origin->output_fields->end()) return value_of(*found, field.type, scratch);
    origin->missing.insert(name);
    return {};
  }
};

}  // namespace

struct AlertFilter::Condition {
  explicit Condition(std::unique_ptr<match::Program> compiled)
      : program(std::move(compiled)), matcher(*program) {
    builder.begin(SAKER_EV_foreign);
    bytes = builder.finish();
  }

  bool holds_at(fields::EventKind kind) {
    origin.kind_ = kind;
    nobody.verdicts.forget();
    const fields::Event event{
        decode::Record(bytes.data()), &nobody, 0, 0, nullptr, nullptr, &origin};
    return !matcher.match(event).empty();
  }
  bool holds(const Json& output_fields) {
    origin.output_fields = &output_fields;
    const auto type = output_fields.find("evt.type");
    if (type != output_fields.end() && type->is_string()) {
      const fields::EventKind kind = fields::find_kind(type->get_ref<const std::string&>());
      return kind != 0 && holds_at(kind);
    }
    // The alert does not say: then whether it could match.
    const fields::KindSet& kinds = program->asked_kinds();
    for (std::size_t kind = 1; kind < kinds.size(); kind++)
      if (kinds[kind] && holds_at(static_cast<fields::EventKind>(kind))) return true;
    return false;
  }

  std::unique_ptr<match::Program> program;
  match::Matcher matcher;
  AlertOrigin origin;
  enrich::Process nobody;
  decode::RecordBuilder builder;
  std::span<const std::byte> bytes;
  std::set<std::string> told;
};

AlertFilter::AlertFilter() = default;
AlertFilter::~AlertFilter() = default;

Result<void> AlertFilter::use_condition(const std::string& condition,
                                        const std::vector<std::string>& rules_files,
                                        const lang::LoadOptions& options) {
  auto program = run::compile_filter(condition, rules_files, options);
  if (!program) return program.error();
  condition_ = std::make_unique<Condition>(std::move(*program));
  return {};
}

bool AlertFilter::wants(const Json& alert) {
  const auto text = [&alert](const char* key) {
    const auto found = alert.find(key);
    return found != alert.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const std::optional<lang::Priority> priority = lang::parse_priority(text("priority"));
  if (priority && *priority > priority_) return false;
  const std::string rule = text("rule");
  const auto names = [&rule](const std::string& wanted) {
    return ::fnmatch(wanted.c_str(), rule.c_str(), FNM_NOESCAPE) == 0;
  };
  if (!rules_.empty() && std::ranges::none_of(rules_, names)) return false;
  if (!condition_) return true;
  const auto fields = alert.find("output_fields");
  static const Json nothing = Json::object();
  return condition_->holds(fields != alert.end() && fields->is_object() ? *fields : nothing);
}

std::string AlertFilter::take_missing() {
  if (!condition_) return "";
  std::set<std::string>& missing = condition_->origin.missing;
  while (!missing.empty()) {
    const std::string name = missing.extract(missing.begin()).value();
    if (condition_->told.insert(name).second) return name;
  }
  return "";
}

}  // namespace saker::cli
