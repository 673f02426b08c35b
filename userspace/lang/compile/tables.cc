// SPDX-License-Identifier: Apache-2.0
#include "lang/compile/tables.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <tuple>

#include "base/hash.h"
#include "fields/cache_kind.h"
#include "lang/value.h"

namespace saker::lang {
namespace {

using program::Compare;
using program::LiteralRow;
using program::PredicateRow;
using program::Slice;
using program::SourceRow;

template <typename T>
std::string bytes_of(const T* rows, std::size_t count) {
  return {reinterpret_cast<const char*>(rows), count * sizeof(T)};
}

std::uint8_t field_flags(const FieldDef& def, bool has_arg, std::string_view arg) {
  unsigned flags = has_arg ? unsigned{SourceRow::has_arg} : 0;
  // The first ancestor is the main thread; a capture's image of another thread does not say so.
  const bool main_thread = def.any_ancestor && arg == "0";
  if ((def.keys & bit(fields::CacheKind::process)) && !main_thread)
    flags |= SourceRow::process_only;
  if (def.views) flags |= SourceRow::views;
  if (def.any_ancestor && !has_arg) flags |= SourceRow::each;
  if (def.each || def.any_end) flags |= SourceRow::each;
  if (def.any_end) flags |= SourceRow::each_ne_all;
  return static_cast<std::uint8_t>(flags);
}

std::optional<std::uint64_t> number_of(const Operand& constant, const Operand& left) {
  if (left.type == FieldType::bool_) {
    Result<bool> yes = parse_bool(constant.text);
    return yes ? std::optional<std::uint64_t>(*yes) : std::nullopt;
  }
  if (left.type == FieldType::port) {
    Result<std::uint16_t> port = parse_port(constant.text);
    return port ? std::optional<std::uint64_t>(*port) : std::nullopt;
  }
  std::uint8_t bits = 64;
  if (left.kind == Operand::Kind::field) {
    const FieldDef& def = all_fields()[left.field];
    const EventParamDef* param = def.name == "evt.rawarg" ? find_event_param(left.arg) : nullptr;
    bits = param ? param->bits : def.bits;
  }
  Result<std::uint64_t> number = parse_number(constant.text, left.type, bits);
  return number ? std::optional<std::uint64_t>(*number) : std::nullopt;
}

}  // namespace

Compare compare_of(FieldType type) {
  switch (type) {
    case FieldType::string:
    case FieldType::path:
    case FieldType::bytes: return Compare::text;
    case FieldType::int64:
    case FieldType::double_:
    case FieldType::fd:
    case FieldType::pid: return Compare::number;
    case FieldType::bool_: return Compare::boolean;
    case FieldType::ipaddr: return Compare::address;
    case FieldType::ipnet: return Compare::net;
    default: return Compare::natural;
  }
}

std::uint64_t literal_hash(const LiteralRow& literal, Compare compare, std::string_view text) {
  bool by_text = compare == Compare::text || compare == Compare::address;
  return by_text ? hash_bytes(text) : hash_number(literal.number);
}

std::string clean_prefix(std::string_view path) {
  std::string clean = "/";
  for (char c : path) {
    if (c != '/' || clean.back() != '/') clean.push_back(c);
  }
  if (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return clean;
}

bool has_glob(std::string_view text) { return text.find_first_of("*?[") != text.npos; }

Slice TableMaker::text(std::string_view text) {
  auto [at, fresh] = text_index_.try_emplace(std::string(text));
  if (fresh) {
    at->second = {static_cast<std::uint32_t>(strings.size()),
                  static_cast<std::uint32_t>(text.size())};
    strings.append(text);
  }
  return at->second;
}

std::uint32_t TableMaker::source(const Operand& operand) {
  SourceRow row;
  row.type = static_cast<std::uint8_t>(operand.type);
  std::vector<std::uint32_t> of;
  unsigned flags = SourceRow::process_only;
  for (const Operand& item : operand.items) {
    of.push_back(source(item));
    flags &= sources[of.back()].flags | ~unsigned{SourceRow::process_only};
    flags |= sources[of.back()].flags & SourceRow::views;
  }
  switch (operand.kind) {
    case Operand::Kind::field: {
      const FieldDef& def = all_fields()[operand.field];
      if (def.name == "static") {
        row.kind = SourceRow::constant;
        row.name = text(operand.fixed);
        break;
      }
      row.kind = SourceRow::field;
      row.name = text(def.name);
      row.arg = text(operand.arg);
      row.flags = field_flags(def, operand.has_arg || !operand.arg.empty(), operand.arg);
      if (operand.is_list) row.flags |= SourceRow::list_value;
      return add_source(row, {});
    }
    case Operand::Kind::constant:
      row.kind = SourceRow::constant;
      row.name = text(operand.text);
      break;
    case Operand::Kind::list: row.kind = SourceRow::list; break;
    case Operand::Kind::transform:
      row.kind = SourceRow::transform;
      row.transform_kind = static_cast<std::uint8_t>(operand.transform);
      row.arg = text(operand.arg);
      if (operand.has_arg) flags |= SourceRow::has_arg;
      break;
  }
  if (operand.is_list) flags |= SourceRow::list_value;
  row.flags = static_cast<std::uint8_t>(flags);
  return add_source(row, of);
}

std::uint32_t TableMaker::add_source(SourceRow row, const std::vector<std::uint32_t>& of) {
  row.parts = {0, static_cast<std::uint32_t>(of.size())};
  std::string key = bytes_of(&row, 1) + bytes_of(of.data(), of.size());
  auto [at, fresh] = source_index_.try_emplace(key, static_cast<std::uint32_t>(sources.size()));
  if (fresh) {
    row.parts.at = static_cast<std::uint32_t>(parts.size());
    parts.insert(parts.end(), of.begin(), of.end());
    sources.push_back(row);
  }
  return at->second;
}

Slice TableMaker::add_literals(const std::vector<LiteralRow>& rows) {
  if (rows.empty()) return {};
  auto [at, fresh] = literal_index_.try_emplace(bytes_of(rows.data(), rows.size()));
  if (fresh) {
    at->second = {static_cast<std::uint32_t>(literals.size()),
                  static_cast<std::uint32_t>(rows.size())};
    literals.insert(literals.end(), rows.begin(), rows.end());
  }
  return at->second;
}

std::optional<LiteralRow> TableMaker::constant(const Operand& constant, const Operand& left, Op op,
                                               Compare compare) {
  LiteralRow row;
  if (compare == Compare::text) {
    bool hex = op == Op::bcontains || op == Op::bstartswith;
    Result<std::string> bytes =
        hex ? parse_hex_bytes(constant.text) : Result<std::string>(constant.text);
    if (!bytes) return std::nullopt;
    row.text = text(*bytes);
    return row;
  }
  if (compare == Compare::address || compare == Compare::net) {
    Result<IpValue> ip =
        compare == Compare::net ? parse_net(constant.text) : parse_ip(constant.text);
    if (!ip) return std::nullopt;
    row.text = text({reinterpret_cast<const char*>(ip->bytes.data()), ip->v6 ? 16u : 4u});
    row.number = compare == Compare::net ? ip->prefix : 0;
    return row;
  }
  std::optional<std::uint64_t> number = number_of(constant, left);
  if (!number) return std::nullopt;
  row.number = *number;
  return row;
}

std::optional<std::vector<LiteralRow>> TableMaker::constants(const Expr& check, Compare compare) {
  std::vector<const Operand*> operands;
  if (check.right.kind == Operand::Kind::list) {
    for (const Operand& item : check.right.items) operands.push_back(&item);
  } else {
    operands.push_back(&check.right);
  }
  std::vector<LiteralRow> rows;
  for (const Operand* operand : operands) {
    std::optional<LiteralRow> row = constant(*operand, check.left, check.op, compare);
    if (!row) {
      errors_.push_back("'" + operand->text + "' is not a valid " +
                        std::string(type_name(check.left.type)) + " for " + check.left.text);
      return std::nullopt;
    }
    rows.push_back(*row);
  }
  return rows;
}

namespace {

// The first address of the network with that prefix length that contains the address.
std::string network_of(std::string_view address, std::uint64_t bits) {
  std::string first(address);
  for (std::size_t i = 0; i < first.size(); i++) {
    std::size_t kept = bits > i * 8 ? std::min<std::size_t>(bits - i * 8, 8) : 0;
    first[i] = static_cast<char>(static_cast<unsigned char>(first[i]) & (0xff00u >> kept));
  }
  return first;
}

// A smaller number is compared one by one.
constexpr std::size_t fewest_networks = 4;

}  // namespace

CompiledCheck TableMaker::check(const Expr& check) {
  PredicateRow row;
  Op op = check.op;
  Compare compare = compare_of(check.left.type);
  row.source = source(check.left);
  row.modifier = static_cast<std::uint8_t>(check.modifier);
  row.compare = static_cast<std::uint8_t>(compare);
  bool field_right =
      check.right.kind == Operand::Kind::field || check.right.kind == Operand::Kind::transform;
  if (op != Op::exists && field_right) {
    row.right = source(check.right);
  } else if (op != Op::exists) {
    std::optional<std::vector<LiteralRow>> rows = constants(check, compare);
    if (!rows) return {CompiledCheck::Kind::fails, 0};
    bool many = op == Op::in || op == Op::intersects;
    // An empty set has no subset other than a list without elements.
    if (rows->empty() && !(op == Op::in && check.left.is_list))
      return {CompiledCheck::Kind::fails, 0};
    if (op == Op::pmatch) {
      for (LiteralRow& literal : *rows)
        literal.text = text(clean_prefix(std::string(str(literal.text))));
      row.literals = add_literals(*rows);
      row.set = make_path_set(row.literals);
    } else {
      row.literals = add_literals(*rows);
      bool plain_in = many && !check.left.is_list;
      if (plain_in && rows->size() == 1) op = Op::eq;
      if (many && compare == Compare::net) {
        if (rows->size() >= fewest_networks) row.set = make_network_set(row.literals);
      } else if (many && (rows->size() > 1 || (check.left.is_list && !rows->empty()))) {
        row.set = make_set(row.literals, compare);
      }
    }
  }
  row.op = static_cast<std::uint8_t>(op);
  return {CompiledCheck::Kind::predicate, intern(row)};
}

std::uint32_t TableMaker::intern(PredicateRow row) {
  auto [at, fresh] = predicate_index_.try_emplace(bytes_of(&row, 1),
                                                  static_cast<std::uint32_t>(predicates.size()));
  if (fresh) predicates.push_back(row);
  return at->second;
}

std::uint32_t TableMaker::make_set(Slice slice, Compare compare) {
  std::vector<std::uint32_t> members;
  for (std::uint32_t i = 0; i < slice.count; i++) members.push_back(slice.at + i);
  return add_set(members, {}, compare);
}

std::uint32_t TableMaker::make_path_set(Slice slice) {
  std::vector<std::uint32_t> plain;
  std::vector<LiteralRow> patterns;
  for (std::uint32_t i = slice.at; i < slice.at + slice.count; i++) {
    if (has_glob(str(literals[i].text))) {
      patterns.push_back(literals[i]);
    } else {
      plain.push_back(i);
    }
  }
  return add_set(plain, add_literals(patterns), Compare::text);
}

std::uint32_t TableMaker::make_network_set(Slice slice) {
  std::vector<LiteralRow> networks;
  for (LiteralRow literal : std::span(literals).subspan(slice.at, slice.count)) {
    literal.text = text(network_of(str(literal.text), literal.number));
    networks.push_back(literal);
  }
  // A network that contains others comes directly before them.
  std::sort(networks.begin(), networks.end(), [&](const LiteralRow& a, const LiteralRow& b) {
    return std::tuple(a.text.count, str(a.text), a.number) <
           std::tuple(b.text.count, str(b.text), b.number);
  });
  std::vector<LiteralRow> apart;
  for (const LiteralRow& network : networks) {
    if (!apart.empty() &&
        str(apart.back().text) == network_of(str(network.text), apart.back().number))
      continue;
    apart.push_back(network);
  }
  return add_set({}, add_literals(apart), Compare::net);
}

std::uint32_t TableMaker::add_set(const std::vector<std::uint32_t>& members, Slice patterns,
                                  Compare compare) {
  std::string key = bytes_of(members.data(), members.size()) + bytes_of(&patterns, 1);
  auto [known, fresh] = set_index_.try_emplace(key, static_cast<std::uint32_t>(sets.size()));
  if (!fresh) return known->second;
  // At most half full, so that look-ups are short; at least one slot is free, so that they end.
  std::uint32_t size = std::bit_ceil(static_cast<std::uint32_t>(members.size() * 2 + 1));
  std::vector<program::SlotRow> table(size);
  for (std::uint32_t member : members) {
    std::string_view member_text = str(literals[member].text);
    std::uint64_t hash = literal_hash(literals[member], compare, member_text);
    std::uint32_t at = static_cast<std::uint32_t>(hash) & (size - 1);
    bool twice = false;
    while (table[at].literal != program::none && !twice) {
      const LiteralRow& there = literals[table[at].literal];
      twice = there.number == literals[member].number && str(there.text) == member_text;
      if (!twice) at = (at + 1) & (size - 1);
    }
    if (!twice) table[at] = {static_cast<std::uint32_t>(hash >> 32), member};
  }
  sets.push_back({{static_cast<std::uint32_t>(slots.size()), size}, patterns});
  slots.insert(slots.end(), table.begin(), table.end());
  return known->second;
}

}  // namespace saker::lang
