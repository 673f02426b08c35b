// SPDX-License-Identifier: Apache-2.0
#include "match/compare.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "fields/number.h"
#include "fields/text/text_ops.h"
#include "fields/text/utf8.h"

namespace saker::match {
namespace {

using lang::Modifier;
using lang::Op;
using lang::program::Compare;
using lang::program::LiteralRow;
using lang::program::Sections;

template <typename T>
bool ordered(Op op, const T& left, const T& right) {
  switch (op) {
    case Op::eq:
    case Op::in:
    case Op::intersects: return left == right;
    case Op::ne: return left != right;
    case Op::lt: return left < right;
    case Op::le: return left <= right;
    case Op::gt: return left > right;
    case Op::ge: return left >= right;
    default: return false;
  }
}

bool in_network(std::string_view address, std::string_view net, std::uint64_t length) {
  if (address.size() != net.size()) return false;
  std::size_t whole = length / 8, rest = length % 8;
  if (address.substr(0, whole) != net.substr(0, whole)) return false;
  if (rest == 0) return true;
  auto high = [&](std::string_view bytes) {
    return static_cast<unsigned char>(bytes[whole]) >> (8 - rest);
  };
  return high(address) == high(net);
}

// Whether there are two slashes side by side: eight places at a time, because paths are too short
// for memmem to be fast.
bool has_double_slash(std::string_view path) {
  constexpr std::size_t step = sizeof(std::uint64_t);
  constexpr std::uint64_t ones = ~std::uint64_t{0} / 0xff, slashes = ones * '/', tops = ones << 7;
  auto word_at = [&](std::size_t at) {
    std::uint64_t word;
    std::memcpy(&word, path.data() + at, step);
    return word;
  };
  // A byte is 0 where both are slashes.
  auto doubled_at = [&](std::size_t at) {
    const std::uint64_t word = (word_at(at) ^ slashes) | (word_at(at + 1) ^ slashes);
    return ((word - ones) & ~word & tops) != 0;
  };
  if (path.size() <= step) return path.find("//") != path.npos;
  const std::size_t last = path.size() - step - 1;
  for (std::size_t at = 0; at < last; at += step) {
    if (doubled_at(at)) return true;
  }
  return doubled_at(last);
}

}  // namespace

std::string_view clean_path(std::string_view path, Scratch& scratch) {
  bool doubled = has_double_slash(path);
  bool absolute = path.starts_with('/');
  if (absolute && !doubled && (path.size() < 2 || path.back() != '/')) return path;
  char* out = scratch.take(path.size() + 1);
  std::size_t length = 1;
  out[0] = '/';
  for (char c : path) {
    if (c != '/' || out[length - 1] != '/') out[length++] = c;
  }
  if (length > 1 && out[length - 1] == '/') length--;
  return {out, length};
}

bool Comparison::text(Op op, std::string_view left, std::string_view right) const {
  switch (op) {
    case Op::contains:
    case Op::bcontains: return fields::contains(left, right);
    case Op::icontains: return fields::icontains(left, right);
    case Op::startswith:
    case Op::bstartswith: return left.starts_with(right);
    case Op::endswith: return left.ends_with(right);
    case Op::glob: return fields::glob(right, left, false);
    case Op::iglob: return fields::glob(right, left, true);
    default: return ordered(op, left, right);
  }
}

bool Comparison::regex(std::string_view left, std::size_t index, Scratch& scratch) const {
  std::string_view valid = valid_utf8(left, scratch);
  return re2::RE2::FullMatch(re2::StringPiece(valid.data(), valid.size()), *regexes_[index]);
}

bool Comparison::natural(const Value& left, std::uint64_t right) const {
  Op op = static_cast<Op>(row_.op);
  bool is_signed = static_cast<Compare>(row_.compare) == Compare::number;
  // A raw argument that is a text in this event: it is not equal to any number.
  if (left.kind == Value::Kind::text) return false;
  if (is_real(left))
    return ordered(op, real_of(left), static_cast<double>(static_cast<std::int64_t>(right)));
  // A raw argument is compared with the width and sign that it has in its event, which may differ
  // between events.
  if (has_form(left)) is_signed = left.kind == Value::Kind::number;
  const std::uint64_t a = fitted(left, left.bits), b = fitted(left, right);
  return is_signed ? ordered(op, static_cast<std::int64_t>(a), static_cast<std::int64_t>(b))
                   : ordered(op, a, b);
}

bool Comparison::one(const Value& left, const LiteralRow& literal, std::size_t index,
                     Scratch& scratch) const {
  Op op = static_cast<Op>(row_.op);
  std::string_view right = sections_.str(literal.text);
  switch (static_cast<Compare>(row_.compare)) {
    case Compare::text:
      if (left.kind != Value::Kind::text) return false;
      return op == Op::regex ? regex(left.text, index, scratch) : text(op, left.text, right);
    case Compare::address:
      return left.kind == Value::Kind::address && ordered(op, left.text, right);
    case Compare::net:
      if (left.kind != Value::Kind::address) return false;
      return in_network(left.text, right, literal.number) != (op == Op::ne);
    default: return natural(left, literal.number);
  }
}

bool Comparison::in_set(const Value& left) const {
  const lang::program::SetRow& set = sections_.sets[row_.set];
  auto compare = static_cast<Compare>(row_.compare);
  bool by_text = compare == Compare::text || compare == Compare::address;
  if (by_text != (left.kind == Value::Kind::text || left.kind == Value::Kind::address))
    return false;
  std::uint64_t hash = by_text ? hash_bytes(left.text) : hash_number(left.bits);
  std::uint32_t mask = set.slots.count - 1;
  std::uint32_t at = static_cast<std::uint32_t>(hash) & mask;
  auto high = static_cast<std::uint32_t>(hash >> 32);
  for (;; at = (at + 1) & mask) {
    const lang::program::SlotRow& slot = sections_.slots[set.slots.at + at];
    if (slot.literal == lang::program::none) return false;
    if (slot.hash != high) continue;
    const LiteralRow& literal = sections_.literals[slot.literal];
    if (by_text ? sections_.str(literal.text) == left.text : literal.number == left.bits)
      return true;
  }
}

// Only the last network whose first address is not after the address can contain it.
bool Comparison::in_networks(const Value& left) const {
  if (left.kind != Value::Kind::address) return false;
  auto behind = [&](std::string_view address, const LiteralRow& network) {
    std::string_view first = sections_.str(network.text);
    return address.size() != first.size() ? address.size() < first.size() : address < first;
  };
  std::span<const LiteralRow> networks =
      Sections::rows(sections_.literals, sections_.sets[row_.set].patterns);
  auto next = std::upper_bound(networks.begin(), networks.end(), left.text, behind);
  if (next == networks.begin()) return false;
  const LiteralRow& network = *(next - 1);
  return in_network(left.text, sections_.str(network.text), network.number);
}

bool Comparison::in_literals(const Value& left, Scratch& scratch) const {
  std::size_t index = 0;
  for (const LiteralRow& literal : Sections::rows(sections_.literals, row_.literals)) {
    if (one(left, literal, index++, scratch)) return true;
  }
  return false;
}

bool Comparison::has_prefix(std::string_view prefix) const {
  Value value = Value::of_text(prefix);
  return in_set(value);
}

bool Comparison::below_prefix(std::string_view given, Scratch& scratch) const {
  // Everything is below the root; the root itself is below nothing else.
  if (has_prefix("/")) return true;
  std::string_view path = clean_path(given, scratch);
  if (path.size() == 1) return false;
  for (const LiteralRow& pattern :
       Sections::rows(sections_.literals, sections_.sets[row_.set].patterns)) {
    if (fields::path_glob(sections_.str(pattern.text), path)) return true;
  }
  for (std::size_t at = 1; at < path.size(); at++) {
    if (path[at] == '/' && has_prefix(path.substr(0, at))) return true;
  }
  return has_prefix(path);
}

bool Comparison::member(const Value& left, Scratch& scratch) const {
  auto one_of = [&](const Value& value) {
    if (row_.set == lang::program::none) return in_literals(value, scratch);
    return static_cast<Compare>(row_.compare) == Compare::net ? in_networks(value) : in_set(value);
  };
  if (left.kind != Value::Kind::list) return one_of(left);
  // A list field: for `in` every element must be in the set (also true without elements), for
  // `intersects` at least one.
  bool every = static_cast<Op>(row_.op) == Op::in;
  for (std::uint32_t i = 0; i < left.count; i++) {
    if (one_of(left.items[i]) != every) return !every;
  }
  return every;
}

bool Comparison::with_literals(const Value& left, Scratch& scratch) const {
  Op op = static_cast<Op>(row_.op);
  if (op == Op::pmatch) return left.kind == Value::Kind::text && below_prefix(left.text, scratch);
  if (op == Op::in || op == Op::intersects) return member(left, scratch);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < row_.literals.count; i++) {
    hits += one(left, sections_.literals[row_.literals.at + i], i, scratch);
  }
  switch (static_cast<Modifier>(row_.modifier)) {
    case Modifier::oneof: return hits == 1;
    case Modifier::allof: return hits == row_.literals.count && hits > 0;
    default: return hits > 0;
  }
}

bool Comparison::with_value(const Value& left, const Value& right, Scratch& scratch) const {
  Op op = static_cast<Op>(row_.op);
  if (left.kind == Value::Kind::list || right.kind == Value::Kind::list) {
    const Value* lefts = left.kind == Value::Kind::list ? left.items : &left;
    const Value* rights = right.kind == Value::Kind::list ? right.items : &right;
    std::uint32_t left_count = left.kind == Value::Kind::list ? left.count : 1;
    std::uint32_t right_count = right.kind == Value::Kind::list ? right.count : 1;
    bool every = op == Op::in;
    for (std::uint32_t i = 0; i < left_count; i++) {
      bool found = false;
      for (std::uint32_t k = 0; k < right_count && !found; k++)
        found = with_value(lefts[i], rights[k], scratch);
      if (found != every) return !every;
    }
    return every;
  }
  switch (static_cast<Compare>(row_.compare)) {
    case Compare::text:
    case Compare::address: return left.kind == right.kind && text(op, left.text, right.text);
    case Compare::net: return false;
    default: return natural(left, right.bits);
  }
}

}  // namespace saker::match
