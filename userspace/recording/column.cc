// SPDX-License-Identifier: Apache-2.0
#include "recording/column.h"

#include <algorithm>

namespace saker::recording {
namespace {

// The first byte of a column: the form of the rest.
enum ColumnForm : char {
  constant = 0,     // one number, for all rows
  numbers = 1,      // one number for each row
  differences = 2,  // the same, for the zigzag difference to the previous row
  fixed = 16,       // + width: that many bytes for each row
  fixed_differences = 32,
};

std::uint64_t difference(std::span<const std::uint64_t> values, std::size_t i) {
  std::uint64_t before = i ? values[i - 1] : 0;
  return zigzag(static_cast<std::int64_t>(values[i] - before));
}

struct Cost {
  std::size_t bytes = 0;
  std::uint64_t largest = 0;
  void add(std::uint64_t value) {
    bytes += number_length(value);
    largest = std::max(largest, value);
  }
  unsigned width() const {
    return std::max(1u, (static_cast<unsigned>(std::bit_width(largest)) + 7) / 8);
  }
  // Up to half more space (before packing) is worth it, because reading is several times as fast.
  bool fixed_for(std::size_t count) const { return width() * count <= bytes + bytes / 2; }
  std::size_t size(std::size_t count) const { return fixed_for(count) ? width() * count : bytes; }
};

template <typename Value>
void put_values(std::string& to, std::size_t count, const Cost& cost, bool of_differences,
                Value value) {
  const unsigned width = cost.width();
  const bool is_fixed = cost.fixed_for(count);
  if (is_fixed)
    to += static_cast<char>((of_differences ? fixed_differences : fixed) + static_cast<int>(width));
  else
    to += of_differences ? differences : numbers;
  // The last of them is written as eight bytes.
  const std::size_t size = is_fixed ? width * count : cost.bytes, begin = to.size();
  to.resize(begin + size + sizeof(std::uint64_t));
  char* at = to.data() + begin;
  for (std::size_t i = 0; i < count; i++) {
    std::uint64_t each = value(i);
    if (is_fixed) {
      std::memcpy(at, &each, sizeof each);
      at += width;
      continue;
    }
    for (; each >= 0x80; each >>= 7) *at++ = static_cast<char>(each | 0x80);
    *at++ = static_cast<char>(each);
  }
  to.resize(begin + size);
}

// Calls `make` with each number and stores what it returns.
template <unsigned width, typename Make>
void read_fixed(const char* from, std::span<std::uint64_t> values, Make make) {
  for (std::uint64_t& value : values) {
    std::uint64_t each = 0;
    std::memcpy(&each, from, width);
    value = make(each);
    from += width;
  }
}

template <typename Make>
bool get_fixed(ByteReader& from, unsigned width, std::span<std::uint64_t> values, Make make) {
  if (width == 0 || width > 8) return false;
  const char* at = from.bytes(std::uint64_t{width} * values.size()).data();
  if (!from.ok()) return false;
  switch (width) {
    case 1: read_fixed<1>(at, values, make); break;
    case 2: read_fixed<2>(at, values, make); break;
    case 3: read_fixed<3>(at, values, make); break;
    case 4: read_fixed<4>(at, values, make); break;
    case 5: read_fixed<5>(at, values, make); break;
    case 6: read_fixed<6>(at, values, make); break;
    case 7: read_fixed<7>(at, values, make); break;
    default: read_fixed<8>(at, values, make); break;
  }
  return true;
}

bool get_values(ByteReader& from, int form, std::span<std::uint64_t> values) {
  auto same = [](std::uint64_t value) { return value; };
  auto sum = [before = std::uint64_t{0}](std::uint64_t value) mutable {
    return before += unzigzag(value);
  };
  if (form == constant) {
    std::fill(values.begin(), values.end(), from.number());
  } else if (form == numbers || form == differences) {
    if (values.size() > from.left()) return false;
    form == numbers ? from.numbers(values, same) : from.numbers(values, sum);
  } else if (form > fixed && form <= fixed + 8) {
    return get_fixed(from, static_cast<unsigned>(form - fixed), values, same);
  } else if (form > fixed_differences && form <= fixed_differences + 8) {
    return get_fixed(from, static_cast<unsigned>(form - fixed_differences), values, sum);
  } else {
    return false;
  }
  return from.ok();
}

}  // namespace

void put_column(std::string& to, std::span<const std::uint64_t> values) {
  bool same =
      std::all_of(values.begin(), values.end(), [&](std::uint64_t v) { return v == values[0]; });
  if (same) {
    to += constant;
    put_number(to, values.empty() ? 0 : values[0]);
    return;
  }
  Cost plain, delta;
  for (std::size_t i = 0; i < values.size(); i++) {
    plain.add(values[i]);
    delta.add(difference(values, i));
  }
  // Plain numbers of one width are read where they are.
  const std::size_t count = values.size();
  const bool in_place = plain.fixed_for(count) && plain.size(count) <= delta.size(count);
  if (delta.bytes < plain.bytes && !in_place)
    put_values(to, values.size(), delta, true,
               [&](std::size_t i) { return difference(values, i); });
  else
    put_values(to, values.size(), plain, false, [&](std::size_t i) { return values[i]; });
}

bool get_column(ByteReader& from, std::span<std::uint64_t> values) {
  std::string_view first = from.bytes(1);
  return from.ok() && get_values(from, first[0], values);
}

bool Column::get(ByteReader& from, std::size_t rows) {
  const std::string_view first = from.bytes(1);
  if (!from.ok()) return false;
  *this = {};
  form_ = first[0];
  rows_ = rows;
  view_.mask = ~std::uint64_t{0};
  if (form_ == constant) {
    constant_ = from.number();
    return from.ok();
  }
  if (form_ == numbers || form_ == differences) {
    bytes_ = from.skip_numbers(rows);
    return from.ok();
  }
  const bool plain = form_ > fixed && form_ <= fixed + 8;
  if (!plain && !(form_ > fixed_differences && form_ <= fixed_differences + 8)) return false;
  const auto width = static_cast<std::size_t>(form_ - (plain ? fixed : fixed_differences));
  bytes_ = from.bytes(width * rows);
  // A row is read as eight bytes, which must all be there for the last row too.
  if (plain && from.left() + width >= sizeof(std::uint64_t)) {
    view_.at = bytes_.data();
    view_.step = width;
    view_.mask >>= 64 - 8 * width;
  }
  return from.ok();
}

bool Column::within(std::uint64_t least, std::uint64_t limit) {
  if (rows_ == 0) return true;
  const ColumnView numbers = view();
  const std::size_t different = numbers.step ? rows_ : 1;
  bool good = true;
  for (std::size_t row = 0; row < different; row++) good &= numbers[row] - least < limit - least;
  return good;
}

void Column::unpack() {
  if (form_ == constant) {
    view_.at = reinterpret_cast<const char*>(&constant_);
    return;
  }
  // get() has seen that this is a column of that many numbers.
  ByteReader from(bytes_);
  static_cast<void>(get_values(from, form_, {place_, rows_}));
  view_.at = reinterpret_cast<const char*>(place_);
  view_.step = sizeof(std::uint64_t);
}

}  // namespace saker::recording
