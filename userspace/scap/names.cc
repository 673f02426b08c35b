// SPDX-License-Identifier: Apache-2.0
#include "scap/names.h"

#include <span>
#include <unordered_map>

namespace saker::scap {
namespace {

struct Row {
  std::string_view table;
  std::uint64_t value;
  std::string_view name;
};

constexpr Row rows[] = {
#define SCAP_NAME(table, value, name) {#table, value, name},
#include "scap/names.def"
};

std::span<const Row> rows_of(std::string_view table) {
  static const std::unordered_map<std::string_view, std::span<const Row>> index = [] {
    std::unordered_map<std::string_view, std::span<const Row>> made;
    const Row* end = rows + std::size(rows);
    for (const Row* from = rows; from != end;) {
      const Row* to = from;
      while (to != end && to->table == from->table) to++;
      made.emplace(from->table, std::span(from, to));
      from = to;
    }
    return made;
  }();
  auto found = index.find(table);
  return found == index.end() ? std::span<const Row>() : found->second;
}

void add(std::string& out, std::size_t start, std::string_view name) {
  if (out.size() > start) out += '|';
  out += name;
}

}  // namespace

std::uint64_t named_number(std::string_view table, std::string_view name) {
  for (const Row& row : rows_of(table))
    if (row.name == name) return row.value;
  return 0;
}

std::string_view number_name(std::string_view table, std::uint64_t number) {
  for (const Row& row : rows_of(table))
    if (row.value == number) return row.name;
  return {};
}

void append_number_names(std::string_view table, std::uint64_t number, std::string& out) {
  std::size_t start = out.size();
  for (const Row& row : rows_of(table))
    if (row.value == number) add(out, start, row.name);
}

void append_flag_names(std::string_view table, std::uint64_t bits, std::string& out) {
  std::size_t start = out.size();
  std::uint64_t left = bits;
  for (const Row& row : rows_of(table)) {
    bool matches = row.value == 0 ? bits == 0 : (left & row.value) == row.value;
    if (!matches) continue;
    add(out, start, row.name);
    left &= ~row.value;
    if (row.value == bits) return;
  }
}

void append_mode_names(std::string_view table, std::uint64_t bits, std::string& out) {
  std::size_t start = out.size();
  std::uint64_t left = bits;
  for (const Row& row : rows_of(table)) {
    if (row.value == bits) return add(out, start, row.name);
    if (row.value == 0 || (left & row.value) != row.value) continue;
    add(out, start, row.name);
    left &= ~row.value;
  }
}

}  // namespace saker::scap
