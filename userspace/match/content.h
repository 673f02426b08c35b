// SPDX-License-Identifier: Apache-2.0
// What a program can distinguish about a process: the values of all fields that depend only on the
// process, as far as the program's comparisons distinguish them. Two images with the same content
// give the same results. Constant once made; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "enrich/process.h"
#include "lang/program.h"
#include "match/fields.h"

namespace saker::match {

// Values as bytes, one after the other.
class ContentKey {
 public:
  static constexpr std::size_t room = 16 * 1024;

  ContentKey() { bytes_.resize(room); }
  void begin() { used_ = 0; }
  // False: it does not fit.
  bool put(const Value& value);
  bool put(std::uint64_t word) { return put(&word, sizeof word); }
  // For a number that is only compared: which of `marks` it equals or lies between.
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
    // The member of our own events that the value is a text of; null: there is none.
    std::uint64_t enrich::Process::*number = nullptr;
    bool compared = true;              // a number that is only compared with `marks`
    bool has_sign = false;             // they are ordered as signed numbers
    std::vector<std::uint64_t> marks;  // unique
  };

  explicit ContentPlan(const lang::program::Sections& sections);
  std::span<const Item> items() const { return items_; }
  // Those that belong to the container come last: without a container they always have the same
  // values.
  std::span<const Item> outside_container() const { return items().first(outside_container_); }

 private:
  std::vector<Item> items_;
  std::size_t outside_container_ = 0;
};

}  // namespace saker::match
