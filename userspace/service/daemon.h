// SPDX-License-Identifier: Apache-2.0
// sakerd from start to end, on the main thread: loads the configuration, starts the pipeline,
// serves signals and the control socket.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cycles.h"
#include "base/fd.h"
#include "base/log.h"
#include "capture/source.h"
#include "run/loss_watch.h"
#include "run/pipeline.h"
#include "run/pod_watch.h"
#include "service/arguments.h"
#include "service/config/web_config.h"
#include "service/control.h"
#include "service/file_watch.h"
#include "service/flight_recorder.h"
#include "service/loader.h"
#include "service/recorder.h"
#include "service/report/metrics_snapshot.h"
#include "service/report/rule_counts.h"
#include "service/web_server.h"

namespace saker::service {

class Daemon {
 public:
  Daemon(DaemonArguments arguments, Log& log)
      : arguments_(std::move(arguments)),
        log_(log),
        loader_([copy = arguments_] { return load_all(copy); }) {}

  // Runs until a signal ends it. The error: why it could not start or go on.
  Result<void> run();
  // The exit status if run() returned an error: a restart is useless if the configuration or the
  // rules are wrong.
  int exit_status() const { return wrong_configuration_ ? exit_configuration : 1; }
  static constexpr int exit_configuration = 78;  // EX_CONFIG

 private:
  Result<void> start();
  void announce_start();
  void note(output::Alert& alert);
  Result<void> write_pid() const;
  Result<void> loop();
  void notify_watchdog();
  // False: it is time to end.
  bool take_signal();
  // Begins to read configuration and rules; the client, if there is one, is answered at the end.
  void begin_reload(std::uint64_t client = 0);
  void end_reload();
  Result<void> reload(Result<LoadedConfig> loaded);
  void watch_files(bool wanted, std::vector<std::string> files);
  std::optional<std::string> answer(std::string_view command, const ControlCaller& peer);
  Result<void> make_pod_watch();
  void open_web_server();
  void choose_sample();
  // What of a configuration takes effect here, at the start and at a reload.
  void use_config(const LogConfig& log);
  WebFacts facts() const;
  void report_counters();
  std::string answer_top();
  // Costs are sampled for that long.
  void look_at(std::uint64_t ns);
  // A recording that a configuration wants, ready to begin. No sink: it wants none.
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
  run::Noise noise_;
  MetricsSnapshot snapshot_{log_};
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
  std::unique_ptr<run::PodWatch> pod_watch_;  // fills a table of the pipeline
  std::unique_ptr<WebServer> web_;
  std::uint64_t recorder_ = 0, flight_recorder_ = 0;   // the pipeline's numbers; 0: there is none
  std::map<std::uint64_t, std::uint64_t> recordings_;  // the same, by client
  capture::RecordTypes missing_;
  std::uint64_t started_ = 0, next_tend_ = 0;
  ConfigLoader loader_;
  FileWatch watch_;
  bool watching_ = false;
  std::vector<std::string> watched_;                         // what it is made of that is in force
  std::uint64_t loading_since_ = 0;                          // wall clock, ns
  bool reload_again_ = false;                                // asked for while one was under way
  std::vector<std::uint64_t> reload_for_, reload_next_for_;  // clients that wait for its end
  std::uint64_t looked_at_until_ = 0;                        // somebody looks at what is busy
  bool wrong_configuration_ = false;
  std::string stalled_;  // what was logged about threads that make no progress
};

}  // namespace saker::service
