// SPDX-License-Identifier: Apache-2.0
#include "lang/read/collector.h"

#include <algorithm>
#include <utility>

#include "base/nearest.h"

namespace saker::lang {
namespace {

void join(MappedText& to, const MappedText& more, SourcePlace at) {
  to.append_for(" ", at);
  to.append(more);
}

bool operation_is(const Overrides& overrides, const std::string& key, Operation operation) {
  const auto found = overrides.find(key);
  return found != overrides.end() && found->second == operation;
}

template <typename Map>
std::string nearest_of(const Map& names, std::string_view wanted, const Report& report) {
  if (report.crowded()) return {};
  Nearest nearest(wanted);
  for (const auto& [name, index] : names) nearest.offer(name);
  return nearest.best().empty() ? "" : "did you mean '" + std::string(nearest.best()) + "'?";
}

constexpr const char* define_first =
    "define it before this entry, in this file or one loaded earlier";

}  // namespace

void Collector::add(Entry entry) {
  if (auto* list = std::get_if<ListEntry>(&entry))
    add_list(std::move(*list));
  else if (auto* macro = std::get_if<MacroEntry>(&entry))
    add_macro(std::move(*macro));
  else if (auto* rule = std::get_if<RuleEntry>(&entry))
    add_rule(std::move(*rule));
  else if (auto* version = std::get_if<EngineVersionEntry>(&entry))
    check_engine_version(*version);
  else if (auto* plugins = std::get_if<PluginVersionsEntry>(&entry))
    plugins_.push_back(std::move(*plugins));
  else
    add_broken(std::get<BrokenEntry>(entry));
}

void Collector::add_broken(const BrokenEntry& entry) {
  switch (entry.kind) {
    case BrokenEntry::Kind::list: broken_lists_.insert(entry.name); return;
    case BrokenEntry::Kind::macro: broken_macros_.insert(entry.name); return;
    case BrokenEntry::Kind::rule: broken_rules_.insert(entry.name); return;
  }
}

void Collector::check_engine_version(const EngineVersionEntry& entry) {
  const Version wanted = *parse_version(entry.version), ours = *parse_version(engine_version);
  if (wanted.major != ours.major || ours < wanted)
    report_.add({Code::validate,
                 entry.origin,
                 "rules require engine version " + entry.version + ", but engine version is " +
                     std::string(engine_version),
                 "use a newer Saker, or rules made for this version",
                 {{"required_engine_version", "", entry.origin}},
                 {}});
  if (engine_version_.empty() || *parse_version(engine_version_) < wanted)
    engine_version_ = entry.version;
}

const CollectedMacro* Collector::find_macro(std::string_view name) const {
  const auto found = macro_by_name_.find(std::string(name));
  return found == macro_by_name_.end() ? nullptr : &macros_[found->second];
}

std::size_t Collector::find_list(std::string_view name) const {
  const auto found = list_by_name_.find(std::string(name));
  return found == list_by_name_.end() ? static_cast<std::size_t>(-1) : found->second;
}

void Collector::add_list(ListEntry entry) {
  const bool append = entry.append || operation_is(entry.overrides, "items", Operation::append);
  const auto found = list_by_name_.find(entry.name.text);
  const std::size_t index = next_index_++;
  if (found == list_by_name_.end()) {
    if (append && (incomplete_ || broken_lists_.count(entry.name.text) != 0)) return;
    if (append) {
      std::string hint = nearest_of(list_by_name_, entry.name.text, report_);
      report_.add({Code::validate,
                   entry.name.origin,
                   "list '" + entry.name.text + "' is appended to but not defined",
                   hint.empty() ? define_first : std::move(hint),
                   {{"list", entry.name.text, entry.origin}},
                   {}});
      return;
    }
    list_by_name_[entry.name.text] = lists_.size();
    lists_.push_back({std::move(entry.name), entry.origin, std::move(entry.items), index, index});
    return;
  }
  CollectedList& list = lists_[found->second];
  list.visibility = index;
  if (append) {
    list.items.insert(list.items.end(), std::make_move_iterator(entry.items.begin()),
                      std::make_move_iterator(entry.items.end()));
    return;
  }
  list.items = std::move(entry.items);
  list.name = std::move(entry.name);
  list.origin = entry.origin;
}

void Collector::add_macro(MacroEntry entry) {
  const bool append = entry.append || operation_is(entry.overrides, "condition", Operation::append);
  const auto found = macro_by_name_.find(entry.name.text);
  const std::size_t index = next_index_++;
  if (found == macro_by_name_.end()) {
    if (append && (incomplete_ || broken_macros_.count(entry.name.text) != 0)) return;
    if (append) {
      std::string hint = nearest_of(macro_by_name_, entry.name.text, report_);
      report_.add({Code::validate,
                   entry.name.origin,
                   "macro '" + entry.name.text + "' is appended to but not defined",
                   hint.empty() ? define_first : std::move(hint),
                   {{"macro", entry.name.text, entry.origin}},
                   {}});
      return;
    }
    broken_macros_.erase(entry.name.text);
    macro_by_name_[entry.name.text] = macros_.size();
    macros_.push_back(
        {std::move(entry.name), entry.origin, std::move(entry.condition), index, index});
    return;
  }
  CollectedMacro& macro = macros_[found->second];
  macro.visibility = index;
  if (append) {
    join(macro.condition, entry.condition, entry.origin);
    return;
  }
  macro.condition = std::move(entry.condition);
  macro.name = std::move(entry.name);
  macro.origin = entry.origin;
}

}  // namespace saker::lang
