// SPDX-License-Identifier: Apache-2.0
#include "run/loss_watch.h"

#include <algorithm>

#include "output/escape.h"

namespace saker::run {
namespace {

std::string number(std::uint64_t n) { return std::to_string(n); }

// Falco writes its counters as texts.
std::string text(std::uint64_t n) { return "\"" + number(n) + "\""; }

std::string quoted(std::string_view raw) {
  std::string out;
  output::append_json(out, raw);
  return out;
}

}  // namespace

bool LossWatch::may_report(const std::string& kind, std::uint64_t now) {
  Bucket& bucket = buckets_[kind];
  const double seconds = static_cast<double>(now - bucket.filled) / 1e9;
  bucket.tokens = bucket.filled == 0
                      ? config_.max_burst
                      : std::min(config_.max_burst, bucket.tokens + seconds * config_.rate);
  bucket.filled = now;
  // Thirty times a thirtieth is slightly less than one.
  if (bucket.tokens < 0.999) return false;
  bucket.tokens = std::max(0.0, bucket.tokens - 1);
  return true;
}

std::vector<LossNotice> LossWatch::look(const LossSample& sample, std::uint64_t now) {
  std::vector<LossNotice> out;
  look_at_records(out, sample, now);
  look_at_alerts(out, sample, now);
  look_at_hooks(out, sample, now);
  look_at_events(out, sample);
  look_at_uring(out, sample);
  look_at_containers(out, sample, now);
  last_ = sample;
  return out;
}

void LossWatch::look_at_records(std::vector<LossNotice>& out, const LossSample& sample,
                                std::uint64_t now) {
  auto lost = [](const LossSample& s) {
    return s.lost_life + s.lost_event + s.corrupted + s.bad_heads;
  };
  const std::uint64_t drops = lost(sample) - lost(reported_);
  if (drops == 0) return;
  const std::uint64_t fresh = lost(sample) - lost(last_), seen = sample.seen - last_.seen;
  const bool much =
      fresh != 0 &&
      static_cast<double>(fresh) >= config_.threshold * static_cast<double>(std::max(seen, fresh));
  // A loss above the threshold is reported even if it has stopped since.
  if (!much && config_.threshold > 0) return;
  if (!may_report("records", now)) return;
  LossNotice notice{
      .rule = "Falco internal: syscall event drop",
      .message = "Falco internal: syscall event drop. " + number(drops) + " system calls dropped",
      .fields = {},
      .records = true};
  notice.fields = {
      {"n_evts", text(sample.seen - reported_.seen)},
      {"n_drops", text(drops)},
      {"n_drops_buffer_total",
       text(sample.lost_life + sample.lost_event - reported_.lost_life - reported_.lost_event)},
      {"n_drops_buffer_life", text(sample.lost_life - reported_.lost_life)},
      {"n_drops_buffer_event", text(sample.lost_event - reported_.lost_event)},
      {"n_drops_bug",
       text(sample.corrupted + sample.bad_heads - reported_.corrupted - reported_.bad_heads)}};
  out.push_back(std::move(notice));
  reported_.seen = sample.seen;
  reported_.lost_life = sample.lost_life;
  reported_.lost_event = sample.lost_event;
  reported_.corrupted = sample.corrupted;
  reported_.bad_heads = sample.bad_heads;
}

void LossWatch::look_at_alerts(std::vector<LossNotice>& out, const LossSample& sample,
                               std::uint64_t now) {
  for (const auto& [output, lost] : sample.alerts_lost) {
    std::uint64_t& reported = reported_.alerts_lost[output];
    reported = std::min(reported, lost);  // it may be another output with the same name
    if (lost == reported || !may_report("alerts of " + output, now)) continue;
    const std::uint64_t drops = lost - std::exchange(reported, lost);
    out.push_back({.rule = "Saker internal: alert drop",
                   .message = "Saker internal: alert drop. " + number(drops) +
                              " alerts were lost by output " + output,
                   .fields = {{"n_drops", text(drops)},
                              {"n_alerts", text(sample.alerts)},
                              {"output", quoted(output)}}});
  }
}

void LossWatch::look_at_hooks(std::vector<LossNotice>& out, const LossSample& sample,
                              std::uint64_t now) {
  if (sample.missed > reported_.missed && may_report("missed", now)) {
    const std::uint64_t calls = sample.missed - std::exchange(reported_.missed, sample.missed);
    out.push_back({.rule = "Saker internal: hook missed",
                   .message = "Saker internal: hook missed. " + number(calls) +
                              " calls passed a hook without a record",
                   .fields = {{"n_missed", text(calls)}},
                   .records = true});
  }
  reported_.missed =
      std::min(reported_.missed, sample.missed);  // hooks come and go, together with their counters
  for (const std::string& hook : sample.hooks_on) {
    were_on_.insert(hook);
    told_off_.erase(hook);
  }
  // A hook that was never attached is reported at the start; this is about hooks that are no longer
  // attached.
  std::vector<std::string> dead;
  for (const std::string& hook : sample.hooks_off)
    if (were_on_.contains(hook) && !told_off_.contains(hook)) dead.push_back(hook);
  if (dead.empty() || !may_report("hooks", now)) return;
  std::string names;
  for (const std::string& hook : dead) names += (names.empty() ? "" : ", ") + hook;
  out.push_back({.rule = "Saker internal: hook not attached",
                 .message = "Saker internal: hook not attached. Nothing watches " + names +
                            " any more, although rules ask for it",
                 .fields = {{"hooks", quoted(names)}},
                 .records = true});
  told_off_.insert(dead.begin(), dead.end());
}

namespace {

// The names in `now` that are not in `reported`, as a text; `reported` becomes `now`.
std::string fresh_names(const std::vector<std::string>& now, std::set<std::string>& reported) {
  std::string names;
  for (const std::string& name : now)
    if (!reported.contains(name)) names += (names.empty() ? "" : ", ") + name;
  reported = {now.begin(), now.end()};
  return names;
}

}  // namespace

// Each event is reported once, when the rules begin to ask for it: it does not change while this
// kernel runs.
void LossWatch::look_at_events(std::vector<LossNotice>& out, const LossSample& sample) {
  if (const std::string names = fresh_names(sample.events_missing, told_missing_); !names.empty())
    out.push_back({.rule = "Saker internal: event not recorded",
                   .message = "Saker internal: event not recorded. The rules ask for " + names +
                              ", which cannot be recorded on this kernel (saker status)",
                   .fields = {{"events", quoted(names)}}});
  if (const std::string names = fresh_names(sample.events_partial, told_partial_); !names.empty())
    out.push_back({.rule = "Saker internal: event recorded in part",
                   .message = "Saker internal: event recorded in part. Of " + names +
                              " some way in, or the object in the kernel, cannot be watched "
                              "(saker status shows each hook)",
                   .fields = {{"events", quoted(names)}}});
}

// Each operation is reported once: a program that uses one may use it thousands of times a second.
void LossWatch::look_at_uring(std::vector<LossNotice>& out, const LossSample& sample) {
  std::string fresh;
  for (const auto& [name, count] : sample.uring_unseen)
    if (count != 0 && told_unseen_.insert(name).second) fresh += (fresh.empty() ? "" : ", ") + name;
  if (fresh.empty()) return;
  out.push_back({.rule = "Saker internal: io_uring operation not seen",
                 .message = "Saker internal: io_uring operation not seen. Programs use " + fresh +
                            " through io_uring, which this kernel does not let us watch, although "
                            "rules ask for it (saker status counts them)",
                 .fields = {{"operations", quoted(fresh)}}});
}

void LossWatch::look_at_containers(std::vector<LossNotice>& out, const LossSample& sample,
                                   std::uint64_t now) {
  reported_.undescribed = std::min(reported_.undescribed, sample.undescribed);
  if (sample.undescribed == reported_.undescribed || !may_report("containers", now)) return;
  reported_.undescribed = sample.undescribed;
  out.push_back({.rule = "Saker internal: container without metadata",
                 .message = "Saker internal: container without metadata. Of " +
                            number(sample.undescribed) + " containers only the id is known",
                 .priority = lang::Priority::warning,
                 .fields = {{"n_containers", text(sample.undescribed)}}});
}

}  // namespace saker::run
