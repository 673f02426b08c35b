// SPDX-License-Identifier: Apache-2.0
#include "decode/cursor.h"

#include <doctest/doctest.h>

#include <cstring>
#include <random>
#include <vector>

#include "decode/build.h"

namespace saker::decode {
namespace {

std::vector<std::byte> exec_record() {
  decode::RecordBuilder builder;
  builder.begin(SAKER_EV_execve)
      .blob(SAKER_P_exec_exepath, "/usr/bin/env")
      .blob(SAKER_P_exec_args, std::string_view("env\0A=b\0", 8))
      .number(SAKER_P_exec_ppid, 1);
  builder.head().pid = 42;
  std::span<const std::byte> bytes = builder.finish();
  return {bytes.begin(), bytes.end()};
}

saker_rec& head_of(std::vector<std::byte>& bytes) {
  return *reinterpret_cast<saker_rec*>(bytes.data());
}

saker_blob& blob_of(std::vector<std::byte>& bytes, unsigned slot) {
  return *reinterpret_cast<saker_blob*>(bytes.data() + SAKER_REC_HEAD + 8 * slot);
}

TEST_CASE("record: every kind of malformed record is refused") {
  auto refused = [](auto damage) {
    std::vector<std::byte> bytes = exec_record();
    REQUIRE(check(bytes) == bytes.size());
    damage(bytes);
    return check(bytes) == 0;
  };
  CHECK(refused([](auto& b) { b.resize(SAKER_REC_HEAD - 8); }));
  CHECK(refused([](auto& b) { b.resize(b.size() - 8); }));
  CHECK(refused([](auto& b) { head_of(b).len = 0; }));
  CHECK(refused([](auto& b) { head_of(b).len += 8; }));
  CHECK(refused([](auto& b) { head_of(b).len -= 4; }));
  CHECK(refused([](auto& b) { head_of(b).len = ~0u; }));
  CHECK(refused([](auto& b) { head_of(b).nparams = 0xffff; }));
  CHECK(refused([](auto& b) { head_of(b).type = 0; }));
  CHECK(refused([](auto& b) { head_of(b).type = SAKER_EV_MAX; }));
  CHECK(refused([](auto& b) { blob_of(b, SAKER_P_exec_args).off = 8; }));
  CHECK(refused([](auto& b) { blob_of(b, SAKER_P_exec_args).off = 0xfffffff0; }));
  CHECK(refused([](auto& b) { blob_of(b, SAKER_P_exec_args).len = 0xffff; }));
}

TEST_CASE("record: missing slots are absent, and a number read as a text is empty") {
  std::vector<std::byte> bytes = exec_record();
  Record record(bytes.data());
  CHECK(record.str(SAKER_P_exec_exepath) == "/usr/bin/env");
  CHECK(record.str(200).empty());
  CHECK(record.blob_flags(200) == SAKER_BLOB_ABSENT);
  CHECK(record.u64(200) == 0);
  // A number whose bits would be a blob far outside the record.
  std::uint64_t wild = 0xffff'ffff'0000ull;
  std::memcpy(bytes.data() + SAKER_REC_HEAD + 8 * SAKER_P_exec_ppid, &wild, sizeof(wild));
  REQUIRE(check(bytes) == bytes.size());
  CHECK(record.str(SAKER_P_exec_ppid).empty());
  CHECK(record.sock(SAKER_P_exec_ppid) == nullptr);
}

TEST_CASE("cursor: a malformed record with a plausible length is skipped, the others are seen") {
  std::vector<std::byte> one = exec_record(), bad = exec_record(), all = one;
  blob_of(bad, SAKER_P_exec_args).len = 0xffff;
  all.insert(all.end(), bad.begin(), bad.end());
  all.insert(all.end(), one.begin(), one.end());
  Corruption corruption;
  unsigned seen = 0;
  Cursor cursor(all, &corruption);
  for (; cursor.valid(); cursor.next()) seen++;
  CHECK(seen == 2);
  CHECK(corruption.records == 1);
  CHECK(corruption.bytes == bad.size());
  CHECK(cursor.done() == all.size());
}

TEST_CASE("cursor: with an implausible length the rest is dropped") {
  std::vector<std::byte> one = exec_record(), bad = exec_record(), all = one;
  head_of(bad).len = 12;
  all.insert(all.end(), bad.begin(), bad.end());
  all.insert(all.end(), one.begin(), one.end());
  Corruption corruption;
  unsigned seen = 0;
  Cursor cursor(all, &corruption);
  for (; cursor.valid(); cursor.next()) seen++;
  CHECK(seen == 1);
  CHECK(corruption.records == 1);
  CHECK(corruption.bytes == 2 * one.size());
  CHECK(cursor.done() == all.size());
}

TEST_CASE("cursor: random damage never leads out of bounds, and every byte is accounted for") {
  std::mt19937 random(20240611);
  for (int round = 0; round < 2000; round++) {
    std::vector<std::byte> all;
    for (int i = 0; i < 4; i++) {
      std::vector<std::byte> one = exec_record();
      all.insert(all.end(), one.begin(), one.end());
    }
    for (unsigned i = random() % 6; i > 0; i--)
      all[random() % all.size()] = static_cast<std::byte>(random());
    Corruption corruption;
    Cursor cursor(all, &corruption);
    std::size_t read = 0;
    for (; cursor.valid(); cursor.next())
      for (unsigned slot = 0; slot < cursor.record().head().nparams; slot++)
        for (char c : cursor.record().str(slot)) read += static_cast<unsigned char>(c) != 0;
    REQUIRE(cursor.done() == all.size());
    REQUIRE(corruption.bytes <= all.size());
  }
}

TEST_CASE("events: names and ids map to each other, families have their parameters") {
  CHECK(event_id("openat") == SAKER_EV_openat);
  CHECK(event_id("nonsense") == 0);
  CHECK(event_id("") == 0);
  CHECK(event_info(SAKER_EV_openat).name == "openat");
  CHECK(event_info(SAKER_EV_openat).params[SAKER_P_open_flags].name == "flags");
  CHECK(event_info(SAKER_EV_setuid).life);
  CHECK_FALSE(event_info(SAKER_EV_openat).life);
  CHECK(event_info(9999).name.empty());
}

}  // namespace
}  // namespace saker::decode
