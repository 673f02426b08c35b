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
#include "service/notify.h"
#include "service/privileges.h"
#include "service/report/metrics.h"
#include "service/report/status.h"
#include "service/report/top.h"
#include "service/stream_sink.h"

namespace saker::service {
namespace {

constexpr std::uint64_t tend_ns = 1'000'000'000;
// One event of so many is timed, where metrics are wanted: some ten cycles for each event.
constexpr std::uint32_t sampled_events = 64;
// How long after "top" was asked it is expected to be asked again.
constexpr int longest_load_ms = 2000;
constexpr std::uint64_t looked_at_ns = 10'000'000'000;
// Of metrics over the control socket: scrapers come once a minute or more often.
constexpr std::uint64_t scraped_ns = 150'000'000'000;

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
  out.runtime_paths = config.container_paths;
  out.pods = config.kubernetes.enabled;
  // Below another root are another system's users, of whom this name service knows nothing.
  static enrich::SystemNames names;
  if (config.container_root.empty()) out.name_service = &names;
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

Result<void> Daemon::run() {
  Result<void> result = start();
  if (result) result = loop();
  notify_manager("STOPPING=1");
  if (pod_watch_) pod_watch_->stop();
  if (pipeline_) {
    pipeline_->stop();
    if (control_) control_->finish();
    log_.info(summary(*pipeline_));
    // Neither is waited for: a file system may hold it.
    if (pipeline_->abandoned() || !loader_.await(longest_load_ms)) {
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
  loading_since_ = clock_ns(CLOCK_REALTIME);
  Result<LoadedConfig> loaded = load_all(arguments_);
  wrong_configuration_ = !loaded;
  if (!loaded) return loaded.error();
  started_with_ = config_ = std::move(loaded->config);
  web_config_ = loaded->web;
  use_config(loaded->log);
  watch_files(loaded->watch_files, loaded->files);
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
  if (Result<void> made = make_pod_watch(); !made) return made;
  const std::string host = loaded->generation->format.hostname;
  Result<Recording> recorder = prepare_recorder(config_, host),
                    flight = prepare_flight_recorder(config_, host);
  if (!recorder) return recorder.error();
  if (!flight) return flight.error();
  pipeline_->set_annotator([this](output::Alert& alert) { note(alert); });
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
  if (pod_watch_) pod_watch_->start();
  use_config(loaded->log);
  if (Result<void> begun = begin_recorder(std::move(*recorder)); !begun) return begun;
  if (Result<void> begun = begin_flight_recorder(std::move(*flight)); !begun) return begun;
  // Parsing rules needs far more memory than keeping them.
  ::malloc_trim(0);
  note_missing(*missing);
  announce_start();
  return write_pid();
}

// Before privileges are dropped: libraries are loaded.
Result<void> Daemon::make_pod_watch() {
  if (!config_.kubernetes.enabled) return {};
  Result<std::unique_ptr<run::PodWatch>> made =
      run::PodWatch::make(config_.kubernetes, pipeline_->pods(), log_,
                          [this](const std::string& uid) { pipeline_->note_pod(uid); });
  // A missing library must not stop the sensor.
  if (!made && made.error().code == ELIBACC) {
    log_.error(made.error().message);
    return {};
  }
  if (!made) return made.error();
  pod_watch_ = std::move(*made);
  return {};
}

void Daemon::note(output::Alert& alert) {
  flight_requests_.note(alert);
  rule_counts_.note(alert);
  noise_.note(alert, boot_ns());
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
    return web_answer(facts(), request.path);
  });
  if (server)
    web_ = std::move(*server);
  else
    log_.error(server.error().message + "; continuing without it");
}

WebFacts Daemon::facts() const {
  return {.config = web_config_,
          .pipeline = pipeline_.get(),
          .source = *source_,
          .rules = rule_counts_,
          .cycle = cycle_,
          .noise = noise_,
          .pods = pod_watch_.get(),
          .started = started_,
          .stalled = stalled_};
}

void Daemon::use_config(const LogConfig& log) {
  log_.set_level(config_.log_level);
  log_.use_syslog(
      log.to_syslog ? std::make_unique<SyslogWriter>(SyslogWriter::usual_path, "sakerd") : nullptr,
      log.to_stderr);
  losses_.use(config_.syscall_event_drops);
  noise_.use(config_.noise);
  if (!pipeline_) return;
  if (Result<void> used = snapshot_.use(config_.metrics, boot_ns()); !used)
    log_.error(used.error().message);
  pipeline_->outputs().fold(config_.noise.fold_repeats ? config_.noise.fold_window_ns : 0);
  choose_sample();
}

// Now and then what was counted, and rules that have become noisy.
void Daemon::report_counters() {
  if (std::optional<output::Alert> alert = snapshot_.tend(facts(), boot_ns()))
    pipeline_->outputs().report(std::make_shared<output::Alert>(std::move(*alert)));
  if (config_.noise.has_budget())
    for (const std::string& news : noise_.news(boot_ns())) log_.warning(news);
}

// Nobody who asks for no metrics pays for them.
void Daemon::choose_sample() {
  const bool metrics = (web_ && web_config_.prometheus_metrics_enabled) ||
                       config_.metrics.enabled || boot_ns() < looked_at_until_;
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
    fds.assign({{signals_.get(), POLLIN, 0}, {loader_.fd(), POLLIN, 0}, {watch_.fd(), POLLIN, 0}});
    const std::size_t of_control = fds.size();
    if (control_) control_->wants(fds);
    const std::size_t of_web = fds.size();
    if (web_) web_->wants(fds);
    std::uint64_t now = boot_ns();
    const std::uint64_t next = watch_.due() ? std::min(watch_.due(), next_tend_) : next_tend_;
    const int wait_ms = now >= next ? 0 : static_cast<int>((next - now) / 1'000'000 + 1);
    if (::poll(fds.data(), fds.size(), wait_ms) < 0 && errno != EINTR)
      return Error::from_errno("poll");
    if (fds[0].revents && !take_signal()) return {};
    if (fds[1].revents) end_reload();
    if (fds[2].revents) watch_.note(boot_ns());
    if (control_) control_->serve(fds.data() + of_control, of_web - of_control);
    if (web_) web_->serve(fds.data() + of_web, fds.size() - of_web, boot_ns());
    if (watch_.changed(boot_ns())) {
      log_.info("files of the configuration or the rules have changed");
      begin_reload();
    }
    if (arguments_.seconds && boot_ns() - started_ >= arguments_.seconds * 1'000'000'000) {
      log_.info("ending after " + std::to_string(arguments_.seconds) + " seconds, as -M asked");
      return {};
    }
    if (boot_ns() < next_tend_) continue;
    next_tend_ = boot_ns() + tend_ns;
    pipeline_->housekeeping();
    notify_watchdog();
    if (Result<void> reported = report_losses(); !reported) return reported;
    report_counters();
    choose_sample();
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
      case SIGHUP: begin_reload(); break;
      case SIGUSR1: pipeline_->reopen_outputs(); break;
      default:
        log_.info(info.ssi_signo == SIGTERM ? "SIGTERM: ending" : "SIGINT: ending");
        return false;
    }
  }
  return true;
}

// What is read now may be older than what the caller knows of: then it is read once more.
void Daemon::begin_reload(std::uint64_t client) {
  if (client) reload_next_for_.push_back(client);
  if (loader_.busy()) {
    reload_again_ = true;
    return;
  }
  reload_for_ = std::exchange(reload_next_for_, {});
  notify_manager("RELOADING=1\nMONOTONIC_USEC=" + monotonic_usec());
  loading_since_ = clock_ns(CLOCK_REALTIME);
  loader_.start();
}

void Daemon::end_reload() {
  std::optional<Result<LoadedConfig>> loaded = loader_.take();
  if (!loaded) return;
  const bool read = static_cast<bool>(*loaded);
  const bool wanted = read ? (*loaded)->watch_files : watching_;
  std::vector<std::string> files = read ? (*loaded)->files : watched_;
  const Result<void> done = reload(std::move(*loaded));
  // Also of what was refused: it will be changed again.
  watch_files(wanted, std::move(files));
  for (const std::uint64_t client : std::exchange(reload_for_, {}))
    if (control_) control_->reply(client, done ? "{\"ok\":true}" : refusal(done.error().message));
  if (std::exchange(reload_again_, false)) begin_reload();
}

void Daemon::watch_files(bool wanted, std::vector<std::string> files) {
  watching_ = wanted;
  watched_ = std::move(files);
  watch_.stop();
  if (!wanted) return;
  if (Result<void> watched = watch_.watch(watched_, loading_since_, boot_ns()); !watched)
    log_.warning("watch_config_files: " + watched.error().message +
                 "; saker reload reads changed files");
}

Result<void> Daemon::reload(Result<LoadedConfig> loaded) {
  auto refuse = [this](const std::string& why) -> Result<void> {
    log_.error("not reloaded, the old configuration and rules stay:\n" + why);
    notify_manager("READY=1");
    return Error{why};
  };
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
  use_config(loaded->log);
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

// What is busy is sampled from the first question on, and for a while after the last.
std::string Daemon::answer_top() {
  look_at(looked_at_ns);
  return top_json(facts());
}

void Daemon::look_at(std::uint64_t ns) {
  looked_at_until_ = std::max(looked_at_until_, boot_ns() + ns);
  choose_sample();
}

std::optional<std::string> Daemon::answer(std::string_view command, const ControlCaller& peer) {
  if (!pipeline_) return refusal("still starting");
  if (command == "metrics") look_at(scraped_ns);
  if (command == "metrics" || command == "healthz" || command == "versions")
    return web_answer_line(facts(), command);
  if (command == "status")
    return status_json(*pipeline_, *source_,
                       {.missing = missing_,
                        .config = config_,
                        .recorder = recorder_counters_,
                        .flight = flight_counters_,
                        .rules = rule_counts_,
                        .cycle = cycle_,
                        .noise = noise_,
                        .pods = pod_watch_.get(),
                        .started = started_});
  if (command == "top") return answer_top();
  if (command == "reload") {
    log_.info("process " + std::to_string(peer.pid) + " of user " + std::to_string(peer.uid) +
              " asks for a reload");
    begin_reload(peer.client);
    return std::nullopt;
  }
  return "";
}

}  // namespace saker::service
