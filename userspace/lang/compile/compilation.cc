// SPDX-License-Identifier: Apache-2.0
#include "lang/compile/compilation.h"

#include <malloc.h>
#include <saker/event.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "base/hash.h"
#include "lang/resolve/deduce.h"

namespace saker::lang {
namespace {

static_assert(program::event_count == fields::kind_count);

using program::SectionId;
using program::Slice;

std::vector<std::string> right_texts(const Expr& check) {
  std::vector<std::string> texts;
  if (check.right.kind == Operand::Kind::constant) texts.push_back(check.right.text);
  for (const Operand& item : check.right.items) texts.push_back(item.text);
  return texts;
}

// The events for which a check of evt.type or syscall.type is true; nothing if it tests more than
// the name.
std::optional<TypeSet> types_of(const Expr& check) {
  std::string_view field = all_fields()[check.left.field].name;
  bool syscall = field == "syscall.type";
  bool negative = check.op == Op::ne;
  bool list = check.op == Op::in || check.op == Op::intersects;
  if (check.op != Op::eq && !negative && !list && check.op != Op::exists) return std::nullopt;
  if (check.modifier != Modifier::none) return std::nullopt;
  if (check.right.kind == Operand::Kind::field || check.right.kind == Operand::Kind::transform)
    return std::nullopt;
  static const TypeSet all = kinds_of(all_events());
  static const TypeSet calls = [] {
    EventSet made;
    for (std::size_t i = 0; i < event_names().size(); i++) made[i] = event_names()[i].syscall;
    return kinds_of(made);
  }();
  const TypeSet& possible = syscall ? calls : all;
  if (check.op == Op::exists) return possible;
  TypeSet named;
  for (const std::string& text : right_texts(check)) {
    if (EventKind kind = find_kind(text)) named.set(kind);
  }
  return possible & (negative ? ~named : named);
}

}  // namespace

Lit Compilation::convert_check(const Expr& check) {
  if (check.left.kind == Operand::Kind::field) {
    std::string_view name = all_fields()[check.left.field].name;
    if (name == "evt.type" || name == "syscall.type") {
      if (std::optional<TypeSet> types = types_of(check)) return logic_.type(*types);
    }
  }
  if (std::optional<bool> known = known_number(check)) return *known ? always_true : always_false;
  CompiledCheck compiled = tables_.check(check);
  if (compiled.kind == CompiledCheck::Kind::holds) return always_true;
  if (compiled.kind == CompiledCheck::Kind::fails) return always_false;
  return logic_.atom(compiled.predicate);
}

Lit Compilation::convert(const Expr& expr) {
  if (expr.kind == Expr::Kind::check) return convert_check(expr);
  if (expr.kind == Expr::Kind::negate) return negated(convert(expr.children[0]));
  if (expr.kind == Expr::Kind::ident) return always_false;  // resolution leaves none
  std::vector<Lit> children;
  for (const Expr& child : expr.children) children.push_back(convert(child));
  return expr.kind == Expr::Kind::all ? logic_.all(std::move(children))
                                      : logic_.any(std::move(children));
}

bool Compilation::add_rules() {
  for (std::size_t i = 0; i < rules_.rules.size(); i++) {
    const Rule& rule = rules_.rules[i];
    if (!rule.enabled || rule.source != "syscall") continue;
    program::RuleRow row;
    row.name = tables_.text(rule.name);
    row.desc = tables_.text(rule.desc);
    row.output = tables_.text(rule.output.text);
    row.source = tables_.text(rule.source);
    row.tags = {static_cast<std::uint32_t>(tags_.size()),
                static_cast<std::uint32_t>(rule.tags.size())};
    for (const std::string& tag : rule.tags) tags_.push_back(tables_.text(tag));
    row.priority = static_cast<std::uint32_t>(rule.priority);
    row.index = static_cast<std::uint32_t>(i);
    row.capture = rule.capture;
    row.capture_ms = rule.capture_duration_ms;
    rows_.push_back(row);
    compiled_.push_back(&rule);
  }
  return true;
}

// The part of each rule's condition that remains at each of its events.
bool Compilation::add_conditions() {
  std::vector<Lit> whole;
  std::vector<TypeSet> types;
  for (std::size_t i = 0; i < compiled_.size(); i++) {
    whole.push_back(convert(compiled_[i]->expr));
    types.push_back(kinds_of(compiled_[i]->events));
    if (emptied_) emptied_->rules[rows_[i].index].expr = {};
  }
  // What the conditions took is there for the program.
  if (emptied_) ::malloc_trim(0);
  for (unsigned event = 0; event < program::event_count; event++) {
    if (kind_name(static_cast<EventKind>(event)).empty()) continue;
    AtEvent at_event(logic_, event);
    for (std::uint32_t rule = 0; rule < compiled_.size(); rule++) {
      if (!types[rule][event]) continue;
      Lit rest = at_event(whole[rule]);
      if (rest != always_false) at_event_[event].push_back({rule, code_.split(rest)});
    }
  }
  return tables_.errors().empty();
}

bool Compilation::add_events() {
  for (unsigned event = 0; event < program::event_count; event++) {
    bool exec = event == SAKER_EV_execve || event == SAKER_EV_execveat;
    for (const Condition& condition : at_event_[event]) {
      code_.count(condition.lit);
      if (!exec) code_.keep(condition.lit);
    }
  }
  index_.emplace(tables_, logic_, weights_);
  // Most events of one family have the same entries: they share one index.
  std::map<std::vector<Condition>, unsigned> same;
  for (unsigned event = 0; event < program::event_count; event++) {
    const std::vector<Condition>& conditions = at_event_[event];
    if (conditions.empty()) continue;
    auto [first, fresh] = same.try_emplace(conditions, event);
    if (!fresh) {
      events_[event] = events_[first->second];
      continue;
    }
    std::vector<Lit> lits;
    for (const Condition& condition : conditions) lits.push_back(condition.lit);
    events_[event] = index_->add(lits);
    events_[event].entries = {static_cast<std::uint32_t>(entries_.size()),
                              static_cast<std::uint32_t>(lits.size())};
    for (const Condition& condition : conditions) {
      entries_.push_back({condition.rule, code_.test(condition.lit)});
    }
    index_->finish_gates(events_[event], [&](Lit lit) { return code_.test(lit); });
  }
  return true;
}

bool Compilation::add_texts() {
  for (const auto& [row, text] : index_->key_texts) index_->keys[row].text = tables_.text(text);
  for (const auto& [row, text] : index_->find_texts) index_->finds[row].text = tables_.text(text);
  return true;
}

namespace {

// The bytes are allocated once, when their number is known: they are a large part of the memory.
class Writer {
 public:
  // `rows` must stay valid until finish().
  template <typename Rows>
  void add(SectionId id, const Rows& rows) {
    header_.sections[static_cast<std::size_t>(id)] = {static_cast<std::uint32_t>(size_),
                                                      static_cast<std::uint32_t>(rows.size())};
    const std::size_t bytes = rows.size() * sizeof(*rows.data());
    if (bytes) sections_.push_back({size_, rows.data(), bytes});
    size_ = rounded(size_ + bytes);
  }

  std::vector<std::byte> finish(bool match_all, std::uint32_t kept_bits) {
    std::vector<std::byte> bytes(size_);
    for (const Section& section : sections_)
      std::memcpy(bytes.data() + section.at, section.rows, section.bytes);
    header_.magic = program::magic;
    header_.version = program::version;
    header_.header_bytes = sizeof(header_);
    header_.bytes = size_;
    header_.match_all = match_all;
    header_.kept_bits = kept_bits;
    std::memcpy(bytes.data(), &header_, sizeof(header_));
    header_.checksum = program::checksum(bytes);
    std::memcpy(bytes.data(), &header_, sizeof(header_));
    return bytes;
  }

 private:
  struct Section {
    std::size_t at;
    const void* rows;
    std::size_t bytes;
  };
  static constexpr std::size_t rounded(std::size_t bytes) { return (bytes + 7) & ~std::size_t{7}; }

  program::Header header_;
  std::vector<Section> sections_;
  std::size_t size_ = rounded(sizeof(program::Header));
};

}  // namespace

bool Compilation::assemble() {
  Writer out;
  out.add(SectionId::text, tables_.strings);
  out.add(SectionId::rules, rows_);
  out.add(SectionId::tags, tags_);
  out.add(SectionId::sources, tables_.sources);
  out.add(SectionId::parts, tables_.parts);
  out.add(SectionId::predicates, tables_.predicates);
  out.add(SectionId::literals, tables_.literals);
  out.add(SectionId::sets, tables_.sets);
  out.add(SectionId::slots, tables_.slots);
  out.add(SectionId::tests, code_.tests);
  out.add(SectionId::steps, code_.steps);
  out.add(SectionId::events, events_);
  out.add(SectionId::entries, entries_);
  out.add(SectionId::positions, index_->positions);
  out.add(SectionId::probes, index_->probes);
  out.add(SectionId::keys, index_->keys);
  out.add(SectionId::nodes, index_->nodes);
  out.add(SectionId::edges, index_->edges);
  out.add(SectionId::grams, index_->grams);
  out.add(SectionId::finds, index_->finds);
  out.add(SectionId::gates, index_->gates);
  bytes_ = out.finish(matching_ == RuleMatching::all, code_.kept_bits);
  return true;
}

Result<std::vector<std::byte>> Compilation::take() {
  if (tables_.errors().empty()) return std::move(bytes_);
  std::string message = "the rules cannot be compiled:";
  for (const std::string& error : tables_.errors()) message += "\n  " + error;
  return Error{message};
}

}  // namespace saker::lang
