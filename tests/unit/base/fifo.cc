// SPDX-License-Identifier: Apache-2.0
#include "base/fifo.h"

#include <doctest/doctest.h>

namespace saker {
namespace {

TEST_CASE("fifo: entries leave in the order in which they came, while it grows and shrinks") {
  Fifo<unsigned, 8> fifo;
  unsigned in = 0, out = 0;
  CHECK(fifo.empty());
  for (unsigned round = 1; round < 2000; round++) {
    const unsigned come = round < 1000 ? 5 : 1, go = round < 1000 ? 2 : 4;
    for (unsigned i = 0; i < come; i++) fifo.push_back(in++);
    for (unsigned i = 0; i < go && !fifo.empty(); i++) {
      REQUIRE(fifo.front() == out++);
      fifo.pop_front();
    }
    REQUIRE(fifo.size() == in - out);
    for (unsigned i = 0; i < 8; i++) {
      const unsigned* later = fifo.empty() ? nullptr : fifo.after_front(i);
      REQUIRE((!later || (*later == out + i && *later < in)));
    }
  }
  CHECK(fifo.empty());
  CHECK(in == out);
}

}  // namespace
}  // namespace saker
