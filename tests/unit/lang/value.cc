// SPDX-License-Identifier: Apache-2.0
#include "lang/value.h"

#include <doctest/doctest.h>

namespace saker::lang {
namespace {

TEST_CASE("numbers wrap and are truncated to their width") {
  CHECK(*parse_number("42", FieldType::int64, 64) == 42);
  CHECK(*parse_number("+42", FieldType::uint64, 64) == 42);
  CHECK(*parse_number("-1", FieldType::int64, 64) == UINT64_MAX);
  CHECK(*parse_number("-1", FieldType::uint64, 32) == 0xffffffffu);
  CHECK(*parse_number("40000", FieldType::int64, 16) == static_cast<std::uint64_t>(-25536));
  CHECK(*parse_number("18446744073709551615", FieldType::uint64, 64) == UINT64_MAX);
  CHECK(*parse_number("-9223372036854775808", FieldType::int64, 64) == std::uint64_t{1} << 63);
  CHECK(*parse_number(" \t5", FieldType::int64, 64) == 5);
  for (const char* bad : {"", " ", "-", "+", "0x10", "1.5", "5k", "5 ", "--5", "- 5", "+-5"})
    CHECK_FALSE(parse_number(bad, FieldType::int64, 64));
}

TEST_CASE("a number beyond 64 bits becomes the largest one, and is truncated like any other") {
  constexpr std::uint64_t most = UINT64_MAX, high = std::uint64_t{1} << 63;
  CHECK(*parse_number("18446744073709551616", FieldType::uint64, 64) == most);
  CHECK(*parse_number("-18446744073709551616", FieldType::uint64, 64) == most);
  CHECK(*parse_number("99999999999999999999999999", FieldType::uint64, 32) == 0xffffffffu);
  CHECK(*parse_number("4294967296", FieldType::uint64, 32) == 0);
  CHECK(*parse_number("9223372036854775808", FieldType::int64, 64) == high - 1);
  CHECK(*parse_number("-9223372036854775809", FieldType::int64, 64) == high);
  CHECK(*parse_number("99999999999999999999", FieldType::int64, 32) == most);  // -1
  CHECK(*parse_number("-99999999999999999999", FieldType::int64, 32) == 0);
}

TEST_CASE("addresses and networks") {
  CHECK(parse_ip("10.1.2.3")->bytes[3] == 3);
  CHECK_FALSE(parse_ip("10.1.2.3")->v6);
  CHECK(parse_ip("::1")->v6);
  CHECK(parse_net("10.0.0.0/8")->prefix == 8);
  CHECK(parse_net("fe80::/10")->prefix == 10);
  for (const char* bad : {"10.0.0", "10.0.0.256", "", "host", ":::"}) CHECK_FALSE(parse_ip(bad));
  CHECK_FALSE(parse_ip(std::string_view("10.1.2.3\0x", 10)));
  CHECK(parse_net("0.0.0.0/0")->prefix == 0);
  CHECK(parse_net("::/1")->prefix == 1);
  for (const char* bad : {"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::/129", "::/0"})
    CHECK_FALSE(parse_net(bad));
}

TEST_CASE("ports, truth and bytes") {
  CHECK(*parse_port("65535") == 65535);
  CHECK(*parse_port("65536") == 0);  // only 16 bits count
  CHECK(*parse_port("99999") == 34463);
  CHECK(*parse_port("") == 0);
  for (const char* bad : {"2147483648", "no-such-service", "-1", "+1"})
    CHECK_FALSE(parse_port(bad));
  CHECK(*parse_bool("true"));
  CHECK_FALSE(*parse_bool("false"));
  CHECK_FALSE(parse_bool("True"));
  CHECK(*parse_hex_bytes("7f45") == "\x7f\x45");
  for (const char* bad : {"", "7", "7g"}) CHECK_FALSE(parse_hex_bytes(bad));
}

}  // namespace
}  // namespace saker::lang
