// SPDX-License-Identifier: Apache-2.0
// Every field at every event, live events and those of captures in all their versions: if it has a
// value, every operator of its type can be true for it, together with all others; and the compiled
// program and the plain interpreter of the language agree.
#include <doctest/doctest.h>

#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "../match/plain.h"
#include "../match/random_rules.h"
#include "../match/true_conditions.h"
#include "../scap/replay.h"
#include "fields/extract.h"
#include "lang/compile.h"
#include "match/matcher.h"
#include "scap/event.h"
#include "scap/show.h"

namespace saker::testing {
namespace {

using scap::test::CaptureWriter;

struct Asked {
  std::string written;
  fields::FieldRef ref;
  fields::FieldType type;
  unsigned bits;  // of a number
};

// Every field, with each argument that occurs.
const std::vector<Asked>& asked_fields() {
  static const std::vector<Asked> all = [] {
    std::vector<Asked> made;
    static std::deque<std::string> arguments;
    auto add = [&](const fields::FieldDef& field, const char* open, const std::string& argument) {
      std::string_view kept = arguments.emplace_back(argument);
      std::string close = *open == '[' ? "]" : "";
      const fields::EventParamDef* raw =
          field.name == "evt.rawarg" ? fields::find_event_param(argument) : nullptr;
      made.push_back({std::string(field.name) + open + argument + close,
                      fields::field_ref(field.name, true, kept), raw ? raw->type : field.type,
                      raw ? raw->bits : field.bits});
    };
    for (const fields::FieldDef& field : fields::all_fields()) {
      if (field.name == "static" || field.name == "evt.around") continue;
      if (!field.arg_required)
        made.push_back({std::string(field.name), fields::field_ref(field.name, false, {}),
                        field.type, field.bits});
      if (field.name == "evt.arg" || field.name == "evt.rawarg") {
        for (const fields::EventParamDef& param : fields::event_params())
          add(field, ".", std::string(param.name));
      }
      if (field.name == "evt.abspath") {
        for (const char* end : {"src", "dst"}) add(field, ".", end);
      }
      if (field.name == "evt.type.is") add(field, ".", "open");
      if (field.name == "thread.cgroup") add(field, ".", "cpu");
      bool index = field.arg == fields::ArgKind::index ||
                   field.arg == fields::ArgKind::index_or_key || field.name == "evt.arg";
      bool key = field.arg == fields::ArgKind::key || field.arg == fields::ArgKind::index_or_key;
      for (const char* number : {"0", "1", "2", "9"})
        if (index) add(field, "[", number);
      for (const char* word : {"A", "NONE"})
        if (key) add(field, "[", word);
    }
    return made;
  }();
  return all;
}

// A repeatable source of events: calls `use` with each.
using Events = std::function<void(const std::function<void(const fields::Event&)>& use)>;

struct Seen {
  std::set<std::string> with_value;  // fields by name
  std::size_t conditions = 0, pairs = 0;
};

struct Chunk {
  std::vector<std::string> conditions;
  std::map<std::string, std::size_t> known;
  std::vector<std::vector<std::size_t>> true_at;  // by event: tests that must be true
};

constexpr std::size_t events_of_a_chunk = 40;
constexpr std::size_t values_of_a_field = 3;  // maximum tried with each operator

// A number has at most the bits to which constants are truncated.
bool within(const Asked& asked, const fields::Value& value) {
  using Kind = fields::Value::Kind;
  if (asked.bits >= 64 || (value.kind != Kind::number && value.kind != Kind::natural)) return true;
  std::int64_t rest = value.number() >> (asked.bits - 1);
  bool is_signed = asked.type == fields::FieldType::int64 || asked.type == fields::FieldType::fd ||
                   asked.type == fields::FieldType::pid;
  return is_signed ? rest == 0 || rest == -1 : rest == 0 || rest == 1;
}

std::string_view name_of(const fields::Event& event) {
  bool foreign = event.record.type() == SAKER_EV_foreign;
  return foreign ? event.record.str(SAKER_P_foreign_name) : event.record.info().name;
}

std::string rule_of(std::size_t number, const std::string& condition) {
  return "- rule: r" + std::to_string(number) + "\n  desc: d\n  condition: |\n    " + condition +
         "\n  output: o\n  priority: INFO\n  warn_evttypes: false\n";
}

bool loads(const std::string& condition) {
  lang::SourceText source{"one.yaml", rule_of(0, condition)};
  return lang::load_rule_texts({&source, 1}).ok();
}

// Comparisons that the language refuses: with a constant, or by an operator for single values.
bool may_be_refused(const Asked& asked) {
  return asked.written.starts_with("evt.rawarg.") || asked.written.starts_with("fd.types");
}

class EveryField {
 public:
  explicit EveryField(const Events& events) : events_(events) {}

  Seen run() {
    std::size_t number = 0;
    events_([&](const fields::Event& event) {
      if (number++ % events_of_a_chunk == 0) chunks_.emplace_back();
      collect(event);
    });
    for (std::size_t at = 0; at < chunks_.size(); at++) prove(at);
    return seen_;
  }

 private:
  void collect(const fields::Event& event) {
    Chunk& chunk = chunks_.back();
    chunk.true_at.emplace_back();
    fields::Scratch scratch(event.users);
    for (const Asked& asked : asked_fields()) {
      scratch.reset();
      fields::Value value = fields::extract(asked.ref, event, fields::View::named, scratch);
      if (!value.set()) continue;
      seen_.with_value.insert(std::string(fields::all_fields()[asked.ref.id].name));
      // All parameters with one name have one type, that of most; at other events they are equal to
      // nothing. Random bits may be more than the field has.
      if (!within(asked, value)) continue;
      bool fitting = fits(asked.type, value);
      if (!fitting && asked.written.starts_with("evt.rawarg.")) continue;
      if (!fitting) FAIL(asked.written, " at ", name_of(event), ": a value of another kind");
      bool of_event = asked.written.starts_with("evt.");
      for (const TrueCondition& made : true_conditions(asked.written, asked.type, value)) {
        std::string what = asked.written + " " + made.op;
        if (of_event) what += " " + std::to_string(event.kind());
        if (tried_[what]++ >= (of_event ? 1 : values_of_a_field)) continue;
        if (may_be_refused(asked) && !loads(made.condition)) continue;
        auto [at, fresh] = chunk.known.try_emplace(made.condition, chunk.conditions.size());
        if (fresh) chunk.conditions.push_back(made.condition);
        chunk.true_at.back().push_back(at->second);
      }
    }
  }

  void prove(std::size_t number) {
    const Chunk& chunk = chunks_[number];
    if (chunk.conditions.empty()) return;
    std::string text;
    for (std::size_t i = 0; i < chunk.conditions.size(); i++)
      text += rule_of(i, chunk.conditions[i]);
    lang::SourceText source{"every.yaml", text};
    lang::RuleSet set = lang::load_rule_texts({&source, 1});
    std::string problems;
    for (const lang::Diagnostic& d : set.diagnostics())
      problems += d.error() ? lang::render(d) : "";
    REQUIRE_MESSAGE(set.ok(), problems);
    auto program = match::Program::load(*lang::compile(set, lang::RuleMatching::all));
    REQUIRE(program);
    match::Matcher matcher(**program);
    std::size_t at = 0;
    events_([&](const fields::Event& event) {
      if (at++ / events_of_a_chunk != number) return;
      check(event, set, chunk.true_at[(at - 1) % events_of_a_chunk], **program, matcher);
    });
    seen_.conditions += chunk.conditions.size();
  }

  void check(const fields::Event& event, const lang::RuleSet& set,
             const std::vector<std::size_t>& must_hold, const match::Program& program,
             match::Matcher& matcher) {
    matcher.use(event.users);
    std::vector<bool> compiled(set.rules.size());
    for (const match::Verdict& verdict : matcher.match(event))
      if (!verdict.resolved_view) compiled[program.rule(verdict.rule).index] = true;
    for (std::size_t rule : must_hold)
      if (!compiled[rule])
        FAIL(name_of(event), ", event ", event.number, ": never ", set.rules[rule].condition);
    fields::Scratch scratch(event.users);
    for (std::size_t rule = 0; rule < set.rules.size(); rule++, seen_.pairs++) {
      scratch.reset();
      const lang::Operand& left = set.rules[rule].expr.left;
      if (left.text.starts_with("evt.rawarg.")) {
        fields::FieldRef ref = fields::field_ref(left.field, true, left.arg);
        fields::Value value = fields::extract(ref, event, fields::View::named, scratch);
        if (value.set() && !fits(left.type, value)) continue;
      }
      if (plain_holds(set.rules[rule], event, fields::View::named, scratch) != compiled[rule])
        FAIL(name_of(event), ", event ", event.number, ": plain reading ", !compiled[rule], " for ",
             set.rules[rule].condition);
    }
  }

  const Events& events_;
  std::vector<Chunk> chunks_;
  std::map<std::string, std::size_t> tried_;
  Seen seen_;
};

// A parameter of a capture's event, with the width of its letter, or otherwise of the kind that it
// is shown as.
std::string parameter(const CaptureWriter& w, char letter, scap::ParamKind kind, Chance& chance) {
  std::uint64_t number = chance.one_in(3) ? 3 : chance.below(70);
  if (kind == scap::ParamKind::error && chance.one_in(2)) number = static_cast<std::uint64_t>(-2);
  if (unsigned size = scap::param_size(letter)) return w.bytes().u64(number).out.substr(0, size);
  if (chance.one_in(8)) return "";
  static const char* const texts[] = {"/etc/passwd", "bash", "x y", "/tmp/../a", ""};
  std::string end = w.bytes().u32(0x0100007f).u16(80).out;
  switch (kind) {
    case scap::ParamKind::socktuple:
      return w.bytes().u8(2).raw(end).raw(w.bytes().u32(0x0200000a).u16(443).out).out;
    case scap::ParamKind::sockaddr: return w.bytes().u8(2).raw(end).out;
    case scap::ParamKind::fd_list: return w.bytes().u16(1).i64(3).u16(1).out;
    case scap::ParamKind::bytes: return "A=1" + std::string(1, '\0') + "B=2" + std::string(1, '\0');
    default: return CaptureWriter::text(chance.of(texts));
  }
}

// Every type of event, once with each possible number of parameters.
void write_events(CaptureWriter& w) {
  Chance chance(7);
  std::string container = "cpu=/docker/" + std::string(64, 'a');
  w.processes(w.process(1, 1, 0, "systemd", "/") + w.process(9, 9, 1, "fish", "/root/") +
              w.process(10, 10, 9, "bash", "/tmp/", 0, container, 1000) +
              w.process(20, 10, 9, "worker", "/tmp/", 0, container, 1000));
  for (std::uint16_t type = 0; type < scap::type_count; type++) {
    const scap::TypeInfo& info = scap::type_info(type);
    if (info.name.empty() || (info.flags & scap::unused)) continue;
    const std::vector<scap::ShownParam>& shown = scap::shown_type(type).params;
    for (std::size_t count = info.params.size() + 1; count-- > 0;) {
      std::vector<std::string> params;
      for (std::size_t i = 0; i < count; i++)
        params.push_back(parameter(w, info.params[i],
                                   i < shown.size() ? shown[i].kind : scap::ParamKind::unknown,
                                   chance));
      w.event(type, chance.one_in(3) ? 20 : 10, params);
    }
  }
}

void report(const char* what, const Seen& seen) {
  std::printf("%s: %zu conditions, %zu pairs of one and an event\n", what, seen.conditions,
              seen.pairs);
}

}  // namespace

TEST_CASE("every field and operator can match where a live event has a value") {
  Events events = [](const std::function<void(const fields::Event&)>& use) {
    Chance chance(3);
    RandomEvents random(chance);
    std::uint64_t number = 0;
    for (int round = 0; round < 6; round++) {
      for (std::uint16_t type = 1; type < SAKER_EV_MAX; type++) {
        std::string_view name = decode::event_info(type).name;
        if (name.empty() || type == SAKER_EV_foreign || type == SAKER_EV_gap) continue;
        const std::vector<std::uint64_t>& record = random.record(chance, name);
        use({decode::Record(record.data()), random.process(chance), 1'700'000'000'000'000'000,
             ++number});
      }
    }
  };
  report("live", EveryField(events).run());
}

TEST_CASE("every field and operator can match where an event of a capture has a value") {
  CaptureWriter w;
  write_events(w);
  std::string path = w.path();
  Events events = [&](const std::function<void(const fields::Event&)>& use) {
    std::unique_ptr<service::EventFile> file = scap::test::open_events(path);
    service::EventFile::Types all;
    all.set();
    // A notification whose name no rule may use is not shown to rules.
    while (const service::EventFile::Step* step = file->next(all))
      if (step->shown && step->event.kind()) use(step->event);
  };
  report("captures", EveryField(events).run());
}

}  // namespace saker::testing
