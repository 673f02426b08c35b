// SPDX-License-Identifier: Apache-2.0
#include "match/cache_key.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>

#include "enrich/container.h"
#include "fields/argument.h"
#include "fields/descriptor.h"
#include "fields/field_id.h"
#include "fields/path.h"

namespace saker::match {
namespace {

using lang::program::Compare;
using lang::program::LiteralRow;
using lang::program::PredicateRow;
using lang::program::Sections;
using lang::program::SourceRow;
using lang::program::StepRow;
using lang::program::TestRow;

constexpr std::uint8_t of_program = bit(CacheKind::program) | bit(CacheKind::command);
constexpr std::uint8_t of_socket = bit(CacheKind::socket) | bit(CacheKind::connection);
constexpr std::uint8_t of_call = bit(CacheKind::path) | of_socket;  // and on its result
constexpr std::uint8_t every = bit(CacheKind::process) | of_call | of_program;

bool has_paths(std::uint16_t type) {
  decode::Family family = decode::event_info(type).family;
  return family == decode::Family::open || family == decode::Family::path ||
         family == decode::Family::path2;
}

// Whether evt.arg with that name is one of the paths at every event that has paths.
bool names_path(std::string_view name) {
  for (std::uint16_t type = 0; type < SAKER_EV_MAX; type++) {
    if (!has_paths(type)) continue;
    for (const fields::Argument& argument : fields::arguments_of(type)) {
      bool path = argument.shape == fields::ArgShape::path_first ||
                  argument.shape == fields::ArgShape::path_second;
      if (argument.name == name && !path) return false;
    }
  }
  return !name.empty() && (name[0] < '0' || name[0] > '9');
}

std::uint8_t cover_of_field(const Sections& sections, const SourceRow& row) {
  std::string_view name = sections.str(row.name);
  const fields::FieldId id = fields::find_field(name);
  if (id == fields::no_field) return 0;
  // From the source's own flag: an ancestor with number 0 is the main thread, which the process key
  // does not cover.
  unsigned cover = fields::all_fields()[id].keys & ~unsigned{bit(CacheKind::process)};
  if (row.flags & SourceRow::process_only) cover |= bit(CacheKind::process);
  if (!(row.flags & SourceRow::has_arg)) return static_cast<std::uint8_t>(cover);
  if (id == fields::field_id("evt.arg") && names_path(sections.str(row.arg)))
    cover |= bit(CacheKind::path);
  if (fields::all_fields()[id].any_ancestor && sections.str(row.arg) == "0") cover = 0;
  return static_cast<std::uint8_t>(cover);
}

// All numbers above zero give the same result in this comparison.
std::uint8_t cover_of_sign(const Sections& sections, const PredicateRow& row) {
  const SourceRow& source = sections.sources[row.source];
  if (source.kind != SourceRow::field) return 0;
  const fields::FieldId id = fields::find_field(sections.str(source.name));
  if (id == fields::no_field || !fields::all_fields()[id].sign_only) return 0;
  if (static_cast<Compare>(row.compare) != Compare::number || row.right != lang::program::none)
    return 0;
  for (const LiteralRow& literal : Sections::rows(sections.literals, row.literals)) {
    if (static_cast<std::int64_t>(literal.number) > 0) return 0;
  }
  return of_call;
}

}  // namespace

KeyCoverage::KeyCoverage(const Sections& sections) {
  for (const SourceRow& row : sections.sources) {
    std::uint8_t cover = row.kind == SourceRow::field ? cover_of_field(sections, row) : every;
    for (std::uint32_t part : Sections::rows(sections.parts, row.parts)) cover &= sources[part];
    sources.push_back(cover);
  }
  for (const PredicateRow& row : sections.predicates) {
    std::uint8_t cover = sources[row.source];
    if (row.right != lang::program::none) cover &= sources[row.right];
    predicates.push_back(cover | cover_of_sign(sections, row));
  }
  std::vector<std::size_t> depth;
  for (const TestRow& row : sections.tests) {
    if (row.kind == TestRow::predicate) {
      tests.push_back(predicates[row.what.at]);
      partly_decided.push_back(tests.back());
      depth.push_back(0);
      continue;
    }
    std::uint8_t cover = every, touch = 0;
    std::size_t below = 0;
    for (const StepRow& step : Sections::rows(sections.steps, row.what)) {
      cover &= tests[step.test];
      touch |= partly_decided[step.test];
      below = std::max(below, depth[step.test]);
    }
    tests.push_back(cover);
    partly_decided.push_back(touch);
    depth.push_back(below + row.what.count);
    deepest = std::max(deepest, depth.back());
  }
}

namespace {

// Minimum for which looking up keys pays off: entries, or predicates that are not cached with the
// process anyway.
constexpr std::uint32_t fewest_entries = 4;
constexpr std::size_t fewest_predicates = 8;

// How many of the predicates that the entries use are decided by any of these kinds.
std::size_t count_decided(const Sections& sections, const KeyCoverage& cover,
                          lang::program::Slice entries, std::uint8_t kinds) {
  std::vector<bool> seen(sections.tests.size());
  std::vector<std::uint32_t> open;
  std::size_t count = 0;
  auto visit = [&](std::uint32_t test) {
    if (!seen[test]) open.push_back(test);
    seen[test] = true;
  };
  for (const lang::program::EntryRow& entry : Sections::rows(sections.entries, entries))
    visit(entry.test);
  while (!open.empty()) {
    const TestRow& row = sections.tests[open.back()];
    open.pop_back();
    if (row.kind == TestRow::predicate) {
      count += (cover.predicates[row.what.at] & kinds) != 0;
      continue;
    }
    for (const StepRow& step : Sections::rows(sections.steps, row.what)) visit(step.test);
  }
  return count;
}

std::uint8_t facets_of(std::uint16_t type) {
  if (type == SAKER_EV_execve || type == SAKER_EV_execveat) return of_program;
  bool socket = decode::event_info(type).family == decode::Family::sock;
  return static_cast<std::uint8_t>(bit(CacheKind::process) |
                                   (has_paths(type) ? bit(CacheKind::path) : 0) |
                                   (socket ? of_socket : 0));
}

// Calls `use` with each slice of positions that the probe can find.
template <typename Use>
void each_find(const Sections& sections, const lang::program::ProbeRow& probe, Use use) {
  using lang::program::ProbeRow;
  for (std::uint32_t i = probe.table.at; i < probe.table.at + probe.table.count; i++) {
    if (probe.kind == ProbeRow::equal) {
      use(sections.keys[i].positions);
    } else if (probe.kind == ProbeRow::within) {
      for (const lang::program::FindRow& find :
           Sections::rows(sections.finds, sections.grams[i].finds))
        use(find.positions);
    } else {
      use(sections.nodes[i].positions);
    }
  }
}

}  // namespace

CachePlan::CachePlan(const Sections& sections, const KeyCoverage& cover, std::uint16_t type) {
  const lang::program::EventRow& plan = sections.events[type];
  if (plan.entries.count == 0) return;
  constexpr std::uint8_t beyond_process = every & ~bit(CacheKind::process);
  if (plan.entries.count < fewest_entries &&
      count_decided(sections, cover, plan.entries, facets_of(type) & beyond_process) <
          fewest_predicates)
    return;
  for (const lang::program::EntryRow& entry : Sections::rows(sections.entries, plan.entries))
    useful |= cover.partly_decided[entry.test];
  useful &= facets_of(type);
  if (plan.entries.count <= many_entries) return;
  for (std::size_t kind = 0; kind < cache_kind_count; kind++) {
    std::vector<bool> found(plan.entries.count), elsewhere(plan.entries.count);
    for (const lang::program::ProbeRow& probe : Sections::rows(sections.probes, plan.probes)) {
      bool ours = cover.sources[probe.source] & bit(static_cast<CacheKind>(kind));
      each_find(sections, probe, [&](lang::program::Slice positions) {
        for (std::uint32_t position : Sections::rows(sections.positions, positions)) {
          if (position < plan.entries.count) (ours ? found : elsewhere)[position] = true;
        }
      });
    }
    not_indexed[kind].resize((plan.entries.count + 63) / 64);
    for (std::uint32_t i = 0; i < plan.entries.count; i++) {
      bool sought = found[i] && !elsewhere[i];
      if (!sought) not_indexed[kind][i / 64] |= std::uint64_t{1} << i % 64;
    }
  }
}

std::string_view CacheKey::program(const Event& event) {
  return put_program(event, program_room) ? whole() : std::string_view();
}

std::string_view CacheKey::command(const Event& event) {
  const enrich::Process& process = *event.process;
  if (!put_program(event, command_room)) return {};
  // The command line is not always made from the arguments alone.
  if (!put_text(process.program->cmdline, command_room) ||
      !put_text(process.program->cwd, command_room))
    return {};
  for (std::string_view arg : process.program->args) {
    if (!put_text(arg, command_room)) return {};
  }
  // At the end, where it can be read first: which of the texts are ancestors.
  if (!fits(sizeof(ancestors_), command_room)) return {};
  put(&ancestors_, sizeof(ancestors_));
  return whole();
}

bool CacheKey::put_program(const Event& event, std::size_t room) {
  const enrich::Process& process = *event.process;
  if (!process.known) return false;
  const enrich::Container* container = process.container;
  std::uint32_t head[] = {event.record.type(), event.record.head().uid, container != nullptr,
                          static_cast<std::uint32_t>(process.program->exe_flags)};
  begin();
  put(head, sizeof(head));
  for (std::string_view text :
       {process.program->comm, process.program->exe, process.program->exepath,
        container ? std::string_view(container->id) : std::string_view()}) {
    if (!put_text(text, room)) return false;
  }
  // A chain that is too long for the key ends this; so a circular chain ends too.
  ancestors_ = 0;
  for (const enrich::Process* up = process.parent; up && up->known; up = up->parent) {
    if (!put_text(up->program->comm, room)) return false;
    ancestors_++;
  }
  return true;
}

}  // namespace saker::match
