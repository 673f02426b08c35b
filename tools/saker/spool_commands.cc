// SPDX-License-Identifier: Apache-2.0
// saker spool, spool replay, spool prune: the alerts on disk that outputs have not delivered yet.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "command.h"
#include "deadline.h"
#include "output/sinks/open_peer.h"
#include "output/spool/log.h"
#include "rule_arguments.h"
#include "run/open_sinks.h"

namespace saker::cli {
namespace {

using output::Segment;
using output::SpoolNumbers;
using output::SpoolRecord;

constexpr Option directory_option = {'d', "directory", "DIR", "of another spool"};
constexpr Option show_options[] = {json_option, directory_option, config_option, key_option};
constexpr Option replay_options[] = {
    {'f', "from", "TIME", "alerts of this time and later"},
    {'t', "to", "TIME", "alerts before this time"},
    {0, "output", "NAME", "send them to this output, instead of printing them"},
    {0, "timeout", "SECONDS", "how long the output may take none (15)"},
    directory_option,
    config_option,
    key_option};
constexpr Option prune_options[] = {{'b', "before", "TIME", "older alerts too, had or not"},
                                    directory_option,
                                    config_option,
                                    key_option};

constexpr std::uint64_t ns_per_s = 1'000'000'000;
constexpr std::size_t batch_alerts = 256;
constexpr int pause_ms = 200;

int failed(const std::string& why) {
  std::fprintf(stderr, "saker: %s\n", why.c_str());
  return exit_failed;
}

// "2d" ago, "10:30" today, "2026-03-01", "2026-03-01T10:30:15": wall clock in ns.
std::optional<std::uint64_t> parse_when(const std::string& text) {
  const auto now = static_cast<std::uint64_t>(std::time(nullptr));
  if (!text.empty() && std::isalpha(static_cast<unsigned char>(text.back())))
    if (const auto ago = parse_duration(text))
      return now * ns_per_s - std::min(now * ns_per_s, *ago);
  for (const char* format : {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S",
                             "%Y-%m-%d %H:%M", "%Y-%m-%d", "%H:%M:%S", "%H:%M"}) {
    std::tm parts{};
    const std::time_t today = std::time(nullptr);
    ::localtime_r(&today, &parts);
    parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
    parts.tm_isdst = -1;
    const char* end = ::strptime(text.c_str(), format, &parts);
    const std::time_t when = end && *end == '\0' ? std::mktime(&parts) : -1;
    if (when >= 0) return static_cast<std::uint64_t>(when) * ns_per_s;
  }
  return std::nullopt;
}

std::string shown_time(std::uint64_t ns) {
  const auto seconds = static_cast<std::time_t>(ns / ns_per_s);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts));
}

struct Place {
  run::Config config;
  std::string directory;
};

Result<Place> place_of(const Arguments& arguments) {
  Place out;
  Result<run::Config> config = read_config_if_asked(arguments);
  if (!config) return config.error();
  out.config = std::move(*config);
  out.directory = arguments.value("directory", out.config.spool.directory);
  if (::access(out.directory.c_str(), R_OK | X_OK) < 0)
    return Error{Error::from_errno("saker: spool directory " + out.directory).message + "\n"};
  return out;
}

struct OutputState {
  std::string name;
  std::uint64_t waiting = 0, oldest = 0;  // oldest: its time; 0: none waits
  SpoolNumbers position = {};
};

// The least severe alerts that it gets; less severe ones do not wait for it.
std::size_t levels_of(const run::Config& config, const std::string& name) {
  for (const output::Settings& settings : run::wanted_outputs(config))
    if (settings.name == name) return static_cast<std::size_t>(settings.priority);
  return output::spool_levels - 1;
}

std::vector<OutputState> states_of(const Place& place, const std::vector<Segment>& segments,
                                   const SpoolNumbers& next) {
  std::vector<OutputState> out;
  for (const std::string& name : output::positions_in(place.directory)) {
    const auto position = output::PositionFile::read(output::position_path(place.directory, name));
    if (!position) continue;
    OutputState state{.name = name, .position = *position};
    for (std::size_t level = 0; level <= levels_of(place.config, name); level++) {
      if ((*position)[level] >= next[level]) continue;
      output::SpoolLog log(place.directory, segments, level, (*position)[level]);
      const std::optional<SpoolRecord> first = log.next();
      if (!first) continue;
      state.waiting += next[level] - first->number;
      state.oldest = state.oldest ? std::min(state.oldest, first->alert->time) : first->alert->time;
    }
    out.push_back(std::move(state));
  }
  return out;
}

void print_json(const std::string& directory, std::uint64_t bytes, std::size_t segments,
                const SpoolNumbers& next, const std::vector<OutputState>& states) {
  nlohmann::ordered_json out{{"directory", directory}, {"bytes", bytes}, {"segments", segments}};
  out["next"] = next;
  out["outputs"] = nlohmann::ordered_json::array();
  for (const OutputState& state : states) {
    nlohmann::ordered_json row{{"name", state.name}, {"waiting", state.waiting}};
    if (state.oldest) row["oldest"] = shown_time(state.oldest);
    row["position"] = state.position;
    out["outputs"].push_back(std::move(row));
  }
  std::puts(out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

int show(const Arguments& arguments) {
  if (!arguments.words.empty()) return usage_error(spool_command, "takes no argument");
  const Result<Place> place = place_of(arguments);
  if (!place) return std::fputs(place.error().message.c_str(), stderr), exit_failed;
  const std::vector<Segment> segments = output::segments_in(place->directory);
  const SpoolNumbers next = output::next_numbers(place->directory, segments);
  const std::vector<OutputState> states = states_of(*place, segments, next);
  std::uint64_t bytes = 0;
  for (const Segment& segment : segments) bytes += segment.bytes;
  if (arguments.has("json")) {
    print_json(place->directory, bytes, segments.size(), next, states);
    return exit_ok;
  }
  std::printf("%s: %s in %zu segments\n%-24s %10s  %s\n", place->directory.c_str(),
              size_text(bytes).c_str(), segments.size(), "OUTPUT", "WAITING", "OLDEST");
  for (const OutputState& state : states)
    std::printf("%-24s %10llu  %s\n", state.name.c_str(),
                static_cast<unsigned long long>(state.waiting),
                state.oldest ? shown_time(state.oldest).c_str() : "-");
  return exit_ok;
}

// Returns when the output has them; false: it took none within this time.
bool deliver_all(output::Peer& peer, std::span<const output::SharedAlert> batch,
                 std::uint64_t within_ns, std::uint64_t& refused) {
  std::uint64_t until = boot_ns() + within_ns;
  while (!batch.empty()) {
    const std::uint64_t now = boot_ns();
    if (now >= until) return false;
    Deadline deadline(until - now);
    const output::Delivery done = peer.deliver(batch, deadline);
    refused += done.refused;
    batch = batch.subspan(done.delivered + done.refused);
    if (done.delivered + done.refused) {
      until = boot_ns() + within_ns;
    } else {
      if (!done.error.empty()) std::fprintf(stderr, "%s\n", done.error.c_str());
      ::poll(nullptr, 0, pause_ms);
    }
  }
  return true;
}

Result<std::unique_ptr<output::Peer>> peer_of(const run::Config& config, const std::string& name) {
  for (const output::Settings& settings : run::wanted_outputs(config))
    if (settings.name == name) return output::open_peer(settings, {.hostname = run::host_name()});
  return Error{"no output of the configuration is named \"" + name + "\""};
}

int replay(const Arguments& arguments) {
  const auto from = parse_when(arguments.value("from", "1970-01-02"));
  const auto to = parse_when(arguments.value("to", "9999-12-31"));
  const std::uint64_t within = std::strtoull(arguments.value("timeout", "15").c_str(), nullptr, 10);
  if (!from || !to)
    return usage_error(spool_replay_command,
                       "a time is like 10:30, 2026-03-01T10:30 or 2h, which is two hours ago");
  if (!arguments.has("from"))
    return usage_error(spool_replay_command, "needs --from; --from 7d is everything by default");
  if (within == 0 || within > 3600)
    return usage_error(spool_replay_command, "--timeout is a number of seconds from 1 to 3600");
  const Result<Place> place = place_of(arguments);
  if (!place) return std::fputs(place.error().message.c_str(), stderr), exit_failed;
  std::unique_ptr<output::Peer> peer;
  if (arguments.has("output")) {
    auto opened = peer_of(place->config, arguments.value("output"));
    if (!opened) return failed(opened.error().message);
    peer = std::move(*opened);
  }
  output::WholeSpool spool(place->directory);
  std::vector<output::SharedAlert> batch;
  std::uint64_t sent = 0, refused = 0;
  const auto send = [&] {
    sent += batch.size();
    const bool all = !peer || deliver_all(*peer, batch, within * ns_per_s, refused);
    for (const output::SharedAlert& alert : batch)
      if (!peer) std::puts(alert->line(output::Form::json).c_str());
    batch.clear();
    return all;
  };
  while (const std::optional<SpoolRecord> record = spool.next()) {
    if (record->alert->time < *from || record->alert->time >= *to) continue;
    batch.push_back(record->alert);
    if (batch.size() == batch_alerts && !send())
      return failed("the output took none for " + std::to_string(within) + " s");
  }
  if (!send()) return failed("the output took none for " + std::to_string(within) + " s");
  if (spool.damaged_bytes())
    std::fprintf(stderr, "saker: %llu bytes of the spool are damaged; what they held is missing\n",
                 static_cast<unsigned long long>(spool.damaged_bytes()));
  if (peer)
    std::fprintf(stderr, "saker: %llu alerts sent, %llu of them refused\n",
                 static_cast<unsigned long long>(sent), static_cast<unsigned long long>(refused));
  return exit_ok;
}

int prune(const Arguments& arguments) {
  const auto before = parse_when(arguments.value("before", "1970-01-02"));
  if (!before)
    return usage_error(spool_prune_command,
                       "a time is like 10:30, 2026-03-01T10:30 or 2d, which is two days ago");
  const Result<Place> place = place_of(arguments);
  if (!place) return std::fputs(place.error().message.c_str(), stderr), exit_failed;
  const std::vector<Segment> segments = output::segments_in(place->directory);
  std::vector<SpoolNumbers> positions;
  for (const std::string& name : output::positions_in(place->directory))
    if (const auto read = output::PositionFile::read(output::position_path(place->directory, name)))
      positions.push_back(*read);
  std::uint64_t bytes = 0;
  std::size_t gone = 0;
  for (std::size_t i = 0; i + 1 < segments.size(); i++) {
    const Segment& segment = segments[i];
    // The last segment of a log may still be written to.
    if (segments[i + 1].level != segment.level) continue;
    const bool had = std::ranges::all_of(positions, [&](const SpoolNumbers& position) {
      return position[segment.level] >= segments[i + 1].first;
    });
    if (!had && segment.written >= *before) continue;
    const std::string path = output::segment_path(place->directory, segment.level, segment.first);
    if (::unlink(path.c_str()) < 0) return failed(Error::from_errno(path).message);
    gone++;
    bytes += segment.bytes;
  }
  std::fprintf(stderr, "saker: %zu segments thrown out, %s\n", gone, size_text(bytes).c_str());
  return exit_ok;
}

}  // namespace

const Command spool_command = {
    "spool",
    "",
    "what waits on disk for outputs (spool replay, spool prune)",
    "Shows, for each output that the spool knows, how many alerts wait for it and since when. See\n"
    "also saker spool replay --help and saker spool prune --help.\n",
    show_options,
    show};

const Command spool_replay_command = {
    "spool replay",
    "--from TIME",
    "alerts of the spool from a time on, printed or sent again",
    "Prints the alerts that the spool still has, from a time on, as JSON lines; with --output "
    "sends\n"
    "them to an output of the configuration. Alerts that were delivered stay there until their\n"
    "room is wanted. One that comes twice has the same uuid.\n",
    replay_options,
    replay};

const Command spool_prune_command = {"spool prune",
                                     "",
                                     "throw out what every output has had, or what is old",
                                     "Throws out segments of the spool whose alerts every output "
                                     "has had; with --before, also those\n"
                                     "that are older, which the daemon then counts as lost.\n",
                                     prune_options,
                                     prune};

}  // namespace saker::cli
