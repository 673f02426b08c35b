// SPDX-License-Identifier: Apache-2.0
#include "service/daemon.h"

#include <fcntl.h>
#include <malloc.h>
#include <saker/version.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "capture/kmod.h"
#include "service/metrics.h"
#include "service/notify.h"
#include "service/privileges.h"
#include "service/status.h"
#include "service/stream_sink.h"

namespace saker::service {
namespace {

constexpr std::uint64_t tend_ns = 1'000'000'000;
// One event of so many is timed, where metrics are wanted: some ten cycles for each event.
constexpr std::uint32_t sampled_events = 64;

Result<Fd> catch_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) ::sigaddset(&set, signal);
  // Before any thread is made, so that all threads inherit it.
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return Error::from_errno("signalfd");
  return fd;
}

run::PipelineOptions pipeline_options(const run::Config& config) {
  run::PipelineOptions out;
  out.drain_threads = config.drain_threads;
  out.waking = {config.wake_us, config.wake_bytes};
  out.ignore_pid = static_cast<std::uint32_t>(::getpid());
  out.container_root = config.container_root;
  return out;
}

std::string warnings_of(const LoadedConfig& loaded) {
  std::string out;
  if (!loaded.warnings.empty()) out += "the configuration has warnings:\n" + loaded.warnings;
  const std::string& rules = loaded.generation->warnings;
  if (!rules.empty()) out += "the rules have warnings:\n" + rules;
  return out;
}

std::string monotonic_usec() { return std::to_string(clock_ns(CLOCK_MONOTONIC) / 1000); }

}  // namespace

Result<LoadedConfig> load_all(const DaemonArguments& arguments) {
  ConfigResult read = load_config(arguments.config, arguments.config_given, arguments.overrides);
  if (!arguments.rules.empty()) read.config.rules_files = arguments.rules;
  if (!arguments.extra_output.empty())
    read.config.append_output.emplace_back().extra_output = arguments.extra_output;
  if (arguments.suggested_output) read.config.append_output.emplace_back().suggested_output = true;
  if (arguments.verbose) read.config.log_level = LogLevel::debug;
  std::string errors;
  for (const ConfigDiagnostic& error : read.errors) errors += render(error);
  // The rules are read in any case, so that the user sees the errors of both files.
  Result<std::unique_ptr<run::Generation>> generation = run::load_generation(read.config);
  if (!generation) errors += generation.error().message;
  const run::Config& config = read.config;
  for (auto [section, recorded] :
       {std::pair<const char*, const run::RecordedConfig*>{"recorder", &config.recorder},
        {"flight_recorder", &config.flight_recorder}})
    if (auto options = tap_options(*recorded, {}, config.rules_files);
        recorded->enabled && !options)
      errors += std::string(section) + ".filter:\n" + options.error().message;
  if (!errors.empty()) return Error{errors};
  return LoadedConfig{std::move(read.config), std::move(*generation), read.web,
                      render_warnings(read)};
}

Result<void> Daemon::run() {
  Result<void> result = start();
  if (result) result = loop();
  notify_manager("STOPPING=1");
  if (pipeline_) {
    pipeline_->stop();
    if (control_) control_->finish();
    log_.info(summary(*pipeline_));
    if (pipeline_->abandoned()) {
      if (!result) log_.error(result.error().message);
      ::_exit(result ? 0 : 1);
    }
  }
  return result;
}

Result<void> Daemon::open_control() {
  if (config_.control_socket.empty()) return {};
  auto control = ControlServer::make(
      config_.control_socket,
      [this](std::string_view command, const ControlCaller& peer) { return answer(command, peer); },
      config_.control_group);
  if (!control) return control.error();
  control_ = std::move(*control);
  control_->set_recordings({[this](std::uint64_t client, const RecordRequest& request) {
                              return begin_recording(client, request);
                            },
                            [this](std::uint64_t client) { end_recording(client); }});
  return {};
}

Result<void> Daemon::start() {
  started_ = boot_ns();
  // A signal that arrives while rules are read must wait, not end the program: for example from
  // logrotate at boot.
  Result<Fd> signals = catch_signals();
  if (!signals) return signals.error();
  signals_ = std::move(*signals);
  Result<LoadedConfig> loaded = load_all(arguments_);
  wrong_configuration_ = !loaded;
  if (!loaded) return loaded.error();
  config_ = std::move(loaded->config);
  started_with_ = config_;
  web_config_ = loaded->web;
  log_.set_level(config_.log_level);
  losses_.use(config_.syscall_event_drops);
  if (std::string warnings = warnings_of(*loaded); !warnings.empty()) log_.warning(warnings);
  Result<run::Sinks> sinks = run::open_sinks(config_, log_);
  if (!sinks) return sinks.error();
  Result<std::unique_ptr<capture::Kmod>> source =
      capture::Kmod::open({.device = config_.device,
                           .life_bytes = config_.life_bytes,
                           .event_bytes = config_.event_bytes});
  if (!source) return source.error();
  source_ = std::move(*source);
  if (Result<void> opened = open_control(); !opened) return opened;
  open_web_server();
  auto pipeline = run::Pipeline::make(*source_, log_, pipeline_options(config_));
  if (!pipeline) return pipeline.error();
  pipeline_ = std::move(*pipeline);
  const std::string host = loaded->generation->format.hostname;
  Result<Recording> recorder = prepare_recorder(config_, host),
                    flight = prepare_flight_recorder(config_, host);
  if (!recorder) return recorder.error();
  if (!flight) return flight.error();
  pipeline_->set_annotator([this](output::Alert& alert) {
    flight_requests_.note(alert);
    rule_counts_.note(alert);
  });
  // Everything is open now, and no thread exists yet.
  Result<std::string> left = drop_privileges();
  if (!left) return left.error();
  log_.debug("remaining privileges: " + *left);
  if (Result<void> begun = run::begin_sinks(*sinks); !begun) return begun;
  ControlServer* control = control_.get();
  if (control) control->set_following([this](bool any) { pipeline_->follow_json(any); });
  auto missing = pipeline_->start(std::move(loaded->generation), std::move(*sinks),
                                  [control](const output::Alert& alert) {
                                    if (control && !alert.json.empty())
                                      control->offer(alert.json, alert.severe());
                                  });
  if (!missing) return missing.error();
  choose_sample();
  if (Result<void> begun = begin_recorder(std::move(*recorder)); !begun) return begun;
  if (Result<void> begun = begin_flight_recorder(std::move(*flight)); !begun) return begun;
  // Parsing rules needs far more memory than keeping them.
  ::malloc_trim(0);
  note_missing(*missing);
  announce_start();
  return write_pid();
}

Result<void> Daemon::write_pid() const {
  if (arguments_.pid_file.empty()) return {};
  const std::string& path = arguments_.pid_file;
  Fd file(::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644));
  const std::string text = std::to_string(::getpid()) + "\n";
  if (!file || ::write(file.get(), text.data(), text.size()) < 0)
    return Error::from_errno("-P " + path);
  return {};
}

// The port may be in use; the sensor works without the server.
void Daemon::open_web_server() {
  if (!web_config_.enabled) return;
  WebServerOptions options;
  options.address = web_config_.listen_address;
  options.port = static_cast<std::uint16_t>(web_config_.listen_port);
  auto server = WebServer::make(std::move(options), [this](const WebRequest& request) {
    return web_answer({.config = web_config_,
                       .pipeline = pipeline_.get(),
                       .source = *source_,
                       .rules = rule_counts_,
                       .cycle = cycle_,
                       .started = started_,
                       .stalled = stalled_},
                      request.path);
  });
  if (server)
    web_ = std::move(*server);
  else
    log_.error(server.error().message + "; continuing without it");
}

// Nobody who asks for no metrics pays for them.
void Daemon::choose_sample() {
  const bool metrics = web_ && web_config_.prometheus_metrics_enabled;
  pipeline_->sample(metrics ? sampled_events : 0);
}

void Daemon::announce_start() {
  const run::Generation& rules = pipeline_->generation();
  log_.info("version " SAKER_VERSION ", " + source_->describe() + ", " +
            std::to_string(source_->present()) + " CPUs, " +
            std::to_string(pipeline_->drains().size()) + " drain threads, waiting by " +
            pipeline_->wait_mechanism());
  log_.info(std::to_string(rules.rules_enabled) + " rules, " +
            std::to_string(pipeline_->shared().table.processes()) + " processes; watching");
  notify_manager("READY=1\nSTATUS=watching, " + std::to_string(rules.rules_enabled) + " rules");
}

void Daemon::note_missing(const capture::RecordTypes& missing) {
  missing_ = missing;
  if (missing.any())
    log_.warning("rules ask for events that this kernel cannot report: " + event_names(missing) +
                 " (saker status shows each hook)");
}

Result<void> Daemon::loop() {
  std::vector<pollfd> fds;
  next_tend_ = boot_ns() + tend_ns;
  for (;;) {
    fds.assign(1, {signals_.get(), POLLIN, 0});
    if (control_) control_->wants(fds);
    const std::size_t of_web = fds.size();
    if (web_) web_->wants(fds);
    std::uint64_t now = boot_ns();
    int wait_ms = now >= next_tend_ ? 0 : static_cast<int>((next_tend_ - now) / 1'000'000 + 1);
    if (::poll(fds.data(), fds.size(), wait_ms) < 0 && errno != EINTR)
      return Error::from_errno("poll");
    if (fds[0].revents && !take_signal()) return {};
    if (control_) control_->serve(fds.data() + 1, of_web - 1);
    if (web_) web_->serve(fds.data() + of_web, fds.size() - of_web, boot_ns());
    if (arguments_.seconds && boot_ns() - started_ >= arguments_.seconds * 1'000'000'000) {
      log_.info("ending after " + std::to_string(arguments_.seconds) + " seconds, as -M asked");
      return {};
    }
    if (boot_ns() < next_tend_) continue;
    next_tend_ = boot_ns() + tend_ns;
    pipeline_->housekeeping();
    notify_watchdog();
    if (Result<void> reported = report_losses(); !reported) return reported;
    log_.flush();
    if (std::string why = pipeline_->failure(); !why.empty())
      return Error{"the sensor cannot continue: " + why};
  }
}

// The manager restarts a daemon that does not report for WatchdogSec: a gap is better than a sensor
// that only seems to work.
void Daemon::notify_watchdog() {
  std::string stalled = pipeline_->stalled();
  if (stalled.empty()) notify_manager("WATCHDOG=1");
  if (stalled != stalled_ && !stalled.empty()) log_.error(stalled);
  if (stalled != stalled_ && stalled.empty()) log_.info("all threads make progress again");
  stalled_ = std::move(stalled);
}

Result<void> Daemon::report_losses() {
  const run::LossConfig& config = config_.syscall_event_drops;
  output::FormatOptions format = pipeline_->generation().format;
  format.text = format.json = true;
  for (const run::LossNotice& notice : losses_.look(loss_sample(*pipeline_, missing_), boot_ns())) {
    if (config.log) log_.write(LogLevel::warning, notice.message);
    if (config.alert)
      pipeline_->outputs().report(std::make_shared<output::Alert>(
          output::internal_alert(format, notice.rule, notice.priority, notice.message,
                                 clock_ns(CLOCK_REALTIME), notice.fields)));
    if (config.exit && notice.records)
      return Error{"ending because of syscall_event_drops.actions: " + notice.message};
  }
  return {};
}

bool Daemon::take_signal() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
    switch (info.ssi_signo) {
      case SIGHUP: (void)reload(); break;
      case SIGUSR1: pipeline_->reopen_outputs(); break;
      default:
        log_.info(info.ssi_signo == SIGTERM ? "SIGTERM: ending" : "SIGINT: ending");
        return false;
    }
  }
  return true;
}

Result<void> Daemon::reload() {
  notify_manager("RELOADING=1\nMONOTONIC_USEC=" + monotonic_usec());
  auto refuse = [this](const std::string& why) -> Result<void> {
    log_.error("not reloaded, the old configuration and rules stay:\n" + why);
    notify_manager("READY=1");
    return Error{why};
  };
  Result<LoadedConfig> loaded = load_all(arguments_);
  if (!loaded) return refuse(loaded.error().message);
  Result<run::Sinks> sinks = run::open_sinks(loaded->config, log_, pipeline_->outputs().sinks());
  if (!sinks) return refuse(sinks.error().message);
  if (Result<void> begun = run::begin_sinks(*sinks); !begun) return refuse(begun.error().message);
  const bool other_recorder = config_.recorder != loaded->config.recorder;
  const bool other_flight = config_.flight_recorder != loaded->config.flight_recorder;
  const std::string host = loaded->generation->format.hostname;
  Result<Recording> recorder =
      other_recorder ? prepare_recorder(loaded->config, host) : Recording{};
  if (!recorder) return refuse(recorder.error().message);
  Result<Recording> flight =
      other_flight ? prepare_flight_recorder(loaded->config, host) : Recording{};
  if (!flight) return refuse(flight.error().message);
  const std::string warnings = warnings_of(*loaded);
  Result<capture::RecordTypes> missing =
      pipeline_->replace(std::move(loaded->generation), std::move(*sinks),
                         {loaded->config.wake_us, loaded->config.wake_bytes});
  if (!missing) return refuse(missing.error().message);

  std::string later;
  for (const std::string& key : needs_restart(started_with_, loaded->config))
    later += (later.empty() ? "" : ", ") + key;
  if (web_config_ != loaded->web) later += std::string(later.empty() ? "" : ", ") + "webserver";
  config_ = std::move(loaded->config);
  log_.set_level(config_.log_level);
  losses_.use(config_.syscall_event_drops);
  Result<void> recording = other_recorder ? begin_recorder(std::move(*recorder)) : Result<void>();
  if (recording && other_flight) recording = begin_flight_recorder(std::move(*flight));
  if (!recording) log_.error("reloaded, but not recording: " + recording.error().message);
  if (!warnings.empty()) log_.warning(warnings);
  note_missing(*missing);
  if (!later.empty()) log_.warning("takes effect only at the next start: " + later);
  ::malloc_trim(0);
  log_.info("reloaded: " + std::to_string(pipeline_->generation().rules_enabled) + " rules");
  notify_manager("READY=1\nSTATUS=watching, " +
                 std::to_string(pipeline_->generation().rules_enabled) + " rules");
  return {};
}

Result<Daemon::Recording> Daemon::prepare_recorder(const run::Config& config,
                                                   const std::string& host) {
  if (!config.recorder.enabled) return Recording{};
  Result<run::TapOptions> options =
      tap_options(config.recorder, source_->supported(), config.rules_files);
  if (!options) return options.error();
  Result<std::unique_ptr<Recorder>> recorder =
      Recorder::make(config.recorder, host, log_, recorder_counters_);
  if (!recorder) return recorder.error();
  return Recording{std::move(*options), std::move(*recorder)};
}

Result<Daemon::Recording> Daemon::prepare_flight_recorder(const run::Config& config,
                                                          const std::string& host) {
  if (!config.flight_recorder.enabled) return Recording{};
  Result<run::TapOptions> options =
      tap_options(config.flight_recorder, source_->supported(), config.rules_files);
  if (!options) return options.error();
  Result<std::unique_ptr<FlightRecorder>> recorder =
      FlightRecorder::make(config.flight_recorder, flight_requests_, host, log_, flight_counters_);
  if (!recorder) return recorder.error();
  return Recording{std::move(*options), std::move(*recorder)};
}

Result<std::uint64_t> Daemon::begin(Recording recording) {
  if (!recording.sink) return std::uint64_t{0};
  return pipeline_->record(std::move(recording.options), std::move(recording.sink));
}

// The new one begins before the old one ends: events in between are in both rather than in neither.
Result<void> Daemon::begin_recorder(Recording recording) {
  Result<std::uint64_t> begun = begin(std::move(recording));
  if (!begun) return begun.error();
  if (std::uint64_t old = std::exchange(recorder_, *begun)) pipeline_->end_recording_now(old);
  if (recorder_) log_.info("recording to " + Recorder::path(config_.recorder));
  return {};
}

// The old one ends first: otherwise both would handle the alerts' requests.
Result<void> Daemon::begin_flight_recorder(Recording recording) {
  const run::FlightRecorderConfig& config = config_.flight_recorder;
  if (std::uint64_t old = std::exchange(flight_recorder_, 0)) pipeline_->end_recording_now(old);
  flight_requests_.use(config);
  Result<std::uint64_t> begun = begin(std::move(recording));
  if (!begun) return begun.error();
  flight_recorder_ = *begun;
  if (flight_recorder_)
    log_.info("alerts of priority " + std::string(lang::priority_name(config.priority)) +
              " or above leave a recording in " + config.directory);
  return {};
}

Result<void> Daemon::begin_recording(std::uint64_t client, const RecordRequest& request) {
  if (!pipeline_) return Error{"still starting"};
  run::RecordedConfig wanted;
  wanted.all_events = !request.rules_only;
  wanted.filter = request.filter;
  Result<run::TapOptions> options = tap_options(wanted, source_->supported(), config_.rules_files);
  if (!options) return options.error();
  options->ignore_pid = request.pid;
  options->cut_ns = std::uint64_t{request.cut_ms} * 1'000'000;
  run::Pipeline& pipeline = *pipeline_;
  auto sink = std::make_unique<StreamSink>(*control_, client,
                                           [&pipeline] { return totals(pipeline).lost; });
  control_->give(client,
                 run::recording_description(pipeline_->generation().format.hostname, "sakerd"));
  Result<std::uint64_t> number = pipeline_->record(std::move(*options), std::move(sink));
  if (!number) return number.error();
  recordings_[client] = *number;
  log_.info("recording for process " + std::to_string(request.pid) +
            (request.filter.empty() ? "" : ": " + request.filter));
  return {};
}

void Daemon::end_recording(std::uint64_t client) {
  auto recording = recordings_.find(client);
  if (recording == recordings_.end()) return;
  pipeline_->end_recording(recording->second);
  recordings_.erase(recording);
}

std::string Daemon::answer(std::string_view command, const ControlCaller& peer) {
  if (!pipeline_) return refusal("still starting");
  if (command == "status")
    return status_json(*pipeline_, *source_,
                       {.missing = missing_,
                        .config = config_,
                        .recorder = recorder_counters_,
                        .flight = flight_counters_,
                        .rules = rule_counts_,
                        .cycle = cycle_,
                        .started = started_});
  if (command == "reload") {
    log_.info("process " + std::to_string(peer.pid) + " of user " + std::to_string(peer.uid) +
              " asks for a reload");
    Result<void> done = reload();
    return done ? "{\"ok\":true}" : refusal(done.error().message);
  }
  return "";
}

}  // namespace saker::service
