// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../match/record_builder.h"
#include "fields/extract.h"

using namespace saker;

namespace {

std::vector<std::string> flags_of(testing::RecordBuilder& builder) {
  const std::vector<std::uint64_t> bytes = builder.build();
  fields::Event event{decode::Record(bytes.data())};
  fields::Scratch scratch;
  const fields::FieldRef field = fields::field_ref("evt.argflags", false, "");
  const fields::Value value = fields::extract(field, event, fields::View::named, scratch);
  std::vector<std::string> names;
  if (value.set())
    for (const fields::Value& item : std::span(value.items, value.count))
      names.emplace_back(item.text);
  return names;
}

}  // namespace

TEST_CASE("evt.argflags lists what any text of the event lacks, and is unset if nothing does") {
  using Names = std::vector<std::string>;
  testing::RecordBuilder whole(SAKER_EV_openat);
  whole.text(SAKER_P_open_name, "shadow").text(SAKER_P_open_path, "/etc/shadow");
  CHECK(flags_of(whole) == Names{});
  testing::RecordBuilder cut(SAKER_EV_openat);
  cut.text(SAKER_P_open_name, "shadow", SAKER_BLOB_UNREADABLE)
      .text(SAKER_P_open_path, "/etc/shadow", SAKER_BLOB_TRUNCATED | SAKER_BLOB_UNREACHABLE)
      .text(SAKER_P_open_base, "/etc", SAKER_BLOB_DELETED);
  CHECK(flags_of(cut) == Names{"truncated", "unreadable", "unreachable", "deleted"});
  // The bits of a number are not flags.
  testing::RecordBuilder number(SAKER_EV_openat);
  number.set(SAKER_P_open_flags, ~0ull).text(SAKER_P_open_name, "a");
  CHECK(flags_of(number) == Names{});
}
