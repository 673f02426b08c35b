// SPDX-License-Identifier: Apache-2.0
#include "match/compare.h"

#include <doctest/doctest.h>

#include <string>

namespace saker::match {

TEST_CASE("compare: two slashes are one, wherever in a path they are") {
  fields::Scratch scratch;
  for (std::size_t size = 1; size < 40; size++) {
    const std::string plain = "/" + std::string(size, 'a');
    CAPTURE(plain);
    // A path without anything to change is not copied.
    CHECK(clean_path(plain, scratch).data() == plain.data());
    for (std::size_t at = 2; at < plain.size(); at++) {
      CAPTURE(at);
      const std::string left = plain.substr(0, at), right = plain.substr(at);
      CHECK(clean_path(left + "/" + right, scratch) == left + "/" + right);
      CHECK(clean_path(left + "//" + right, scratch) == left + "/" + right);
      CHECK(clean_path(left + "///" + right, scratch) == left + "/" + right);
    }
    CHECK(clean_path(plain + "/", scratch) == plain);
    CHECK(clean_path("/" + plain, scratch) == plain);
  }
  CHECK(clean_path("/", scratch) == "/");
  CHECK(clean_path("//", scratch) == "/");
  CHECK(clean_path("a/b", scratch) == "/a/b");
}

}  // namespace saker::match
