// SPDX-License-Identifier: Apache-2.0
#include "service/flight_recorder.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "output/clock.h"
#include "output/format.h"

namespace saker::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".skr";
// Maximum length of a rule's name in a file name.
constexpr std::size_t longest_name = 60;
constexpr std::uint64_t ns_per_ms = 1'000'000;
// An alert is noted shortly after its event.
constexpr std::uint64_t grace = 2'000'000'000;

// "2026-01-15T10:00:51.668189240Z-Terminal-shell-in-container.skr": sorted by name they are in
// order of time.
std::string file_name(const output::Alert& alert) {
  std::string name;
  output::append_utc(name, alert.time);
  name += '-';
  for (char c : alert.rule_name.substr(0, longest_name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain || name.back() != '-') name += plain ? c : '-';
  }
  return name.append(suffix);
}

}  // namespace

bool FlightRequests::wanted(const output::Alert& alert) const {
  return config_.enabled && alert.rule != output::no_rule &&
         (alert.priority <= config_.priority || (config_.rules_ask && alert.capture) ||
          std::ranges::find(config_.rules, alert.rule_name) != config_.rules.end());
}

void FlightRequests::use(const run::FlightRecorderConfig& config) {
  std::lock_guard guard(lock_);
  config_ = config;
  asked_.clear();
  last_ = {};
}

void FlightRequests::note(output::Alert& alert) {
  std::lock_guard guard(lock_);
  if (!wanted(alert)) return;
  const bool own_length = config_.rules_ask && alert.capture && alert.capture_ms != 0;
  const std::uint64_t until =
      alert.time + (own_length ? alert.capture_ms * ns_per_ms : config_.after_ns);
  if (alert.time < last_.from || alert.time > last_.until) {
    const std::uint64_t from = alert.time - std::min(alert.time, config_.before_ns);
    last_ = {config_.directory + "/" + file_name(alert), from, until};
    asked_.push_back(last_);
  } else if (own_length && until > last_.until) {
    last_.until = until;
    asked_.push_back(last_);
  }
  output::add_recording(alert, last_.path);
}

std::optional<FlightRequests::Request> FlightRequests::take() {
  std::lock_guard guard(lock_);
  if (asked_.empty()) return std::nullopt;
  Request request = std::move(asked_.front());
  asked_.pop_front();
  return request;
}

void FlightRequests::full(const std::string& path) {
  std::lock_guard guard(lock_);
  if (last_.path == path) last_ = {};
}

FlightRecorder::FlightRecorder(const run::FlightRecorderConfig& config, FlightRequests& requests,
                               std::string description, const Log& log, FlightCounters& counters)
    : config_(config),
      requests_(requests),
      description_(std::move(description)),
      log_(log),
      counters_(counters) {}

Result<std::unique_ptr<FlightRecorder>> FlightRecorder::make(
    const run::FlightRecorderConfig& config, FlightRequests& requests, const std::string& host,
    const Log& log, FlightCounters& counters) {
  std::error_code error;
  fs::create_directories(config.directory, error);
  if (!fs::is_directory(config.directory))
    return Error{"flight_recorder.directory " + config.directory +
                 " cannot be made: " + error.message()};
  return std::unique_ptr<FlightRecorder>(new FlightRecorder(
      config, requests, run::recording_description(host, "sakerd"), log, counters));
}

bool FlightRecorder::take(std::string_view block, const recording::BlockHead& head) {
  for (File& file : files_)
    if (head.last_time >= file.request.from && head.first_time <= file.request.until)
      put(file, block);
  newest_ = std::max(newest_, head.last_time);
  kept_bytes_ += block.size();
  kept_events_ += head.events;
  kept_.push_back({std::string(block), head.first_time, head.last_time, head.events});
  forget();
  return true;
}

// Drops blocks that no future alert can ask for, or that do not fit.
void FlightRecorder::forget() {
  auto old = [this](const Kept& each) { return each.last + config_.before_ns + grace < newest_; };
  while (!kept_.empty() && (kept_bytes_ > config_.memory || old(kept_.front()))) {
    kept_bytes_ -= kept_.front().block.size();
    kept_events_ -= kept_.front().events;
    kept_.pop_front();
  }
  counters_.memory_bytes.set(kept_bytes_);
  counters_.memory_events.set(kept_events_);
}

// Deletes the oldest files of the directory until there is space for one more.
void FlightRecorder::make_room() const {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(config_.directory, error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == suffix && it->is_regular_file(error))
      names.push_back(it->path().string());
  std::ranges::sort(names);
  for (std::size_t i = 0; i + config_.keep <= names.size(); i++) fs::remove(names[i], error);
}

// Adds the blocks since the file's previous end.
void FlightRecorder::prolong(File& file, std::uint64_t until) {
  for (const Kept& each : kept_)
    if (each.first > file.request.until && each.first <= until) put(file, each.block);
  file.request.until = until;
}

void FlightRecorder::begin(const FlightRequests::Request& request) {
  auto same = [&request](const File& file) { return file.request.path == request.path; };
  if (auto open = std::ranges::find_if(files_, same); open != files_.end())
    return prolong(*open, request.until);
  make_room();
  Result<recording::Output> output = recording::Output::create(request.path, description_);
  if (!output) {
    counters_.errors.add();
    return log_.error("flight recorder: " + output.error().message);
  }
  counters_.files.add();
  files_.push_back({request, std::move(*output)});
  // The newest of it, so that there is space for what follows, first of all for the alert's event.
  std::uint64_t room = config_.max_size / 2;
  std::size_t first = kept_.size();
  while (first > 0 && kept_[first - 1].last >= request.from &&
         kept_[first - 1].block.size() <= room)
    room -= kept_[--first].block.size();
  for (; first < kept_.size(); first++) put(files_.back(), kept_[first].block);
}

void FlightRecorder::put(File& file, std::string_view block) {
  if (file.full) return;
  if (file.output.size() + block.size() > config_.max_size) {
    file.full = true;
  } else if (Result<void> put = file.output.append(block); !put) {
    counters_.errors.add();
    log_.error("flight recorder: " + put.error().message);
    file.full = true;
  }
  if (file.full) requests_.full(file.request.path);
}

void FlightRecorder::round(std::uint64_t whole, const run::TapTotals& totals) {
  counters_.lost.set(totals.lost);
  while (std::optional<FlightRequests::Request> request = requests_.take()) begin(*request);
  std::erase_if(files_, [whole](const File& file) { return whole > file.request.until + grace; });
}

}  // namespace saker::service
