// SPDX-License-Identifier: Apache-2.0
#include "web/page.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

#include "base/clock.h"
#include "web/history_writer.h"
#include "web/password.h"
#include "web/stored_alert.h"

namespace saker::web {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr int longest_wait_ms = 1000;
constexpr std::size_t longest_line = 8u << 20;
constexpr std::uint64_t stop_ns = 5'000 * ms;

// Nothing of another place is loaded, no script or style stands in the page itself, and no text
// can become markup: the browser sees to it even where the page's own code is wrong.
constexpr const char* security_fields =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n";

std::vector<std::string> hosts_of(const service::PageConfig& config) {
  std::vector<std::string> hosts = config.hosts;
  for (std::string& host : hosts)
    std::ranges::transform(host, host.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
  for (const std::string& host : {std::string("localhost"), std::string("127.0.0.1"),
                                  std::string("::1"), config.listen_address})
    hosts.push_back(host);
  return hosts;
}

}  // namespace

Result<std::unique_ptr<Page>> Page::open(PageOptions options, Log& log) {
  std::unique_ptr<Page> page(new Page(std::move(options), log));
  // First: nothing of the network is there yet, nor of the history.
  Result<std::unique_ptr<ExplainerLink>> explainer = ExplainerLink::start(page->options_.explainer);
  if (!explainer) return explainer.error();
  page->explainer_ = std::move(*explainer);
  std::string problems;
  const auto note = [&](const Result<void>& done) {
    if (!done) problems += (problems.empty() ? "" : "\n") + done.error().message;
  };
  note(page->open_server());
  note(page->open_history());
  note(page->open_alerts());
  if (!problems.empty()) return Error{problems};
  return page;
}

Result<void> Page::open_server() {
  const service::PageConfig& config = options_.config;
  if (config.password_file.empty() && config.client_ca.empty())
    return Error{
        "nothing lets anybody in: make a password with `saker web password FILE` and name it as "
        "web.password_file, or name web.client_ca"};
  std::string password, probe_password;
  for (const auto& [name, file, to] :
       {std::tuple("web.password_file ", &config.password_file, &password),
        std::tuple("web.metrics_password_file ", &config.metrics_password_file, &probe_password)}) {
    if (file->empty()) continue;
    Result<std::string> read = read_password_file(*file);
    if (!read) return Error{name + read.error().message};
    *to = *read;
  }
  service::WebServerOptions server;
  if (!config.certificate.empty()) {
    Result<std::unique_ptr<Tls>> tls =
        Tls::make({.certificate = config.certificate,
                   .key = config.key,
                   .client_ca = config.client_ca,
                   .must_certify = password.empty() && probe_password.empty()});
    if (!tls) return tls.error();
    tls_ = std::move(*tls);
    server.make_channel = [this](Fd fd) { return tls_->channel(std::move(fd)); };
  }
  server.name = "web";
  server.address = config.listen_address;
  server.port = static_cast<std::uint16_t>(config.listen_port);
  server.fields = security_fields;
  server.posts = true;
  server.max_clients = 1024;
  server.max_body = 4096;
  server.max_backlog = 4u << 20;
  server.patience_ns = 15'000 * ms;
  auto made = service::WebServer::make(
      std::move(server), [this](const service::WebRequest& request) { return answer(request); });
  if (!made) return made.error();
  server_ = std::move(*made);
  guard_ = std::make_unique<Gatekeeper>(GuardOptions{.password = std::move(password),
                                                     .probe_password = std::move(probe_password),
                                                     .hosts = hosts_of(config),
                                                     .port = server_->port(),
                                                     .tls = tls_ != nullptr});
  return {};
}

Result<void> Page::open_history() {
  const service::PageConfig& config = options_.config;
  const HistoryLimits limits{.bytes = std::uint64_t{config.history_max_mb} << 20,
                             .age_ns = std::uint64_t{config.history_max_days} * 86'400'000 * ms};
  Result<std::unique_ptr<HistoryWriter>> writer =
      HistoryWriter::open(config.history_directory, limits);
  if (!writer) return Error{"web.history_directory " + writer.error().message};
  next_id_ = (*writer)->last_id() + 1;
  writer_ = std::move(*writer);
  history_ = std::make_unique<HistoryReader>(config.history_directory, limits.age_ns);
  return {};
}

Result<void> Page::start_history() {
  output::QueuedSinkOptions sink;
  sink.name = "history";
  sink.form = output::Form::json;
  sink.announce = [this](std::string_view text) { log_.warning(text); };
  auto started = output::QueuedSink::start(std::move(writer_), std::move(sink));
  if (!started) return started.error();
  sink_ = std::move(*started);
  return {};
}

Result<void> Page::open_alerts() {
  if (options_.alerts_file.empty()) {
    if (!options_.control_socket.empty())
      link_ = std::make_unique<DaemonLink>(options_.control_socket,
                                           [this](std::string_view line) { take(line); });
    return {};
  }
  if (options_.alerts_file == "-")
    alerts_ = Fd(::dup(STDIN_FILENO));
  else
    alerts_ = Fd(::open(options_.alerts_file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!alerts_) return Error::from_errno(options_.alerts_file);
  (void)::fcntl(alerts_.get(), F_SETFL, O_RDONLY | O_NONBLOCK);
  return {};
}

void Page::take(std::string_view line) {
  if (line.empty()) return;
  std::optional<StoredAlert> alert = parse_alert(line, clock_ns(CLOCK_REALTIME));
  if (!alert) {
    unsound_++;
    return;
  }
  alert->id = next_id_++;
  live_.take(*alert);
  sink_->take(std::make_shared<StoredAlert>(std::move(*alert)));
}

void Page::read_alerts() {
  char buffer[65536];
  const ssize_t got = ::read(alerts_.get(), buffer, sizeof(buffer));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    take(alerts_in_);
    alerts_in_.clear();
    alerts_.reset();
    return;
  }
  alerts_in_.append(buffer, static_cast<std::size_t>(got));
  std::size_t begin = 0;
  for (std::size_t end; (end = alerts_in_.find('\n', begin)) != std::string::npos; begin = end + 1)
    take(std::string_view(alerts_in_).substr(begin, end - begin));
  alerts_in_.erase(0, begin);
  if (alerts_in_.size() > longest_line) alerts_.reset();
}

void Page::answer_delayed(std::uint64_t now) {
  std::erase_if(delayed_, [&](const Delayed& delayed) {
    if (delayed.at > now) return false;
    server_->answer(delayed.client, delayed.answer, now);
    return true;
  });
}

Result<void> Page::run(int stop) {
  // A file is not read faster than the history is written: nothing of it is lost.
  constexpr std::uint64_t most_waiting = 2u << 20;
  if (Result<void> started = start_history(); !started) return started;
  std::vector<pollfd> fds;
  for (;;) {
    fds.assign(1, {stop, POLLIN, 0});
    const bool reads =
        alerts_ && sink_->counters().waiting_bytes.load(std::memory_order_relaxed) < most_waiting;
    fds.push_back({reads ? alerts_.get() : -1, POLLIN, 0});
    const std::size_t of_explainer = fds.size();
    explainer_->wants(fds);
    const std::size_t of_link = fds.size();
    if (link_) link_->wants(fds);
    const std::size_t of_server = fds.size();
    server_->wants(fds);
    int wait_ms = live_.waiting() ? static_cast<int>(LiveFeed::pause_ns / ms) : longest_wait_ms;
    if (!delayed_.empty() || (alerts_ && !reads)) wait_ms = 50;
    if (::poll(fds.data(), fds.size(), wait_ms) < 0 && errno != EINTR)
      return Error::from_errno("poll");
    const std::uint64_t now = boot_ns();
    if (fds[0].revents) break;
    if (fds[1].revents) read_alerts();
    explainer_->serve(fds.data() + of_explainer, 1);
    if (link_) link_->serve(fds.data() + of_link, of_server - of_link, now);
    answer_delayed(now);
    live_.flush(*server_, now);
    server_->serve(fds.data() + of_server, fds.size() - of_server, now);
    log_.flush();
  }
  sink_->begin_stop(boot_ns() + stop_ns);
  (void)sink_->finish();
  return {};
}

}  // namespace saker::web
