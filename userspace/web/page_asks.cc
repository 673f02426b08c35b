// SPDX-License-Identifier: Apache-2.0
// What the page answers after it has asked others: the daemon, or the process that explains.
#include <utility>

#include "base/clock.h"
#include "web/page.h"
#include "web/page_json.h"

namespace saker::web {

using service::WebAnswer;
using service::WebRequest;

std::string Page::page_status() {
  const HistorySize size = history_->size();
  const output::SinkCounters& c = sink_->counters();
  Json history{{"alerts", size.alerts},
               {"bytes", size.bytes},
               {"files", size.files},
               {"first_time", size.first_time},
               {"max_bytes", std::uint64_t{options_.config.history_max_mb} << 20},
               {"max_days", options_.config.history_max_days},
               {"problems", size.problems}};
  history["written"] = c.written.load(std::memory_order_relaxed);
  history["waiting"] = c.waiting.load(std::memory_order_relaxed);
  history["lost"] = c.lost.load(std::memory_order_relaxed);
  history["errors"] = c.errors.load(std::memory_order_relaxed);
  Json out{{"history", std::move(history)}, {"unsound_lines", unsound_}};
  out["listeners"] = live_.listeners();
  out["sessions"] = guard_->sessions();
  out["connections"] = server_->clients();
  if (!link_)
    out["daemon"] = {{"from", "file"}, {"connected", false}, {"problem", ""}, {"dropped", 0}};
  else
    out["daemon"] = {{"from", "daemon"},
                     {"connected", link_->connected()},
                     {"problem", link_->problem()},
                     {"dropped", link_->dropped()}};
  return dump(out);
}

// `make` gets the daemon's answer: a line of JSON, or "" if there is none.
WebAnswer Page::ask_daemon(const WebRequest& request, std::string_view command,
                           std::function<WebAnswer(const std::string&)> make) {
  if (!link_) return make("");
  link_->ask(command, [this, make, client = request.client](const std::string& answer) {
    // Perhaps before this request's answer is known to be late: then the next turn sends it.
    delayed_.push_back({client, 0, make(Json::accept(answer) ? answer : "")});
  });
  return {.when = WebAnswer::When::later};
}

WebAnswer Page::status(const WebRequest& request) {
  return ask_daemon(request, "status", [this](const std::string& daemon) -> WebAnswer {
    return {.body = "{\"page\":" + page_status() +
                    ",\"daemon\":" + (daemon.empty() ? "null" : daemon) + "}\n"};
  });
}

WebAnswer Page::rules(const WebRequest& request) {
  return ask_daemon(request, "top", [](const std::string& daemon) -> WebAnswer {
    return {.body = "{\"daemon\":" + (daemon.empty() ? "null" : daemon) + "}\n"};
  });
}

// For programs: they may have a session or a certificate, but more often a password in each
// request.
WebAnswer Page::probe(const WebRequest& request) {
  const std::uint64_t now = boot_ns();
  if (!guard_->knows(request, now)) {
    const Gatekeeper::Login login = guard_->authorize(request, now);
    if (login.status == 401 && login.wait == 0) {
      WebAnswer answer = problem(401, "a user name (any) and the password are needed");
      answer.fields.emplace_back("WWW-Authenticate", "Basic realm=\"saker\"");
      return answer;
    }
    if (login.status != 200) return wrong_password(request, login, now);
  }
  return ask_daemon(request, request.path.substr(1), [](const std::string& line) -> WebAnswer {
    const Json answer = Json::parse(line, nullptr, false);
    if (!answer.is_object() || !answer.value("ok", false) || !answer.contains("body"))
      return json_answer(503, {{"status", "sakerd does not answer"}});
    return {.status = answer.value("status", 503),
            .type = answer.value("type", "application/json"),
            .body = answer.value("body", "")};
  });
}

WebAnswer Page::explanation(const WebRequest& request, std::string_view alert) {
  const Result<std::string> asked = explanation_request(alert, options_.explainer.directory);
  // No failure of the request: most alerts have no recording.
  if (!asked) return json_answer(200, {{"error", asked.error().message}});
  const bool taken =
      explainer_->ask(*asked, [this, client = request.client](const std::string& answer) {
        delayed_.push_back({client, 0, {.body = answer + "\n"}});
      });
  if (!taken) return problem(503, "too many explanations are being made; try again");
  return {.when = WebAnswer::When::later};
}

}  // namespace saker::web
