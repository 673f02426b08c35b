// SPDX-License-Identifier: Apache-2.0
// A source of events that match/ knows nothing about, as a plugin would be: it has its own getters,
// its own kind of event and its own key for the matcher's cache.
#include "fields/origin.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../match/record_builder.h"
#include "fields/extract.h"
#include "fields/getter_row.h"
#include "lang/compile.h"
#include "match/cache_key.h"
#include "match/matcher.h"

namespace saker {
namespace {

using fields::Event;
using fields::FieldRef;
using fields::Scratch;
using fields::Value;
using fields::View;
using testing::ProcessBox;
using testing::RecordBuilder;

// An example of foreign data: a request to the door of some machine.
struct Knock {
  std::string who, door;
};

class Doors final : public fields::Origin {
 public:
  explicit Doors(std::uint8_t cache_kinds = 0) : Origin(table(), cache_kinds, 0) {}

  // Valid until the next call.
  const Origin* of(const Knock& knock) {
    knock_ = &knock;
    return this;
  }
  fields::EventKind kind(const decode::Record&) const override {
    return fields::find_kind("pluginevent");
  }
  std::string_view path_key(fields::KeyBuffer& key, const Event&, const fields::EventPaths& paths,
                            Scratch&) const override {
    keys_asked_++;
    CHECK(paths.paths().empty());
    key.begin();
    return key.put_text(knock_->door, fields::KeyBuffer::path_room) ? key.whole()
                                                                    : std::string_view();
  }

  mutable int keys_asked_ = 0, doors_asked_ = 0;

 private:
  static const Doors& from(const Event& event) { return static_cast<const Doors&>(*event.origin); }
  static Value type(const FieldRef&, const Event&, View, Scratch&) {
    return Value::of_text("pluginevent");
  }
  static Value who(const FieldRef&, const Event& event, View, Scratch&) {
    return Value::of_text(from(event).knock_->who);
  }
  static Value door(const FieldRef&, const Event& event, View, Scratch&) {
    from(event).doors_asked_++;
    return Value::of_text(from(event).knock_->door);
  }
  static Value label(const FieldRef& field, const Event& event, View, Scratch&) {
    return field.arg == "/door" ? Value::of_text(from(event).knock_->door) : Value{};
  }
  static const fields::Getters& table() {
    static constexpr fields::GetterRow rows[] = {{"evt.type", type},
                                                 {"evt.plugininfo", who},
                                                 {"evt.plugininfo", door},  // the first row counts
                                                 {"jevt.value", label},
                                                 {"fd.name", door}};
    static const fields::Getters getters({rows}, &fields::own_origin.getters());
    return getters;
  }

  const Knock* knock_ = nullptr;
};

struct Bench {
  std::unique_ptr<match::Program> program;
  std::unique_ptr<match::Matcher> matcher;
  ProcessBox self;

  explicit Bench(const std::vector<std::string>& conditions) {
    std::string rules;
    for (std::size_t i = 0; i < conditions.size(); i++)
      rules += "- rule: r" + std::to_string(i) + "\n  desc: d\n  condition: " + conditions[i] +
               "\n  output: o\n  priority: WARNING\n";
    lang::SourceText text{"test.yaml", rules};
    lang::LoadOptions options;
    options.plugins["json"] = "0.7.0";
    lang::RuleSet set = lang::load_rule_texts({&text, 1}, options);
    REQUIRE(set.ok());
    Result<std::vector<std::byte>> bytes = lang::compile(set, lang::RuleMatching::all);
    REQUIRE(bytes);
    Result<std::unique_ptr<match::Program>> loaded = match::Program::load(std::move(*bytes));
    REQUIRE(loaded);
    program = std::move(*loaded);
    matcher = std::make_unique<match::Matcher>(*program);
    self.command("cat", "/usr/bin/cat", {});
  }

  std::string match(RecordBuilder record, const fields::Origin* origin) {
    const std::vector<std::uint64_t> bytes = record.build();
    Event event{decode::Record(bytes.data()), &self.process, 1, 1};
    event.origin = origin;
    std::string names;
    for (const match::Verdict& verdict : matcher->match(event)) {
      CHECK_FALSE(verdict.resolved_view);
      names += std::string(program->rule(verdict.rule).name) + " ";
    }
    return names;
  }
};

}  // namespace

TEST_CASE("a foreign event is matched by its own kind and its own getters") {
  Bench bench({"evt.type = pluginevent and evt.plugininfo = alice",
               "evt.type = pluginevent and jevt.value[/door] startswith /front",
               "evt.type = pluginevent and jevt.value[/window] exists",
               "evt.type = pluginevent and proc.name = cat",
               "evt.type = notification and evt.plugininfo = alice"});
  Doors doors;
  const Knock front{"alice", "/front"}, back{"bob", "/back"};
  RecordBuilder record(SAKER_EV_foreign);
  record.text(SAKER_P_foreign_name, "notification");
  CHECK(bench.match(record, doors.of(front)) == "r0 r1 r3 ");
  CHECK(bench.match(record, doors.of(back)) == "r3 ");
  // The same record as one of our own: its name identifies it, and nothing fills those fields.
  CHECK(bench.match(record, &fields::own_origin) == "");
  record.text(SAKER_P_foreign_name, "pluginevent");
  CHECK(bench.match(record, &fields::own_origin) == "r3 ");
}

TEST_CASE("getters extend other getters; without those, a field is unset") {
  CHECK(fields::own_origin.getters().fills(fields::find_field("fd.name")));
  CHECK_FALSE(fields::own_origin.getters().fills(fields::find_field("evt.plugininfo")));
  CHECK_FALSE(fields::own_origin.getters().fills(fields::no_field));
  const fields::Getters none({});
  for (std::size_t id = 0; id < fields::all_fields().size(); id++)
    CHECK_FALSE(none.fills(static_cast<fields::FieldId>(id)));
  ProcessBox self;
  self.command("cat", "/usr/bin/cat", {});
  RecordBuilder record(SAKER_EV_openat);
  const std::vector<std::uint64_t> bytes = record.build();
  const Event event{decode::Record(bytes.data()), &self.process, 1, 1};
  Scratch scratch;
  const FieldRef name = fields::field_ref("proc.name", false, "");
  CHECK(fields::extract(name, event, View::named, scratch).text == "cat");
  CHECK_FALSE(none[name.slot](name, event, View::named, scratch).set());
  CHECK_FALSE(
      fields::extract(fields::field_ref("no.such.field", false, ""), event, View::named, scratch)
          .set());
  CHECK_FALSE(fields::extract(FieldRef{}, event, View::named, scratch).set());
}

TEST_CASE("cached results for a foreign event's paths use its own key") {
  std::vector<std::string> conditions;
  for (int i = 0; i < 8; i++)
    conditions.push_back("evt.type = openat and fd.name = /door/" + std::to_string(i));
  Bench bench(conditions);
  // The record has other paths, and two views of them.
  RecordBuilder record(SAKER_EV_openat);
  record.text(SAKER_P_open_name, "/door/7").text(SAKER_P_open_path, "/door/6").ret(3);
  const Knock one{"alice", "/door/1"}, two{"alice", "/door/2"}, none{"alice", "/elsewhere"};

  SUBCASE("with a key a known path is asked for no more") {
    Doors doors(fields::bit(fields::CacheKind::path));
    for (int i = 0; i < 4; i++) {
      CHECK(bench.match(record, doors.of(one)) == "r1 ");
      CHECK(bench.match(record, doors.of(two)) == "r2 ");
      CHECK(bench.match(record, doors.of(none)) == "");
    }
    CHECK(doors.keys_asked_ == 12);
    doors.doors_asked_ = 0;
    CHECK(bench.match(record, doors.of(none)) == "");
    CHECK(doors.doors_asked_ == 0);
  }
  SUBCASE("without, it is asked for at each event") {
    Doors doors;
    for (int i = 0; i < 4; i++) CHECK(bench.match(record, doors.of(one)) == "r1 ");
    CHECK(doors.keys_asked_ == 0);
    doors.doors_asked_ = 0;
    CHECK(bench.match(record, doors.of(none)) == "");
    CHECK(doors.doors_asked_ > 0);
  }
}

}  // namespace saker
