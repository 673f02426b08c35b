// SPDX-License-Identifier: Apache-2.0
#include "fields/slots.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "../match/record_builder.h"
#include "fields/argument.h"
#include "fields/extract.h"

using namespace saker;
using namespace saker::fields;

namespace {

// Every slot has a value, and blobs have different texts.
testing::RecordBuilder random_record(std::uint16_t type, std::mt19937& random) {
  testing::RecordBuilder record(type);
  const auto params = decode::event_info(type).params;
  for (unsigned i = 0; i < params.size(); i++) {
    if (params[i].type == decode::ParamType::SOCK) continue;
    if (testing::is_blob(params[i].type))
      record.text(i, "/text" + std::to_string(i));
    else
      record.set(i, random() % 3 == 0 ? static_cast<std::uint64_t>(-5) : random() % 300);
  }
  record.ret(static_cast<std::int64_t>(random() % 5) - 2);
  record.head().cpu = random() % 64;
  record.head().uid = random() % 2000;
  record.head().pid = 10 + random() % 1000;
  record.head().tid = record.head().pid + random() % 2;
  return record;
}

std::int64_t number_at(const ValuePlace& place, const decode::Record& record) {
  if (place.kind == ValuePlace::Kind::param) return record.i64(place.at);
  std::uint64_t bits = 0;
  std::memcpy(&bits, reinterpret_cast<const char*>(&record.head()) + place.at, place.size);
  return place.is_signed && place.size == 4 ? static_cast<std::int32_t>(bits)
                                            : static_cast<std::int64_t>(bits);
}

struct Compared {
  unsigned numbers = 0, paths = 0;
};

void compare(FieldId id, std::string_view arg, const Event& event, Compared& compared) {
  const std::optional<ValuePlace> place = place_of(id, arg, event.record.type());
  if (!place) return;
  Scratch scratch;
  const FieldDef& def = all_fields()[id];
  const Value value = extract(field_ref(id, !arg.empty(), arg), event, View::named, scratch);
  CAPTURE(def.name);
  CAPTURE(arg);
  CAPTURE(decode::event_info(event.record.type()).name);
  if (place->kind == ValuePlace::Kind::path) {
    compared.paths++;
    CHECK(value.text == event.record.str(place->at));
    return;
  }
  std::int64_t expected = number_at(*place, event.record);
  // A call that made no descriptor.
  if (def.slot == RecordSlot::fd_number && value.number() == -1)
    expected = std::max(expected, std::int64_t{-1});
  compared.numbers++;
  CHECK(value.number() == expected);
}

}  // namespace

TEST_CASE("the slot of a field contains the value of its getter") {
  std::mt19937 random(1);
  testing::ProcessBox self;
  self.command("cat", "/usr/bin/cat", {});
  Compared compared;
  for (std::uint16_t type = 1; type < SAKER_EV_MAX; type++) {
    if (decode::event_info(type).name.empty()) continue;
    for (int round = 0; round < 20; round++) {
      const std::vector<std::uint64_t> bytes = random_record(type, random).build();
      const Event event{decode::Record(bytes.data()), &self.process, 1, 1};
      for (FieldId id = 0; id < all_fields().size(); id++) {
        if (all_fields()[id].slot != RecordSlot::argument) {
          compare(id, {}, event, compared);
          continue;
        }
        for (const Argument& argument : arguments_of(type))
          compare(id, argument.name, event, compared);
      }
    }
  }
  CHECK(compared.numbers > 5000);
  CHECK(compared.paths > 50);
}

TEST_CASE("a value that only a getter knows has no slot") {
  CHECK_FALSE(place_of(find_field("proc.name"), {}, SAKER_EV_openat));
  CHECK_FALSE(place_of(find_field("evt.rawres"), {}, SAKER_EV_procexit));
  CHECK_FALSE(place_of(find_field("fd.num"), {}, SAKER_EV_dup));
  CHECK_FALSE(place_of(find_field("fd.name"), {}, SAKER_EV_connect));
  CHECK_FALSE(place_of(find_field("evt.rawarg"), "flags", SAKER_EV_openat));
  CHECK_FALSE(place_of(find_field("evt.rawres"), {}, SAKER_EV_MAX));
  CHECK_FALSE(place_of(no_field, {}, SAKER_EV_openat));
  REQUIRE(place_of(find_field("fd.name"), {}, SAKER_EV_openat));
  CHECK(place_of(find_field("fd.name"), {}, SAKER_EV_openat)->resolved == SAKER_P_open_path);
}
