// SPDX-License-Identifier: Apache-2.0
#include "match/run.h"

#include <algorithm>
#include <new>

#include "fields/text/transform.h"
#include "match/compare.h"

namespace saker::match {

using lang::program::Compare;
using lang::program::PredicateRow;
using lang::program::Sections;
using lang::program::Slice;
using lang::program::SourceRow;
using lang::program::StepRow;
using lang::program::TestRow;

namespace {

constexpr std::uint32_t last_stamp = 0x7ffffffc;  // a stamp has 31 bits

bool starts_program(std::uint16_t type) {
  return type == SAKER_EV_execve || type == SAKER_EV_execveat;
}

}  // namespace

Run::Run(const Program::Parts& parts, const enrich::Users* users)
    : parts_(parts),
      sections_(parts.sections),
      answers_(parts.sections.tests.size()),
      made_(parts.sections.sources.size()),
      values_(parts.sections.sources.size()),
      scratch_(users) {}

void Run::begin(const Event& event) {
  event_ = &event;
  view_ = View::named;
  scratch_.reset();
  kept_ = {};
  stamp_ += 2;
  if (stamp_ >= last_stamp) {
    std::fill(answers_.begin(), answers_.end(), 0);
    std::fill(made_.begin(), made_.end(), 0);
    stamp_ = 2;
  }
  // An image that this event made has nothing cached yet, and most tests are evaluated for it only
  // once.
  keep_ = starts_program(event.record.type()) ? nullptr : &event.process->verdicts;
  if (keep_) tag_ = keep_->tag(parts_.tag);
}

bool Run::answer(const TestRow& test, std::uint32_t index) {
  if (keep_ && test.bit != lang::program::none) {
    enrich::ProcessCache::Verdict verdict = keep_->find(test.bit, tag_);
    if (verdict != enrich::ProcessCache::Verdict::unknown)
      return verdict == enrich::ProcessCache::Verdict::yes;
    bool yes = work_out(test);
    keep_->keep(test.bit, tag_, yes);
    return yes;
  }
  if (!kept_.keeps(index)) return work_out(test);
  CachedAnswers::Answer known = kept_.find(index);
  if (known != CachedAnswers::Answer::unknown) return known == CachedAnswers::Answer::yes;
  bool yes = work_out(test);
  kept_.keep(index, yes);
  return yes;
}

bool Run::follow(Slice slice) {
  const StepRow* steps = sections_.steps.data() + slice.at;
  std::uint32_t at = slice.count ? 0 : StepRow::hold;
  while (at < StepRow::fail) at = ask(steps[at].test) ? steps[at].yes : steps[at].no;
  return at == StepRow::hold;
}

bool Run::predicate(std::uint32_t index) {
  const PredicateRow& row = sections_.predicates[index];
  const SourceRow& source = sections_.sources[row.source];
  const Value& left = value(row.source);
  if (!left.set()) return false;
  bool single =
      row.literals.count == 1 && row.right == lang::program::none && row.set == lang::program::none;
  if (single && left.kind == Value::Kind::text &&
      static_cast<Compare>(row.compare) == Compare::text) {
    std::string_view wanted = sections_.str(sections_.literals[row.literals.at].text);
    // The most common operators directly, without Comparison.
    switch (static_cast<lang::Op>(row.op)) {
      case lang::Op::eq: return left.text == wanted;
      case lang::Op::ne: return left.text != wanted;
      case lang::Op::startswith: return left.text.starts_with(wanted);
      case lang::Op::endswith: return left.text.ends_with(wanted);
      default: break;
    }
  }
  if (static_cast<lang::Op>(row.op) == lang::Op::exists) return true;
  if ((source.flags & SourceRow::each) && left.kind == Value::Kind::list) {
    bool ne_all =
        (source.flags & SourceRow::each_ne_all) && static_cast<lang::Op>(row.op) == lang::Op::ne;
    return each_of(index, left, ne_all);
  }
  return compare(index, left);
}

bool Run::each_of(std::uint32_t index, const Value& left, bool ne_all) {
  for (std::uint32_t i = 0; i < left.count; i++) {
    if (compare(index, left.items[i]) != ne_all) return !ne_all;
  }
  return ne_all && left.count > 0;
}

bool Run::compare(std::uint32_t index, const Value& left) {
  std::uint32_t right = sections_.predicates[index].right;
  Comparison comparison(parts_, index);
  if (right == lang::program::none) return comparison.with_literals(left, scratch_);
  const Value& other = value(right);
  return other.set() && comparison.with_value(left, other, scratch_);
}

Value Run::make_list(const SourceRow& row) {
  auto* items = new (scratch_.take(row.parts.count * sizeof(Value))) Value[row.parts.count];
  for (std::uint32_t i = 0; i < row.parts.count; i++) {
    items[i] = value(sections_.parts[row.parts.at + i]);
    if (!items[i].set()) return {};
  }
  return Value::of_list(items, row.parts.count);
}

Value Run::make(std::uint32_t index) {
  const SourceRow& row = sections_.sources[index];
  switch (row.kind) {
    case SourceRow::field: return extract(parts_.fields[index], *event_, view_, scratch_);
    case SourceRow::constant: return Value::of_text(sections_.str(row.name));
    case SourceRow::list: return make_list(row);
    default: {
      Value inputs = make_list(row);
      if (!inputs.set()) return {};
      return transform(static_cast<fields::Transform>(row.transform_kind),
                       {inputs.items, inputs.count}, sections_.str(row.arg), scratch_);
    }
  }
}

}  // namespace saker::match
