// SPDX-License-Identifier: Apache-2.0
// The running page: the server, the history, the link to the daemon. One thread polls; a separate
// thread writes the history (output/queued_sink.h).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "output/queued_sink.h"
#include "service/config/page_config.h"
#include "web/daemon_link.h"
#include "web/explainer.h"
#include "web/guard.h"
#include "web/history_reader.h"
#include "web/live.h"
#include "web/tls.h"

namespace saker::web {

struct PageOptions {
  service::PageConfig config;
  std::string control_socket;  // of the daemon; "": there is none
  std::string alerts_file;     // lines of alerts in place of the daemon's; "": none; "-": stdin
  ExplainerOptions explainer;
};

class Page {
 public:
  // Opens everything it needs; starts no thread yet. `log` outlives it.
  static Result<std::unique_ptr<Page>> open(PageOptions options, Log& log);

  // Runs until `stop` is readable.
  Result<void> run(int stop);
  std::uint16_t port() const { return server_->port(); }

 private:
  Page(PageOptions options, Log& log) : options_(std::move(options)), log_(log) {}
  Result<void> open_history();
  Result<void> open_alerts();
  Result<void> open_server();
  Result<void> start_history();
  void take(std::string_view line);
  void read_alerts();

  service::WebAnswer answer(const service::WebRequest& request);
  service::WebAnswer asset(std::string_view path) const;
  service::WebAnswer login(const service::WebRequest& request);
  service::WebAnswer logout(const service::WebRequest& request);
  service::WebAnswer api(const service::WebRequest& request);
  service::WebAnswer session() const;
  service::WebAnswer live(const service::WebRequest& request);
  service::WebAnswer alerts(const service::WebRequest& request);
  service::WebAnswer one_alert(const service::WebRequest& request);
  service::WebAnswer explanation(const service::WebRequest& request, std::string_view alert);
  service::WebAnswer counts(const service::WebRequest& request);
  service::WebAnswer names();
  service::WebAnswer status(const service::WebRequest& request);
  service::WebAnswer rules(const service::WebRequest& request);
  service::WebAnswer probe(const service::WebRequest& request);
  service::WebAnswer wrong_password(const service::WebRequest& request,
                                    const Gatekeeper::Login& login, std::uint64_t now);
  service::WebAnswer ask_daemon(const service::WebRequest& request, std::string_view command,
                                std::function<service::WebAnswer(const std::string&)> make);
  std::string page_status();
  void answer_delayed(std::uint64_t now);

  const PageOptions options_;
  Log& log_;
  std::unique_ptr<Tls> tls_;
  std::unique_ptr<Gatekeeper> guard_;
  std::unique_ptr<output::Peer> writer_;  // until run() gives it to the sink
  std::unique_ptr<output::QueuedSink> sink_;
  std::unique_ptr<HistoryReader> history_;
  std::unique_ptr<DaemonLink> link_;
  std::unique_ptr<ExplainerLink> explainer_;
  std::unique_ptr<service::WebServer> server_;
  LiveFeed live_;
  Fd alerts_;
  std::string alerts_in_;
  std::uint64_t next_id_ = 1, unsound_ = 0;
  struct Delayed {
    std::uint64_t client, at;
    service::WebAnswer answer;
  };
  std::vector<Delayed> delayed_;  // wrong passwords
};

}  // namespace saker::web
