// SPDX-License-Identifier: Apache-2.0
// sakerd from start to end, on the main thread: loads the configuration, starts the pipeline,
// serves signals and the control socket.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/cycles.h"
#include "base/fd.h"
#include "base/log.h"
#include "capture/source.h"
#include "run/loss_watch.h"
#include "run/pipeline.h"
#include "service/arguments.h"
#include "service/config.h"
#include "service/control.h"
#include "service/flight_recorder.h"
#include "service/recorder.h"
#include "service/rule_counts.h"
#include "service/web_config.h"
#include "service/web_server.h"

namespace saker::service {

// Configuration and rules according to the command line. The error lists every error, ready to be
// printed.
struct LoadedConfig {
  run::Config config;
  std::unique_ptr<run::Generation> generation;
  WebConfig web;
  std::string warnings;  // of the configuration
};
Result<LoadedConfig> load_all(const DaemonArguments& arguments);

class Daemon {
 public:
  Daemon(DaemonArguments arguments, Log& log) : arguments_(std::move(arguments)), log_(log) {}

  // Runs until a signal ends it. The error: why it could not start or go on.
  Result<void> run();
  // The exit status if run() returned an error: a restart is useless if the configuration or the
  // rules are wrong.
  int exit_status() const { return wrong_configuration_ ? exit_configuration : 1; }
  static constexpr int exit_configuration = 78;  // EX_CONFIG

 private:
  Result<void> start();
  void announce_start();
  Result<void> write_pid() const;
  Result<void> loop();
  void notify_watchdog();
  // False: it is time to end.
  bool take_signal();
  Result<void> reload();
  std::string answer(std::string_view command, const ControlCaller& peer);
  void open_web_server();
  void choose_sample();
  // A recording that the configuration asks for, ready to begin. Without a sink: it asks for none.
  struct Recording {
    run::TapOptions options;
    std::unique_ptr<run::TapSink> sink;
  };
  Result<Recording> prepare_recorder(const run::Config& config, const std::string& host);
  Result<Recording> prepare_flight_recorder(const run::Config& config, const std::string& host);
  // Replaces the previous one, according to config_.
  Result<void> begin_recorder(Recording recording);
  Result<void> begin_flight_recorder(Recording recording);
  Result<std::uint64_t> begin(Recording recording);
  Result<void> begin_recording(std::uint64_t client, const RecordRequest& request);
  void end_recording(std::uint64_t client);
  Result<void> open_control();
  void note_missing(const capture::RecordTypes& missing);
  // Reports what was lost in the last second. The error: the configuration says to end because of
  // it.
  Result<void> report_losses();

  const DaemonArguments arguments_;
  Log& log_;
  run::Config config_;
  run::Config started_with_;  // some keys take effect only at the start
  WebConfig web_config_;
  RuleCounts rule_counts_;
  const CycleLength cycle_;
  RecorderCounters recorder_counters_;
  FlightCounters flight_counters_;
  FlightRequests flight_requests_;
  run::LossWatch losses_{run::LossConfig()};
  Fd signals_;
  std::unique_ptr<capture::Source> source_;
  std::unique_ptr<ControlServer>
      control_;  // outlives the pipeline, whose output thread passes it alerts
  std::unique_ptr<run::Pipeline> pipeline_;
  std::unique_ptr<WebServer> web_;
  std::uint64_t recorder_ = 0, flight_recorder_ = 0;   // the pipeline's numbers; 0: there is none
  std::map<std::uint64_t, std::uint64_t> recordings_;  // the same, by client
  capture::RecordTypes missing_;
  std::uint64_t started_ = 0, next_tend_ = 0;
  bool wrong_configuration_ = false;
  std::string stalled_;  // what was logged about threads that make no progress
};

}  // namespace saker::service
