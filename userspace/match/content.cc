// SPDX-License-Identifier: Apache-2.0
#include "match/content.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "fields/number.h"

namespace saker::match {

using lang::program::Compare;
using lang::program::LiteralRow;
using lang::program::PredicateRow;
using lang::program::Sections;
using lang::program::SourceRow;

namespace {

// Long texts that are determined by a number.
constexpr std::pair<std::string_view, std::uint64_t enrich::Process::*> numbers[] = {
    {"thread.cap_permitted", &enrich::Process::cap_permitted},
    {"thread.cap_inheritable", &enrich::Process::cap_inheritable},
    {"thread.cap_effective", &enrich::Process::cap_effective},
};

}  // namespace

bool ContentKey::put(const void* bytes, std::size_t size) {
  if (size > room - used_) return false;
  if (size) std::memcpy(bytes_.data() + used_, bytes, size);
  used_ += size;
  return true;
}

bool ContentKey::put(const Value& value) {
  const std::uint64_t head = static_cast<std::uint64_t>(value.kind) |
                             std::uint64_t{value.count} << 8 |
                             std::uint64_t{value.text.size()} << 40;
  if (value.text.size() > room || !put(&head, sizeof head)) return false;
  switch (value.kind) {
    case Value::Kind::unset: return true;
    case Value::Kind::text:
    case Value::Kind::address: return put(value.text.data(), value.text.size());
    case Value::Kind::list:
      for (std::uint32_t i = 0; i < value.count; i++) {
        if (!put(value.items[i])) return false;
      }
      return true;
    default: return put(&value.bits, sizeof value.bits);
  }
}

bool ContentKey::put_place(const Value& value, const std::vector<std::uint64_t>& marks,
                           bool has_sign) {
  const bool number = value.kind == Value::Kind::number || value.kind == Value::Kind::natural ||
                      value.kind == Value::Kind::boolean;
  if (!number || value.count != 0) return put(value);
  auto less = [has_sign](std::uint64_t a, std::uint64_t b) {
    return has_sign ? static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b) : a < b;
  };
  const auto at = std::lower_bound(marks.begin(), marks.end(), value.bits, less);
  const auto place = static_cast<std::uint64_t>(at - marks.begin()) << 1 |
                     (at != marks.end() && *at == value.bits);
  return put(&value.kind, sizeof value.kind) && put(&place, sizeof place);
}

ContentPlan::ContentPlan(const Sections& sections) {
  constexpr std::uint32_t no_item = 0xffffffff;
  std::vector<std::uint32_t> item_of(sections.sources.size(), no_item);
  for (bool of_container : {false, true}) {
    for (std::uint32_t i = 0; i < sections.sources.size(); i++) {
      const SourceRow& row = sections.sources[i];
      if (row.kind != SourceRow::field || !(row.flags & SourceRow::process_only)) continue;
      const std::string_view name = sections.str(row.name);
      if (of_container != (name.starts_with("container.") || name.starts_with("k8s"))) continue;
      item_of[i] = static_cast<std::uint32_t>(items_.size());
      Item& item = items_.emplace_back();
      item.source = i;
      for (const auto& [field, number] : numbers) {
        if (field == name) item.number = number;
      }
    }
    if (!of_container) outside_container_ = items_.size();
  }
  auto needs_value = [&](std::uint32_t source) {
    if (source != lang::program::none && item_of[source] != no_item)
      items_[item_of[source]].compared = false;
  };
  for (const SourceRow& row : sections.sources) {
    for (std::uint32_t part : Sections::rows(sections.parts, row.parts)) needs_value(part);
  }
  std::vector<bool> met(items_.size());
  for (const PredicateRow& row : sections.predicates) {
    needs_value(row.right);
    if (item_of[row.source] == no_item) continue;
    Item& item = items_[item_of[row.source]];
    const auto compare = static_cast<Compare>(row.compare);
    const bool has_sign = compare == Compare::number;
    const bool number = has_sign || compare == Compare::natural || compare == Compare::boolean;
    if (!number || (met[item_of[row.source]] && item.has_sign != has_sign)) item.compared = false;
    met[item_of[row.source]] = true;
    item.has_sign = has_sign;
    for (const LiteralRow& literal : Sections::rows(sections.literals, row.literals))
      item.marks.push_back(literal.number);
  }
  for (Item& item : items_) {
    if (!item.compared) item.marks.clear();
    auto less = [&](std::uint64_t a, std::uint64_t b) {
      return item.has_sign ? static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b) : a < b;
    };
    std::sort(item.marks.begin(), item.marks.end(), less);
    item.marks.erase(std::unique(item.marks.begin(), item.marks.end()), item.marks.end());
  }
}

}  // namespace saker::match
