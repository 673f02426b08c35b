// SPDX-License-Identifier: Apache-2.0
#include "enrich/hosts.h"

#include <doctest/doctest.h>

namespace saker::enrich {
namespace {

TEST_CASE("hosts: the requested names, for both kinds of address") {
  constexpr std::string_view asked[] = {"pool.example", "node1", "never"};
  Hosts hosts = Hosts::of(
      "# a remark\n127.0.0.1 localhost node1 # more\n\n::1\tpool.example\n1.2.3 never\n"
      "203.0.113.7 other pool.example",
      asked);
  auto names = [&](std::string_view address) {
    std::string all;
    for (const std::string& name : hosts.names(address)) all += name + ';';
    return all;
  };
  CHECK(names({"\x7f\0\0\1", 4}) == "node1;");
  CHECK(names({"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16}) == "pool.example;");
  CHECK(names({"\xcb\0\x71\7", 4}) == "pool.example;");
  CHECK(names({"\1\2\3\0", 4}).empty());
  CHECK_FALSE(Hosts::read("/nonexistent/hosts", asked));
}

}  // namespace
}  // namespace saker::enrich
