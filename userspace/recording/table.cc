// SPDX-License-Identifier: Apache-2.0
#include "recording/table.h"

#include "base/hash.h"
#include "recording/column.h"

namespace saker::recording {

void put_section(std::string& to, Section section, std::string_view bytes) {
  put_number(to, section);
  put_number(to, bytes.size());
  to += bytes;
}

void TableWriter::put(std::string& to) const {
  put_number(to, rows());
  put_number(to, columns_);
  std::vector<std::uint64_t> column(rows());
  for (std::size_t c = 0; c < columns_; c++) {
    for (std::size_t r = 0; r < column.size(); r++) column[r] = values_[r * columns_ + c];
    put_column(to, column);
  }
}

void put_table(std::string& to, Section section, const TableWriter& table) {
  if (table.rows() == 0) return;
  std::string bytes;
  table.put(bytes);
  put_section(to, section, bytes);
}

bool TableReader::get(ByteReader& from) {
  clear();
  const std::uint64_t rows = from.number(), columns = from.number();
  if (!from.ok() || rows > most_rows || columns > most_columns) return false;
  columns_.resize(columns);
  std::size_t needed = 0;
  for (Column& column : columns_) {
    if (!column.get(from, rows)) return false;
    if (column.needs_place()) needed += rows;
  }
  if (needed > room_) {
    places_ = std::make_unique_for_overwrite<std::uint64_t[]>(needed);
    room_ = needed;
  }
  std::uint64_t* next = places_.get();
  for (Column& column : columns_) {
    if (!column.needs_place()) continue;
    column.set_place(next);
    next += rows;
  }
  rows_ = rows;
  count_ = columns;
  return true;
}

bool TableReader::within(std::size_t column, std::uint64_t least, std::uint64_t limit) const {
  if (column >= count_) return rows_ == 0 || (least == 0 && limit > 0);
  return columns_[column].within(least, limit);
}

std::uint32_t TextWriter::put(std::string_view added) {
  std::uint32_t next = static_cast<std::uint32_t>(places_.size());
  std::uint32_t found = index_.find_or_add(hash_bytes(added), next,
                                           [&](std::uint32_t row) { return text(row) == added; });
  if (found != next) return found;
  places_.push_back(
      {static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(added.size())});
  bytes_ += added;
  return next;
}

void TextWriter::put_all(std::string& to) const {
  put_number(to, places_.size());
  std::vector<std::uint64_t> lengths;
  for (const Place& place : places_) lengths.push_back(place.length);
  put_column(to, lengths);
  to += bytes_;
}

void TextWriter::clear() {
  bytes_.clear();
  places_.clear();
  index_.clear();
  put("");
}

bool TextReader::get(ByteReader& from) {
  texts_.clear();
  std::uint64_t count = from.number();
  if (!from.ok() || count > most_texts) return false;
  std::vector<std::uint64_t> lengths(count);
  if (!get_column(from, lengths)) return false;
  texts_.reserve(count);
  for (std::uint64_t length : lengths) texts_.push_back(from.bytes(length));
  return from.ok();
}

}  // namespace saker::recording
