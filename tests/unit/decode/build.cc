// SPDX-License-Identifier: Apache-2.0
#include "decode/build.h"

#include <doctest/doctest.h>

#include <string>

#include "decode/record.h"

namespace saker::decode {
namespace {

TEST_CASE("build: values that were written are read back") {
  RecordBuilder builder;
  builder.begin(SAKER_EV_openat)
      .number_signed(SAKER_P_open_fd, -13)
      .blob(SAKER_P_open_name, "notes")
      .number(SAKER_P_open_flags, 0x41);
  builder.head().tid = 7;
  std::span<const std::byte> bytes = builder.finish();
  REQUIRE(decode::check(bytes) == bytes.size());
  decode::Record record(bytes.data());
  CHECK(record.type() == SAKER_EV_openat);
  CHECK(record.head().tid == 7);
  CHECK(record.i64(SAKER_P_open_fd) == -13);
  CHECK(record.str(SAKER_P_open_name) == "notes");
  CHECK(record.u64(SAKER_P_open_flags) == 0x41);
  CHECK(record.blob_flags(SAKER_P_open_path) == SAKER_BLOB_ABSENT);
}

TEST_CASE("build: the next record keeps nothing of the last") {
  RecordBuilder builder;
  builder.begin(SAKER_EV_openat)
      .number(SAKER_P_open_ino, 5)
      .blob(SAKER_P_open_name, "notes")
      .finish();
  std::span<const std::byte> bytes = builder.begin(SAKER_EV_openat).finish();
  decode::Record record(bytes.data());
  CHECK(record.u64(SAKER_P_open_ino) == 0);
  CHECK(record.str(SAKER_P_open_name).empty());
}

TEST_CASE("build: a record never grows beyond its limit, and flags what was truncated") {
  RecordBuilder builder;
  std::span<const std::byte> bytes = builder.begin(SAKER_EV_execve)
                                         .blob(SAKER_P_exec_args, std::string(60000, 'a'))
                                         .blob(SAKER_P_exec_env, std::string(60000, 'e'))
                                         .blob(SAKER_P_exec_cwd, "/")
                                         .finish();
  REQUIRE(bytes.size() <= SAKER_REC_MAX);
  REQUIRE(decode::check(bytes) == bytes.size());
  decode::Record record(bytes.data());
  CHECK(record.str(SAKER_P_exec_args).size() == 60000);
  CHECK(record.blob_flags(SAKER_P_exec_args) == 0);
  CHECK(record.str(SAKER_P_exec_env).size() < 60000);
  CHECK(record.blob_flags(SAKER_P_exec_env) == SAKER_BLOB_TRUNCATED);
  CHECK(record.blob_flags(SAKER_P_exec_cwd) == SAKER_BLOB_TRUNCATED);
}

TEST_CASE("build: a wrong or missing slot changes nothing") {
  RecordBuilder builder;
  std::span<const std::byte> bytes = builder.begin(SAKER_EV_openat)
                                         .number(SAKER_P_open_name, 99)
                                         .blob(SAKER_P_open_fd, "text")
                                         .number(60, 1)
                                         .finish();
  REQUIRE(decode::check(bytes) == bytes.size());
  decode::Record record(bytes.data());
  CHECK(record.str(SAKER_P_open_name).empty());
  CHECK(record.u64(SAKER_P_open_fd) == 0);
  CHECK(slot_count(0) == 0);
  CHECK(slot_count(SAKER_EV_memfd_create) == 3);
}

}  // namespace
}  // namespace saker::decode
