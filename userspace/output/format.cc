// SPDX-License-Identifier: Apache-2.0
#include "output/format.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/base64.h"
#include "enrich/container.h"
#include "enrich/process.h"
#include "fields/number.h"
#include "fields/shown.h"
#include "output/clock.h"
#include "output/escape.h"
#include "output/evaluate.h"

namespace saker::output {
namespace {

using fields::Value;

constexpr std::string_view unset_text = "<NA>";

// One member of output_fields. They are printed in the order in which they are prepared.
struct JsonField {
  std::string key;
  const lang::Operand* operand = nullptr;      // typed value of a field
  const lang::OutputFormat* format = nullptr;  // or a text that contains fields
  bool is_time = false;                        // or the event's time
};

struct Prepared {
  const RuleText* text = nullptr;
  std::vector<JsonField> fields;  // sorted by key, each key once
  std::string json_tail;          // priority, rule, source, tags: equal for all alerts
};

// Ancestor 2 is "proc.aname[2]"; an argument written as a suffix is already part of the name.
std::string key_of(const lang::Operand& operand) {
  bool suffix = operand.field != fields::no_field &&
                operand.text.size() > fields::all_fields()[operand.field].name.size();
  if (!operand.has_arg || suffix) return operand.text;
  return operand.text + "[" + operand.arg + "]";
}

void append_key(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  append_json(out, key);
  out += ':';
}

bool joins_ancestors(const lang::Operand& operand) {
  return operand.field != fields::no_field && operand.type == fields::FieldType::string &&
         fields::all_fields()[operand.field].any_ancestor;
}

void append_value(std::string& out, const lang::Operand& operand, const Value& value) {
  if (fields::prints_nothing(operand.field, value)) {
    out += "null";
    return;
  }
  switch (value.kind) {
    case Value::Kind::unset: out += "null"; return;
    case Value::Kind::boolean: out += value.bits ? "true" : "false"; return;
    case Value::Kind::number:
      if (fields::prints_hex(operand.field) || fields::has_form(value)) break;
      out += std::to_string(value.number());
      return;
    case Value::Kind::text:
      if (fields::prints_bytes(operand.field) || fields::is_bytes(value)) break;
      append_json(out, value.text);
      return;
    case Value::Kind::natural:
      // A mode is printed in octal, which is not a JSON number.
      if (operand.type == fields::FieldType::mode || fields::has_form(value)) break;
      out += std::to_string(value.bits);
      return;
    case Value::Kind::list:
      // The values of all ancestors are one text, joined by spaces.
      if (joins_ancestors(operand)) break;
      out += '[';
      for (std::uint32_t i = 0; i < value.count; i++) {
        if (i) out += ',';
        append_value(out, operand, value.items[i]);
      }
      out += ']';
      return;
    case Value::Kind::address: break;
  }
  if (fields::is_real(value)) {
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, fields::real_of(value)).ptr);
    return;
  }
  std::string text;
  fields::append_text(text, reference_of(operand), value);
  fields::base_of(value) == 10 ? static_cast<void>(out += text) : append_json(out, text);
}

// The value of a field at an event.
void append_value(std::string& out, const lang::Operand& operand,
                  const EvaluationContext& context) {
  const bool is_field = operand.kind == lang::Operand::Kind::field;
  if (is_field && fields::prints_time(operand.field)) {
    out += std::to_string(context.event.time);
    return;
  }
  Value value = evaluate(operand, context);
  if (is_field && value.set() && fields::prints_no_delta(operand.field)) value.bits = 0;
  append_value(out, operand, value);
}

// The JSON value of an operand.
void append_field(std::string& out, const lang::Operand& operand,
                  const EvaluationContext& context) {
  const std::optional<std::string_view> bytes = bytes_to_encode(operand, context);
  if (!bytes) return append_value(out, operand, context);
  out += '"';
  append_base64(out, *bytes);
  out += '"';
}

// Pads the text in `out` from `start` on with spaces, or cuts it, to `width` characters.
void fit(std::string& out, std::size_t start, std::uint32_t width) {
  std::size_t characters = 0, at = start;
  for (; at < out.size(); at++) {
    bool begins = (static_cast<unsigned char>(out[at]) & 0xc0) != 0x80;
    if (begins && characters++ == width) break;
  }
  out.resize(at);
  if (characters < width) out.append(width - characters, ' ');
}

// False: a value is unset and the format does not allow that.
bool append_message(std::string& out, const lang::OutputFormat& format,
                    const EvaluationContext& context) {
  for (const lang::OutputToken& token : format.tokens) {
    if (token.kind == lang::OutputToken::Kind::literal) {
      out += token.text;
      continue;
    }
    std::size_t start = out.size();
    Value value = evaluate(token.value, context);
    if (fields::prints_nothing(token.value.field, value)) value = {};
    if (!value.set() && !format.keep_unset) return false;
    if (std::optional<std::string_view> bytes = bytes_to_encode(token.value, context))
      append_base64(out, *bytes);
    else if (value.set())
      fields::append_text(out, reference_of(token.value), value);
    else
      out += unset_text;
    if (token.width) fit(out, start, token.width);
  }
  return true;
}

void append_tail(std::string& out, lang::Priority priority, std::string_view rule,
                 std::string_view source, const std::vector<std::string>* tags) {
  append_key(out, "priority");
  append_json(out, lang::priority_name(priority));
  append_key(out, "rule");
  append_json(out, rule);
  append_key(out, "source");
  append_json(out, source);
  if (!tags) return;
  append_key(out, "tags");
  out += '[';
  for (const std::string& tag : *tags) {
    if (out.back() != '[') out += ',';
    append_json(out, tag);
  }
  out += ']';
}

void append_end(std::string& out, std::uint64_t time_ns) {
  out += ",\"time\":\"";
  append_utc(out, time_ns);
  out += "\"}";
}

std::string_view time_key(const FormatOptions& options) {
  return options.iso_time ? "evt.time.iso8601" : "evt.time";
}

// "TIME: Priority ", the text before every message.
std::string line_head(const FormatOptions& options, lang::Priority priority,
                      std::uint64_t time_ns) {
  std::string head;
  options.iso_time ? append_iso8601(head, time_ns) : append_time_of_day(head, time_ns);
  head += ": ";
  head += lang::priority_name(priority);
  head += ' ';
  return head;
}

std::vector<JsonField> fields_of(const RuleText& text, const std::vector<lang::Operand>& operands,
                                 const FormatOptions& options) {
  std::vector<JsonField> fields;
  auto add = [&](JsonField field) {
    auto same = std::find_if(fields.begin(), fields.end(),
                             [&](const JsonField& other) { return other.key == field.key; });
    if (same == fields.end())
      fields.push_back(std::move(field));
    else
      *same = std::move(field);
  };
  for (const lang::Operand& operand : operands) add({key_of(operand), &operand, nullptr, false});
  for (const lang::ExtraField& extra : text.extra_fields) {
    bool raw = extra.raw && extra.format.tokens.size() == 1;
    add({extra.key, raw ? &extra.format.tokens[0].value : nullptr, raw ? nullptr : &extra.format,
         false});
  }
  add({std::string(time_key(options)), nullptr, nullptr, true});
  std::sort(fields.begin(), fields.end(),
            [](const JsonField& a, const JsonField& b) { return a.key < b.key; });
  return fields;
}

void add_source(Alert& alert, const enrich::Process& process) {
  alert.exepath = process.program->exepath;
  if (const enrich::Container* container = process.container.get())
    alert.image = container->image_repository.empty() ? container->id : container->image_repository;
}

}  // namespace

struct Formatter::State {
  FormatOptions options;
  fields::Scratch scratch;
  std::vector<Prepared> rules;
  std::vector<std::vector<lang::Operand>> operands;  // `rules` points into this
  bool json_too = false;

  void append_fields(std::string& out, const Prepared& rule, const EvaluationContext& context);
  std::string json(const Prepared& rule, std::string_view head, std::string_view message,
                   const EvaluationContext& context);
};

void Formatter::State::append_fields(std::string& out, const Prepared& rule,
                                     const EvaluationContext& context) {
  append_key(out, "output_fields");
  out += '{';
  for (const JsonField& field : rule.fields) {
    append_key(out, field.key);
    if (field.is_time) {
      out += std::to_string(context.event.time);
    } else if (!field.operand) {
      std::string text;
      append_message(text, *field.format, context);
      append_json(out, text);
    } else {
      append_field(out, *field.operand, context);
    }
  }
  out += '}';
}

std::string Formatter::State::json(const Prepared& rule, std::string_view head,
                                   std::string_view message, const EvaluationContext& context) {
  std::string out = "{";
  append_key(out, "hostname");
  append_json(out, options.hostname);
  if (options.include_message) {
    append_key(out, "message");
    append_json(out, message);
  }
  if (options.include_output) {
    append_key(out, "output");
    append_json(out, std::string(head).append(message));
  }
  if (options.include_fields) append_fields(out, rule, context);
  out += rule.json_tail;
  append_end(out, context.event.time);
  return out;
}

Formatter::Formatter(std::span<const RuleText> rules, FormatOptions options,
                     const enrich::Users* users)
    : state_(new State{std::move(options), fields::Scratch(users), {}, {}, false}) {
  state_->operands.reserve(rules.size());
  for (const RuleText& text : rules) {
    state_->operands.push_back(lang::output_fields(text.output));
    Prepared rule{&text, fields_of(text, state_->operands.back(), state_->options), ","};
    append_tail(rule.json_tail, text.priority, text.name, text.source,
                state_->options.include_tags ? &text.tags : nullptr);
    rule.json_tail.erase(0, 1);  // append_key has put a comma before the first key
    state_->rules.push_back(std::move(rule));
  }
}

Formatter::~Formatter() = default;
Formatter::Formatter(Formatter&&) noexcept = default;

Alert Formatter::render(const match::Verdict& verdict, const fields::Event& event) {
  const Prepared& rule = state_->rules[verdict.rule];
  fields::View view = verdict.resolved_view ? fields::View::resolved : fields::View::named;
  state_->scratch.reset();
  EvaluationContext context{event, view, state_->scratch, state_->options.base64};
  Alert alert;
  alert.rule = verdict.rule;
  alert.rule_name = rule.text->name;
  alert.priority = rule.text->priority;
  alert.capture = rule.text->capture;
  alert.capture_ms = rule.text->capture_ms;
  alert.time = event.time;
  std::string head = line_head(state_->options, alert.priority, event.time), message;
  if (!append_message(message, rule.text->output, context)) message.clear();
  if (state_->options.text) append_line(alert.text, std::string(head).append(message));
  if (state_->options.json || state_->json_too)
    alert.json = state_->json(rule, head, message, context);
  if (state_->options.sources) add_source(alert, *event.process);
  if (state_->options.messages) alert.message = std::move(message);
  return alert;
}

void Formatter::use(const enrich::Users* users) { state_->scratch.use(users); }
void Formatter::use_json(bool too) { state_->json_too = too; }

void add_recording(Alert& alert, std::string_view path) {
  if (!alert.text.empty()) append_line(alert.text.append(" recording="), path);
  if (alert.json.empty()) return;
  alert.json.pop_back();
  append_key(alert.json, "recording");
  append_json(alert.json, path);
  alert.json += '}';
}

struct LineFormatter::State {
  lang::OutputFormat format;
  bool json, base64;
  std::vector<lang::Operand> operands;
  fields::Scratch scratch{nullptr};
};

LineFormatter::LineFormatter(lang::OutputFormat format, bool json, bool base64)
    : state_(
          new State{.format = std::move(format), .json = json, .base64 = base64, .operands = {}}) {
  state_->operands = lang::output_fields(state_->format);
}
LineFormatter::~LineFormatter() = default;

void LineFormatter::append(std::string& out, const fields::Event& event) {
  State& state = *state_;
  state.scratch.reset();
  state.scratch.use(event.users);
  EvaluationContext context{event, fields::View::named, state.scratch, state.base64};
  if (!state.json) {
    std::string text;
    if (append_message(text, state.format, context)) append_line(out, text);
    return;
  }
  out += '{';
  for (const lang::Operand& operand : state.operands) {
    append_key(out, key_of(operand));
    append_field(out, operand, context);
  }
  out += '}';
}

Alert internal_alert(const FormatOptions& options, std::string_view rule, lang::Priority priority,
                     std::string_view message, std::uint64_t time_ns,
                     const std::map<std::string, std::string>& fields) {
  Alert alert;
  alert.priority = priority;
  alert.rule_name = rule;
  alert.time = time_ns;
  std::string line = line_head(options, priority, time_ns).append(message);
  if (options.text) append_line(alert.text, line);
  if (!options.json) return alert;
  alert.json += '{';
  append_key(alert.json, "hostname");
  append_json(alert.json, options.hostname);
  append_key(alert.json, "output");
  append_json(alert.json, line);
  append_key(alert.json, "output_fields");
  alert.json += '{';
  for (const auto& [key, value] : fields) {
    append_key(alert.json, key);
    alert.json += value;
  }
  alert.json += '}';
  append_tail(alert.json, priority, rule, "internal", nullptr);
  append_end(alert.json, time_ns);
  return alert;
}

}  // namespace saker::output
