// SPDX-License-Identifier: Apache-2.0
#include "tally.h"

#include <algorithm>

#include "fields/scratch.h"
#include "lang/compile.h"
#include "service/event_file.h"

namespace saker::cli {
namespace {

constexpr std::uint64_t most_kept = 1'000'000;
constexpr std::string_view names[noise_fields] = {"proc.name",
                                                  "proc.exepath",
                                                  "proc.pname",
                                                  "proc.cmdline",
                                                  "fd.name",
                                                  "container.id",
                                                  "container.image.repository",
                                                  "user.name"};

class Tally {
 public:
  Tally(Backtest& result, RunnableRules& now, RunnableRules* before)
      : result_(result), now_(now), before_(before) {
    for (std::string_view name : names) fields_.push_back(fields::field_ref(name, false, {}));
  }

  void take_event(std::uint32_t file, const fields::Event& event) {
    std::vector<std::pair<const std::string*, match::Verdict>> now = verdicts(now_, event), before;
    if (before_) before = verdicts(*before_, event);
    EventId id{file, event.number};
    for (const auto& [name, verdict] : now) {
      RuleTally& tally = result_.rules[*name];
      tally.now++;
      bool fresh = before_ && !holds(before, *name);
      tally.fresh += fresh;
      if (result_.kept++ >= most_kept) continue;
      tally.alerts.push_back(sighting(id, event, verdict));
      if (fresh) tally.fresh_ids.insert(id);
    }
    for (const auto& [name, verdict] : before) {
      RuleTally& tally = result_.rules[*name];
      tally.before++;
      if (holds(now, *name)) continue;
      tally.gone++;
      if (result_.kept++ < most_kept) tally.gone_alerts.push_back(sighting(id, event, verdict));
    }
  }

 private:
  using Named = std::vector<std::pair<const std::string*, match::Verdict>>;

  static Named verdicts(RunnableRules& rules, const fields::Event& event) {
    rules.matcher->use(event.users);
    Named found;
    for (const match::Verdict& verdict : rules.matcher->match(event))
      found.emplace_back(&rules.name(verdict), verdict);
    return found;
  }
  static bool holds(const Named& verdicts, const std::string& name) {
    return std::any_of(verdicts.begin(), verdicts.end(),
                       [&](const auto& verdict) { return *verdict.first == name; });
  }

  Sighting sighting(EventId id, const fields::Event& event, const match::Verdict& verdict) {
    Sighting seen;
    seen.id = id;
    fields::Scratch scratch(event.users);
    fields::View view = verdict.resolved_view ? fields::View::resolved : fields::View::named;
    for (std::size_t i = 0; i < fields_.size(); i++) {
      fields::Value value = fields::extract(fields_[i], event, view, scratch);
      if (!value.set()) continue;
      std::string text;
      fields::append_text(text, fields_[i], value);
      seen.values[i] = result_.texts.add(std::move(text));
    }
    return seen;
  }

  Backtest& result_;
  RunnableRules& now_;
  RunnableRules* before_;
  std::vector<fields::FieldRef> fields_;
};

}  // namespace

std::string_view noise_field_name(NoiseField field) { return names[field]; }

std::uint32_t NoiseTexts::add(std::string text) {
  auto [at, fresh] = index_.try_emplace(std::move(text), static_cast<std::uint32_t>(texts_.size()));
  if (fresh) texts_.push_back(at->first);
  return at->second;
}

Result<RunnableRules> RunnableRules::make(lang::RuleSet set, lang::RuleMatching matching) {
  RunnableRules made;
  made.set = std::move(set);
  Result<std::vector<std::byte>> bytes = lang::compile(made.set, matching);
  if (!bytes) return bytes.error();
  Result<std::unique_ptr<match::Program>> program = match::Program::load(std::move(*bytes));
  if (!program) return program.error();
  made.program = std::move(*program);
  made.matcher = std::make_unique<match::Matcher>(*made.program);
  return made;
}

const std::string& RunnableRules::name(const match::Verdict& verdict) const {
  return set.rules[program->rule(verdict.rule).index].name;
}

Result<void> for_each_event(const std::vector<std::string>& files, const fields::KindSet& types,
                            const Watch& watch, std::vector<std::string>& damage,
                            std::uint64_t& events,
                            const std::function<void(std::uint32_t, const fields::Event&)>& each) {
  for (std::uint32_t i = 0; i < files.size(); i++) {
    Result<std::unique_ptr<service::EventFile>> file = service::EventFile::open(files[i]);
    if (!file) return file.error();
    watch.begin(files[i], (*file)->size());
    (*file)->watch([&] { watch.step((*file)->position(), events + (*file)->totals().events); });
    while (const service::EventFile::Step* step = (*file)->next(types))
      if (step->shown) each(i, step->event);
    events += (*file)->totals().events;
    damage.insert(damage.end(), (*file)->damage().begin(), (*file)->damage().end());
  }
  return {};
}

Result<Backtest> run_backtest(const std::vector<std::string>& files, RunnableRules& now,
                              RunnableRules* before, const Watch& watch) {
  Backtest result;
  result.files = files;
  Tally tally(result, now, before);
  fields::KindSet types = now.program->asked_kinds();
  if (before) types |= before->program->asked_kinds();
  Result<void> done = for_each_event(
      files, types, watch, result.damage, result.events,
      [&](std::uint32_t file, const fields::Event& event) { tally.take_event(file, event); });
  if (!done) return done.error();
  return result;
}

}  // namespace saker::cli
