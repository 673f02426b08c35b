// SPDX-License-Identifier: Apache-2.0
// The bytes of small tables; tests/outputs reads whole files with another program.
#include "output/kinds/parquet.h"

#include <doctest/doctest.h>

#include <cstring>

namespace saker::output {
namespace {

// The footer: what lies before its length and the magic at the end.
std::string footer_of(const std::string& file) {
  REQUIRE(file.size() > 12);
  std::uint32_t size = 0;
  std::memcpy(&size, file.data() + file.size() - 8, sizeof(size));
  REQUIRE(size < file.size() - 8);
  return file.substr(file.size() - 8 - size, size);
}

TEST_CASE("parquet: the schema is a tree of groups and columns") {
  const std::vector<ParquetColumn> columns = {{{"n"}, ParquetType::int32, {"7"}},
                                              {{"g", "a"}, ParquetType::text, {"x"}},
                                              {{"g", "b"}, ParquetType::int64, {"-1"}}};
  const std::string file = parquet_file(columns);
  CHECK(file.starts_with("PAR1"));
  CHECK(file.ends_with("PAR1"));
  using namespace std::string_literals;
  const std::string footer = footer_of(file);
  // Field 1: version 1. Field 2: a list of five structures; the root is "schema" of two members.
  CHECK(footer.starts_with("\x15\x02\x19\x5c\x48\x06schema\x15\x04\x00"s));
  CHECK(footer.find("\x35\x00\x18\x01g\x15\x04\x00"s) != std::string::npos);
  CHECK(footer.find("\x15\x0c\x25\x00\x18\x01"s + "a\x25\x00\x00"s) != std::string::npos);
  CHECK(footer.find("\x15\x04\x25\x00\x18\x01"s + "b\x00"s) != std::string::npos);
  CHECK(footer.ends_with("\x28\x05saker\x00"s));
}

TEST_CASE("parquet: long lists have a long size") {
  std::vector<ParquetColumn> columns;
  for (int i = 0; i < 20; i++)
    columns.push_back(
        {{"c" + std::to_string(i)}, ParquetType::text, {"", std::string(70'000, 'x')}});
  const std::string file = parquet_file(columns);
  using namespace std::string_literals;
  // 21 elements of the schema, as a varint.
  CHECK(footer_of(file).starts_with("\x15\x02\x19\xfc\x15"s));
  CHECK(file.size() < 20'000);  // compressed
}

}  // namespace
}  // namespace saker::output
