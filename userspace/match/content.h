// SPDX-License-Identifier: Apache-2.0
// What a program can tell of a process: the values of all fields that the process alone decides, as
// far as the program's comparisons tell them apart. Two images with the same content get the same
// answers. Constant once made; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "enrich/process.h"
#include "lang/program.h"
#include "match/fields.h"

namespace saker::match {

// Values as bytes, one behind the other.
class ContentKey {
 public:
  static constexpr std::size_t room = 16 * 1024;

  ContentKey() { bytes_.resize(room); }
  void begin() { used_ = 0; }
  // False: it does not fit.
  bool put(const Value& value);
  bool put(std::uint64_t word) { return put(&word, sizeof word); }
  // Of a number that is only compared: what lies before it and whether it is one of `marks`.
  bool put_place(const Value& value, const std::vector<std::uint64_t>& marks, bool has_sign);
  std::string_view whole() const { return {bytes_.data(), used_}; }

 private:
  bool put(const void* bytes, std::size_t size);

  std::vector<char> bytes_;
  std::size_t used_ = 0;
};

class ContentPlan {
 public:
  struct Item {
    std::uint32_t source = 0;
    bool of_container = false;  // without a container it is what it always is then
    // What the value is a text of, in our own events; null: it has no such thing.
    std::uint64_t enrich::Process::*number = nullptr;
    bool compared = true;              // a number, with `marks` alone
    bool has_sign = false;             // they are in the order of numbers with a sign
    std::vector<std::uint64_t> marks;  // each once
  };

  explicit ContentPlan(const lang::program::Image& image);
  const std::vector<Item>& items() const { return items_; }

 private:
  std::vector<Item> items_;
};

}  // namespace saker::match
