// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "../terminal.h"
#include "output/escape.h"
#include "report.h"

namespace saker::cli {
namespace {

constexpr std::size_t examples = 5, sources = 3, longest = 100;

std::string shown(std::string_view raw) {
  std::string text;
  output::append_line(text, raw.substr(0, longest));
  return raw.size() > longest ? text + "..." : text;
}

std::string count(std::uint64_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

std::string row(const std::string& name, const RuleTally& tally, bool baseline, std::size_t width) {
  char numbers[96];
  if (baseline)
    std::snprintf(
        numbers, sizeof numbers, "%9llu %9llu %9llu %9llu",
        static_cast<unsigned long long>(tally.before), static_cast<unsigned long long>(tally.now),
        static_cast<unsigned long long>(tally.fresh), static_cast<unsigned long long>(tally.gone));
  else
    std::snprintf(numbers, sizeof numbers, "%9llu", static_cast<unsigned long long>(tally.now));
  std::string line = name + std::string(width - std::min(width, name.size()), ' ') + numbers;
  bool differs = baseline && (tally.fresh || tally.gone);
  return marked(line, differs ? Mark::doubtful : Mark::plain) + "\n";
}

std::string table(const BacktestReport& report) {
  std::size_t width = 20;
  RuleTally total;
  for (const auto& [name, tally] : report.result.rules) {
    width = std::max(width, name.size() + 1);
    total.before += tally.before;
    total.now += tally.now;
    total.fresh += tally.fresh;
    total.gone += tally.gone;
  }
  std::string text =
      "rule" + std::string(width - 4, ' ') +
      (report.baseline ? "   before       now       new      gone\n" : "   alerts\n");
  for (const auto& [name, tally] : report.result.rules)
    text += row(name, tally, report.baseline, width);
  return text + row("total", total, report.baseline, width);
}

std::string example(const BacktestReport& report, std::string_view what, const Sighting& alert) {
  const NoiseTexts& texts = report.result.texts;
  std::string text = "  " + std::string(what) + "  " + report.result.files[alert.id.file] + ":" +
                     std::to_string(alert.id.number) + "  " +
                     shown(texts[alert.values[noise_cmdline]]);
  if (alert.values[noise_path]) text += "  " + shown(texts[alert.values[noise_path]]);
  return text + "\n";
}

std::string list(const BacktestReport& report, std::string_view what,
                 const std::vector<Sighting>& alerts, const std::set<EventId>* only) {
  std::string text;
  std::size_t shown = 0, left = 0;
  for (const Sighting& alert : alerts) {
    if (only && !only->contains(alert.id)) continue;
    if (shown++ < examples)
      text += example(report, what, alert);
    else
      left++;
  }
  return left ? text + "  " + std::string(what) + "  ... " + std::to_string(left) + " more\n"
              : text;
}

std::string noise(const BacktestReport& report, const RuleTally& tally) {
  std::string text;
  for (std::uint8_t field = 0; field < noise_fields; field++) {
    std::vector<NoiseSource> found =
        noise_sources(tally, report.result.texts, static_cast<NoiseField>(field));
    if (found.empty()) continue;
    std::string name(noise_field_name(static_cast<NoiseField>(field)));
    text += "  " + name + std::string(28 - name.size(), ' ');
    for (std::size_t i = 0; i < found.size() && i < sources; i++)
      text += (i ? ", " : "") +
              (found[i].value.empty() ? std::string("\"\"") : shown(found[i].value)) + " (" +
              std::to_string(found[i].alerts) + ")";
    text +=
        found.size() > sources ? ", " + std::to_string(found.size() - sources) + " more\n" : "\n";
  }
  return text;
}

std::string indented(const std::string& text) {
  std::string out = "    ";
  for (std::size_t i = 0; i < text.size(); i++) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += "    ";
  }
  return out;
}

std::string proposal_text(const BacktestReport& report, const RuleTally& tally,
                          const Proposal& proposal) {
  std::string text = "  proposed exception";
  if (!report.trial_failure.empty()) {
    text += ", not tried: " + report.trial_failure + "\n";
    return text + indented(proposal.yaml);
  }
  text += ": leaves " + std::to_string(proposal.after) + " of " + count(tally.now, "alert") +
          " when run; " + std::to_string(proposal.meant_hidden) + " of the " +
          std::to_string(proposal.meant.size()) + " it is made for are gone\n" +
          indented(proposal.yaml);
  text += "  it is true of " + std::to_string(proposal.true_of) + " of the " +
          count(proposal.events, "event") + " of the rule's types; " +
          (proposal.also_hidden.empty()
               ? "it hides no other alert of the rule\n"
               : "it also hides " + count(proposal.also_hidden.size(), "alert") + ":\n");
  text += list(report, "hidden", proposal.also_hidden, nullptr);
  if (proposal.exposed)
    text += "  " + count(proposal.exposed, "alert") +
            " of later rules replace them (only the first rule alerts)\n";
  return text;
}

}  // namespace

std::vector<NoiseSource> noise_sources(const RuleTally& tally, const NoiseTexts& texts,
                                       NoiseField field) {
  std::map<std::uint32_t, std::uint64_t> counts;
  for (const Sighting& alert : tally.alerts)
    if (alert.values[field]) counts[alert.values[field]]++;
  std::vector<NoiseSource> found;
  for (const auto& [value, alerts] : counts) found.push_back({texts[value], alerts});
  std::stable_sort(found.begin(), found.end(),
                   [](const NoiseSource& a, const NoiseSource& b) { return a.alerts > b.alerts; });
  return found;
}

std::uint64_t fresh_alerts(const BacktestReport& report) {
  std::uint64_t sum = 0;
  for (const auto& [name, tally] : report.result.rules)
    sum += report.baseline ? tally.fresh : tally.now;
  return sum;
}

std::string backtest_text(const BacktestReport& report) {
  std::string text = table(report);
  for (const auto& [name, tally] : report.result.rules) {
    auto proposal = report.proposals.find(name);
    bool proposed = proposal != report.proposals.end();
    if (!proposed && !tally.fresh && !tally.gone) continue;
    text += "\n" + name + "\n" + list(report, "new ", tally.alerts, &tally.fresh_ids) +
            list(report, "gone", tally.gone_alerts, nullptr);
    if (!tally.alerts.empty()) text += noise(report, tally);
    if (proposed) text += proposal_text(report, tally, proposal->second);
  }
  return text;
}

}  // namespace saker::cli
