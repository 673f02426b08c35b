// SPDX-License-Identifier: Apache-2.0
#include "proposal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/fd.h"

namespace saker::cli {
namespace {

constexpr std::size_t most_values = 5, most_tuples = 5;
constexpr std::string_view exception_name = "backtest_noise";

using Group = std::vector<const Sighting*>;

class Shape {
 public:
  Shape(const NoiseTexts& texts, const std::vector<Group>& groups)
      : texts_(texts), groups_(groups) {}

  std::set<std::string> values(const Group& group, NoiseField field) const {
    std::set<std::string> found;
    for (const Sighting* seen : group) found.insert(texts_[seen->values[field]]);
    return found;
  }
  // Every alert has a value that a rule can contain.
  bool usable(NoiseField field) const {
    return every([&](const Group& group) {
      std::set<std::string> found = values(group, field);
      return std::all_of(found.begin(), found.end(), [](const std::string& value) {
        return !value.empty() && lang::writable(value);
      });
    });
  }
  bool few(NoiseField field) const {
    return usable(field) &&
           every([&](const Group& group) { return values(group, field).size() <= most_values; });
  }
  bool one(NoiseField field) const {
    return usable(field) &&
           every([&](const Group& group) { return values(group, field).size() == 1; });
  }

  // The deepest common directory of all paths of the group; "" if that is the root, or a value is
  // not a path.
  std::string directory(const Group& group) const {
    std::set<std::string> paths = values(group, noise_path);
    std::string first = *paths.begin(), last = *paths.rbegin();
    std::size_t same = 0;
    while (same < first.size() && same < last.size() && first[same] == last[same]) same++;
    std::size_t slash = first.substr(0, same).rfind('/');
    bool path = !first.empty() && first[0] == '/' && slash != first.npos && slash > 0;
    std::string found = path ? first.substr(0, slash) : "";
    return found.find_first_of("*?[") == found.npos ? found : "";
  }
  bool directories() const {
    return usable(noise_path) &&
           every([&](const Group& group) { return !directory(group).empty(); });
  }

 private:
  template <typename Holds>
  bool every(const Holds& holds) const {
    return std::all_of(groups_.begin(), groups_.end(), holds);
  }
  const NoiseTexts& texts_;
  const std::vector<Group>& groups_;
};

// The alerts by program, largest groups first; as many groups as cover nine in ten.
std::vector<Group> group(const std::vector<const Sighting*>& alerts, NoiseField by) {
  std::map<std::uint32_t, Group> all;
  for (const Sighting* alert : alerts) all[alert->values[by]].push_back(alert);
  std::vector<Group> groups;
  for (auto& [value, members] : all) groups.push_back(std::move(members));
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.size() > b.size(); });
  std::size_t covered = 0, used = 0;
  while (used < groups.size() && used < most_tuples && covered * 10 < alerts.size() * 9)
    covered += groups[used++].size();
  groups.resize(used);
  return groups;
}

void add_field(lang::NewException& exception, std::string_view field, std::string_view comp,
               const std::vector<std::vector<std::string>>& entries) {
  exception.fields.emplace_back(field);
  exception.comps.emplace_back(comp);
  exception.values.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); i++) exception.values[i].push_back(entries[i]);
}

// The narrowest exception for what the alerts have in common: program, image, and then path, parent
// and command, or directory.
std::optional<lang::NewException> exception_for(const NoiseTexts& texts,
                                                const std::vector<Group>& groups,
                                                NoiseField program) {
  Shape shape(texts, groups);
  if (groups.empty() || !shape.one(program)) return std::nullopt;
  lang::NewException exception;
  auto add = [&](NoiseField field, std::string_view comp) {
    std::vector<std::vector<std::string>> entries;
    for (const Group& members : groups) {
      std::set<std::string> found = shape.values(members, field);
      entries.emplace_back(found.begin(), found.end());
    }
    add_field(exception, noise_field_name(field), comp, entries);
  };
  add(program, "=");
  if (shape.one(noise_image)) add(noise_image, "=");
  if (shape.few(noise_path)) {
    add(noise_path, "in");
  } else if (shape.directories()) {
    std::vector<std::vector<std::string>> entries;
    for (const Group& members : groups) entries.push_back({shape.directory(members)});
    add_field(exception, noise_field_name(noise_path), "pmatch", entries);
  } else if (shape.few(noise_parent)) {
    add(noise_parent, "in");
    if (shape.few(noise_cmdline)) add(noise_cmdline, "in");
  }
  return exception;
}

// A file that is deleted with this object.
class TemporaryFile {
 public:
  static Result<std::unique_ptr<TemporaryFile>> make(const std::string& text) {
    const char* directory = std::getenv("TMPDIR");
    auto made = std::make_unique<TemporaryFile>();
    made->path =
        std::string(directory && *directory ? directory : "/tmp") + "/saker-backtest.XXXXXX";
    Fd fd(::mkostemp(made->path.data(), O_CLOEXEC));
    if (!fd) return Error::from_errno(made->path);
    for (std::size_t at = 0; at < text.size();) {
      ssize_t wrote = ::write(fd.get(), text.data() + at, text.size() - at);
      if (wrote < 0) return Error::from_errno(made->path);
      at += static_cast<std::size_t>(wrote);
    }
    return made;
  }
  ~TemporaryFile() { ::unlink(path.c_str()); }
  std::string path;
};

// The exceptions alone, each as a rule with the types of its rule, to see for how many events they
// are true.
lang::RuleSet exceptions_alone(const lang::RuleSet& rules,
                               const std::map<std::string, Proposal>& proposals) {
  lang::RuleSet set;
  for (const lang::Rule& rule : rules.rules) {
    if (!proposals.contains(rule.name) || rule.expr.children.empty()) continue;
    // (CONDITION) and not EXCEPTION and not ...: the last one is the added one.
    const lang::Expr& last = rule.expr.children.back();
    if (last.kind != lang::Expr::Kind::negate) continue;
    lang::Rule& alone = set.rules.emplace_back();
    alone.name = rule.name;
    alone.expr = last.children[0];
    alone.events = rule.events;
  }
  return set;
}

std::string messages(const lang::RuleSet& rules) {
  std::string all;
  for (const lang::Diagnostic& diagnostic : rules.diagnostics())
    if (diagnostic.error()) all += diagnostic.message + "; ";
  return all;
}

class Trial {
 public:
  Trial(std::map<std::string, Proposal>& proposals, const Backtest& backtest, RunnableRules& rules,
        RunnableRules& alone)
      : proposals_(proposals), rules_(rules), alone_(alone) {
    for (const auto& [name, tally] : backtest.rules)
      for (const Sighting& alert : tally.alerts) known_[name].insert(alert.id);
    for (const lang::Rule& rule : alone.set.rules) {
      types_[rule.name] |= fields::kinds_of(rule.events);
    }
  }

  void take_event(std::uint32_t file, const fields::Event& event) {
    EventId id{file, event.number};
    rules_.matcher->use(event.users);
    for (const match::Verdict& verdict : rules_.matcher->match(event)) {
      const std::string& name = rules_.name(verdict);
      auto known = known_.find(name);
      if (known == known_.end() || !known->second.contains(id)) exposed_[id]++;
      auto proposal = proposals_.find(name);
      if (proposal == proposals_.end()) continue;
      proposal->second.after++;
      left_[name].insert(id);
    }
    alone_.matcher->use(event.users);
    for (const match::Verdict& verdict : alone_.matcher->match(event))
      proposals_.at(alone_.name(verdict)).true_of++;
    for (const auto& [name, types] : types_)
      if (types[event.kind()]) proposals_.at(name).events++;
  }

  void finish(const Backtest& backtest) {
    for (auto& [name, proposal] : proposals_) {
      for (const Sighting& alert : backtest.rules.at(name).alerts) {
        if (left_[name].contains(alert.id)) continue;
        if (proposal.meant.contains(alert.id))
          proposal.meant_hidden++;
        else
          proposal.also_hidden.push_back(alert);
        auto other = exposed_.find(alert.id);
        if (other != exposed_.end()) proposal.exposed += other->second;
      }
    }
  }

 private:
  std::map<std::string, Proposal>& proposals_;
  RunnableRules& rules_;
  RunnableRules& alone_;
  std::map<std::string, std::set<EventId>> known_, left_;
  std::map<std::string, fields::KindSet> types_;
  std::map<EventId, std::uint64_t> exposed_;
};

std::vector<const Sighting*> meant_by(const RuleTally& tally, bool fresh_only) {
  std::vector<const Sighting*> alerts;
  for (const Sighting& alert : tally.alerts)
    if (!fresh_only || tally.fresh_ids.contains(alert.id)) alerts.push_back(&alert);
  return alerts;
}

}  // namespace

std::optional<Proposal> propose(const std::string& rule, const RuleTally& tally,
                                const NoiseTexts& texts, bool fresh_only) {
  std::vector<const Sighting*> alerts = meant_by(tally, fresh_only);
  for (NoiseField program : {noise_exepath, noise_name}) {
    std::vector<Group> groups = group(alerts, program);
    std::optional<lang::NewException> exception = exception_for(texts, groups, program);
    if (!exception) continue;
    exception->rule = rule;
    exception->name = exception_name;
    Proposal proposal;
    proposal.yaml = lang::exception_yaml(*exception);
    proposal.exception = std::move(*exception);
    for (const Group& members : groups)
      for (const Sighting* alert : members) proposal.meant.insert(alert->id);
    return proposal;
  }
  return std::nullopt;
}

Result<void> try_proposals(std::map<std::string, Proposal>& proposals, const Backtest& backtest,
                           lang::RuleMatching matching,
                           const std::function<lang::RuleSet(const std::string& extra)>& load,
                           const Watch& watch) {
  std::string text;
  for (const auto& [name, proposal] : proposals) text += proposal.yaml;
  Result<std::unique_ptr<TemporaryFile>> file = TemporaryFile::make(text);
  if (!file) return file.error();
  lang::RuleSet set = load((*file)->path);
  if (!set.ok()) return Error{"the proposed exceptions do not load: " + messages(set)};
  Result<RunnableRules> alone =
      RunnableRules::make(exceptions_alone(set, proposals), lang::RuleMatching::all);
  if (!alone) return alone.error();
  Result<RunnableRules> rules = RunnableRules::make(std::move(set), matching);
  if (!rules) return rules.error();
  Trial trial(proposals, backtest, *rules, *alone);
  fields::KindSet types = rules->program->asked_kinds() | alone->program->asked_kinds();
  for (const lang::Rule& rule : alone->set.rules) types |= fields::kinds_of(rule.events);
  std::vector<std::string> damage;
  std::uint64_t events = 0;
  Result<void> done = for_each_event(
      backtest.files, types, watch, damage, events,
      [&](std::uint32_t i, const fields::Event& event) { trial.take_event(i, event); });
  if (!done) return done.error();
  trial.finish(backtest);
  return {};
}

}  // namespace saker::cli
