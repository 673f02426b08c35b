// SPDX-License-Identifier: Apache-2.0
#include "enrich/labels.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "enrich/json_values.h"

namespace saker::enrich {
namespace {

std::vector<std::string> pairs(std::string_view labels) {
  std::vector<std::string> out;
  each_label(labels, [&](std::string_view key, std::string_view value) {
    out.push_back(std::string(key) + "=" + std::string(value));
    return out.size() > 10;
  });
  return out;
}

TEST_CASE("labels: any bytes form some pairs, and walking them ends") {
  using namespace std::string_literals;
  using Pairs = std::vector<std::string>;
  CHECK(pairs("") == Pairs{});
  CHECK(pairs("a\0b\0c\0d\0"s) == Pairs{"a=b", "c=d"});
  CHECK(pairs("a\0b\0c\0"s) == Pairs{"a=b", "c="});
  CHECK(pairs("a"s) == Pairs{"a="});
  CHECK(pairs("\0\0\0"s) == Pairs{"=", "="});
  CHECK(pairs("a\0b"s) == Pairs{"a=b"});
}

TEST_CASE("labels: a NUL in a label does not make another label") {
  Json json = Json::parse(R"({"a":"v\u0000trusted\u0000yes","k\u0000x":"w","n":5})");
  CHECK(pairs(labels_text(json)) ==
        std::vector<std::string>{"a=v\xEF\xBF\xBDtrusted\xEF\xBF\xBDyes", "k\xEF\xBF\xBDx=w"});
}

}  // namespace
}  // namespace saker::enrich
