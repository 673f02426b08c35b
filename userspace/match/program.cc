// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <string>

#include "enrich/process_cache.h"
#include "lang/ast.h"
#include "lang/rules.h"
#include "match/parts.h"

namespace saker::match {
namespace {

namespace program = lang::program;

// Number of programs made by this process, so that no two have the same tag. Wraps after a million
// loads.
std::atomic<std::uint32_t> programs_made{0};

static_assert(lang::program::most_kept_bits <= enrich::ProcessCache::capacity,
              "the program caches more results for each process than there is space for");

std::uint32_t next_tag() {
  std::uint32_t tag = programs_made.fetch_add(1, std::memory_order_relaxed) + 1;
  return tag & enrich::ProcessCache::tag_mask;
}

}  // namespace

Program::Program(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Program::~Program() = default;

Result<std::unique_ptr<Program>> Program::load(std::vector<std::byte> bytes) {
  auto parts = std::make_unique<Parts>();
  parts->bytes = std::move(bytes);
  Result<program::Sections> sections = program::open(parts->bytes);
  if (!sections) return sections.error();
  parts->sections = *sections;
  parts->tag = next_tag();
  parts->describe_rules();
  parts->survey_facets();
  for (const program::SourceRow& row : parts->sections.sources) {
    bool field = row.kind == program::SourceRow::field;
    parts->fields.push_back(field ? fields::field_ref(parts->sections.str(row.name),
                                                      row.flags & program::SourceRow::has_arg,
                                                      parts->sections.str(row.arg))
                                  : FieldRef{});
  }
  std::size_t steps = 0;
  for (const program::PredicateRow& row : parts->sections.predicates) {
    parts->first_regex.push_back(static_cast<std::uint32_t>(parts->regexes.size()));
    if (static_cast<lang::Op>(row.op) != lang::Op::regex) continue;
    for (const program::LiteralRow& literal :
         program::Sections::rows(parts->sections.literals, row.literals)) {
      std::string_view pattern = parts->sections.str(literal.text);
      re2::RE2::Options options(re2::RE2::POSIX);
      options.set_log_errors(false);
      parts->regexes.push_back(
          std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options));
      if (!parts->regexes.back()->ok()) {
        return Error{"compiled program: regular expression '" + std::string(pattern) +
                     "': " + parts->regexes.back()->error()};
      }
      steps += static_cast<std::size_t>(parts->regexes.back()->ProgramSize());
      if (steps > program::max_regex_steps)
        return Error{"compiled program: its regular expressions are too large together"};
    }
  }
  return std::unique_ptr<Program>(new Program(std::move(parts)));
}

void Program::Parts::describe_rules() {
  for (const program::Slice& tag : sections.tags) tags.push_back(sections.str(tag));
  for (const program::RuleRow& row : sections.rules) {
    RuleInfo info;
    info.name = sections.str(row.name);
    info.output = sections.str(row.output);
    info.desc = sections.str(row.desc);
    info.source = sections.str(row.source);
    info.tags = {tags.data() + row.tags.at, row.tags.count};
    info.priority = static_cast<std::uint8_t>(row.priority);
    info.index = row.index;
    info.capture = row.capture != 0;
    info.capture_ms = row.capture_ms;
    rules.push_back(info);
  }
  for (std::size_t event = 0; event < sections.events.size(); event++) {
    program::Slice entries = sections.events[event].entries;
    most_entries = std::max(most_entries, entries.count);
    if (entries.count) asked_kinds.set(event);
    if (event >= SAKER_EV_MAX) continue;
    if (entries.count) asked.set(event);
    for (const program::EntryRow& entry : program::Sections::rows(sections.entries, entries)) {
      if (rules[entry.rule].priority <= static_cast<unsigned>(lang::Priority::critical))
        urgent.set(event);
    }
  }
}

void Program::Parts::survey_facets() {
  cover = std::make_unique<KeyCoverage>(sections);
  content = std::make_unique<ContentPlan>(sections);
  kept = std::make_unique<CachedTests>(sections, *cover);
  for (std::uint16_t type = 0; type < sections.events.size(); type++) {
    plans.emplace_back(sections, *cover, type);
    // No program compiled here is nested that deeply.
    if (cover->deepest > KeyCoverage::most_steps) plans.back().useful = 0;
  }
}

std::size_t Program::rule_count() const { return parts_->rules.size(); }
const RuleInfo& Program::rule(std::uint32_t index) const { return parts_->rules[index]; }
const std::bitset<SAKER_EV_MAX>& Program::asked_events() const { return parts_->asked; }
const std::bitset<SAKER_EV_MAX>& Program::urgent_events() const { return parts_->urgent; }
const fields::KindSet& Program::asked_kinds() const { return parts_->asked_kinds; }
std::vector<std::string_view> Program::asked_names() const {
  std::vector<std::string_view> names;
  const program::Sections& sections = parts_->sections;
  for (const program::PredicateRow& row : sections.predicates) {
    const program::SourceRow& source = sections.sources[row.source];
    std::string_view field =
        source.kind == program::SourceRow::field ? sections.str(source.name) : std::string_view();
    if (!field.starts_with("fd.") || !field.ends_with("ip.name")) continue;
    for (const program::LiteralRow& literal :
         program::Sections::rows(sections.literals, row.literals))
      names.push_back(sections.str(literal.text));
  }
  return names;
}

std::span<const std::byte> Program::bytes() const { return parts_->bytes; }

}  // namespace saker::match
