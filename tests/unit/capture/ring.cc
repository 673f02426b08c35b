// SPDX-License-Identifier: Apache-2.0
#include "capture/ring.h"

#include <doctest/doctest.h>

#include <thread>

#include "decode/build.h"
#include "decode/cursor.h"
#include "fake_ring.h"

namespace saker::capture {
namespace {

constexpr std::size_t small = 64u << 10;

std::span<const std::byte> numbered(decode::RecordBuilder& builder, std::uint32_t number) {
  builder.begin(SAKER_EV_openat)
      .number(SAKER_P_open_ino, number)
      .blob(SAKER_P_open_name, std::string(number % 200, 'n'));
  builder.head().seq = number;
  return builder.finish();
}

TEST_CASE("ring: committed records are seen once, in order, over many rounds") {
  test::FakeDevice device(1, small, small);
  Result<Ring> ring = Ring::map(device.fd(), 0, SAKER_LANE_EVENT, small);
  REQUIRE(ring);
  decode::RecordBuilder builder;
  std::uint32_t next = 0, expected = 0;
  for (int turn = 0; turn < 200; turn++) {
    while (next % 97 != 96)
      REQUIRE(device.ring(0, SAKER_LANE_EVENT).write(numbered(builder, next++)));
    next++;
    std::span<const std::byte> bytes = ring->peek();
    decode::Corruption corruption;
    decode::Cursor cursor(bytes, &corruption);
    for (; cursor.valid(); cursor.next(), expected++) {
      if (expected % 97 == 96) expected++;
      REQUIRE(cursor.record().head().seq == expected);
      REQUIRE(cursor.record().str(SAKER_P_open_name).size() == expected % 200);
    }
    CHECK(corruption.records == 0);
    CHECK(cursor.done() == bytes.size());
    ring->consume(bytes.size());
    CHECK(ring->peek().empty());
  }
  CHECK(ring->counters().seen == ring->counters().written);
}

TEST_CASE("ring: a full ring takes nothing until space is given back, and counts that") {
  test::FakeDevice device(1, small, small);
  Result<Ring> ring = Ring::map(device.fd(), 0, SAKER_LANE_LIFE, small);
  REQUIRE(ring);
  decode::RecordBuilder builder;
  std::uint64_t written = 0;
  while (device.ring(0, SAKER_LANE_LIFE).write(numbered(builder, 5))) written++;
  RingCounters counters = ring->counters();
  CHECK(counters.seen == written + 1);
  CHECK(counters.written == written);
  CHECK(counters.lost == 1);
  CHECK(counters.waiting_bytes == ring->peek().size());
  std::size_t one = decode::check(ring->peek());
  REQUIRE(one > 0);
  ring->consume(one);
  CHECK(device.ring(0, SAKER_LANE_LIFE).write(numbered(builder, 5)));
  CHECK_FALSE(device.ring(0, SAKER_LANE_LIFE).write(numbered(builder, 5)));
}

TEST_CASE("ring: after an impossible head the content is dropped and reading continues") {
  test::FakeDevice device(1, small, small);
  test::FakeRing& fake = device.ring(0, SAKER_LANE_EVENT);
  Result<Ring> ring = Ring::map(device.fd(), 0, SAKER_LANE_EVENT, small);
  REQUIRE(ring);
  for (std::uint64_t bad :
       {std::uint64_t{small * 3}, std::uint64_t{small * 3 + 4}, std::uint64_t{8}}) {
    fake.head()->head = bad;
    CHECK(ring->peek().empty());
  }
  CHECK(ring->counters().bad_heads == 3);
  fake.head()->head &= ~std::uint64_t{7};
  decode::RecordBuilder builder;
  REQUIRE(fake.write(numbered(builder, 3)));
  CHECK(decode::check(ring->peek()) > 0);
}

TEST_CASE("ring: a ring smaller than requested is refused") {
  test::FakeDevice device(1, small, small);
  Result<Ring> ring = Ring::map(device.fd(), 0, SAKER_LANE_EVENT, 2 * small);
  REQUIRE_FALSE(ring);
  CHECK(ring.error().message.find("131072") != std::string::npos);
}

TEST_CASE("ring: producer and consumer at once, nothing torn, nothing twice, nothing missing") {
  test::FakeDevice device(1, small, small);
  test::FakeRing& fake = device.ring(0, SAKER_LANE_EVENT);
  Result<Ring> ring = Ring::map(device.fd(), 0, SAKER_LANE_EVENT, small);
  REQUIRE(ring);
  constexpr std::uint32_t count = 30000;
  std::thread producer([&] {
    decode::RecordBuilder builder;
    for (std::uint32_t i = 0; i < count;) {
      if (fake.write(numbered(builder, i)))
        i++;
      else
        std::this_thread::yield();
    }
  });
  std::uint32_t expected = 0;
  bool right = true;
  while (expected < count) {
    std::span<const std::byte> bytes = ring->peek();
    decode::Corruption corruption;
    decode::Cursor cursor(bytes, &corruption);
    for (; cursor.valid(); cursor.next(), expected++)
      right = right && cursor.record().head().seq == expected &&
              cursor.record().str(SAKER_P_open_name).size() == expected % 200;
    right = right && corruption.records == 0;
    ring->consume(cursor.done());
    if (bytes.empty()) std::this_thread::yield();
  }
  producer.join();
  CHECK(right);
  CHECK(ring->counters().written == count);
}

}  // namespace
}  // namespace saker::capture
