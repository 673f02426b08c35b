// SPDX-License-Identifier: Apache-2.0
#include "match/content.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace saker::match {
namespace {

std::string key_of(std::initializer_list<Value> values) {
  ContentKey key;
  key.begin();
  for (const Value& value : values) REQUIRE(key.put(value));
  return std::string(key.whole());
}

std::string place_of(const Value& value, const std::vector<std::uint64_t>& marks, bool has_sign) {
  ContentKey key;
  key.begin();
  REQUIRE(key.put_place(value, marks, has_sign));
  return std::string(key.whole());
}

}  // namespace

TEST_CASE("content: values and their boundaries are distinguished") {
  const Value a = Value::of_text("a"), ab = Value::of_text("ab"), b = Value::of_text("b"),
              none = Value::of_text("");
  CHECK(key_of({a, b}) == key_of({a, b}));
  CHECK(key_of({ab, none}) != key_of({a, b}));
  CHECK(key_of({none}) != key_of({Value{}}));
  CHECK(key_of({Value::of_number(1)}) != key_of({Value::of_number(2)}));
  CHECK(key_of({Value::of_number(1)}) != key_of({Value::of_bool(true)}));
  const Value items[] = {a, b}, joined[] = {ab};
  CHECK(key_of({Value::of_list(items, 2)}) == key_of({Value::of_list(items, 2)}));
  CHECK(key_of({Value::of_list(items, 2)}) != key_of({Value::of_list(items, 1)}));
  CHECK(key_of({Value::of_list(items, 2)}) != key_of({Value::of_list(joined, 1)}));
}

TEST_CASE(
    "content: a number that is only compared is where it lies between what it is compared with") {
  const std::vector<std::uint64_t> marks{1, 10};
  auto place = [&](std::int64_t number) { return place_of(Value::of_number(number), marks, true); };
  CHECK(place(2) == place(9));
  CHECK(place(11) == place(5000));
  CHECK(place(-5) == place(0));
  CHECK(place(1) != place(0));
  CHECK(place(1) != place(2));
  CHECK(place(10) != place(9));
  CHECK(place(10) != place(11));
  CHECK(place(-5) != place(11));
  // As an unsigned number it is a large one.
  auto natural = [&](std::uint64_t number) {
    return place_of(Value::of_natural(number), marks, false);
  };
  CHECK(natural(~std::uint64_t{0}) == natural(11));
  CHECK(place_of(Value{}, marks, true) != place(0));
}

TEST_CASE("content: a value that does not fit has no key") {
  ContentKey key;
  key.begin();
  const std::string text(ContentKey::room / 2, 'x');
  CHECK(key.put(Value::of_text(text)));
  CHECK_FALSE(key.put(Value::of_text(text)));
  key.begin();
  CHECK(key.put(Value::of_text("x")));
}

}  // namespace saker::match
