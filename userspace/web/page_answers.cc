// SPDX-License-Identifier: Apache-2.0
// What the page answers: its files to all, its data to those who were let in.
#include <algorithm>
#include <charconv>
#include <utility>

#include "base/clock.h"
#include "web/assets.h"
#include "web/page.h"
#include "web/page_json.h"

namespace saker::web {
namespace {

using service::WebAnswer;
using service::WebRequest;

constexpr std::size_t most_delayed = 64, most_names = 1000;
constexpr std::int64_t second_ns = 1'000'000'000;

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  return "image/svg+xml";
}

// Values of a query, with a sentence for each that is wrong.
class Query {
 public:
  explicit Query(std::string_view text) : text_(text) {}

  std::string text(std::string_view name) const { return service::query_value(text_, name); }
  template <typename T>
  T number(std::string_view name, T otherwise, T most) {
    const std::string value = text(name);
    if (value.empty()) return otherwise;
    T out{};
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
    if (error == std::errc() && end == value.data() + value.size() && out >= 0 && out <= most)
      return out;
    problems_.push_back(std::string(name) + " is no number from 0 to " + std::to_string(most));
    return otherwise;
  }
  int priority() {
    const std::string value = text("priority");
    if (value.empty()) return static_cast<int>(lang::Priority::debug);
    if (const auto priority = lang::parse_priority(value)) return static_cast<int>(*priority);
    problems_.push_back(
        "priority is none of Emergency, Alert, Critical, Error, Warning, Notice, "
        "Informational, Debug");
    return 0;
  }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::string_view text_;
  std::vector<std::string> problems_;
};

WebAnswer wrong_query(const Query& query) {
  return json_answer(400, {{"error", "the query is wrong"}, {"problems", query.problems()}});
}

// Seconds in the query, with or without a fraction of milliseconds, are nanoseconds here.
constexpr std::int64_t latest_s = INT64_MAX / second_ns;

}  // namespace

WebAnswer Page::answer(const WebRequest& request) {
  if (const int status = guard_->foreign(request)) {
    if (status == 421)
      return problem(status, "this name is not in web.hosts; ask for the address, or add it");
    return problem(status, "the request comes from another site's page");
  }
  if (is_probe(request.path)) return probe(request);
  if (!request.path.starts_with("/api/")) return asset(request.path);
  if (request.path == "/api/login" && request.method == "POST") return login(request);
  if (!guard_->knows(request, boot_ns())) return problem(401, "sign in first");
  return api(request);
}

WebAnswer Page::asset(std::string_view path) const {
  const std::string_view name = path == "/" ? "index.html" : path.substr(1);
  for (const Asset& asset : assets())
    if (asset.name == name)
      return {.type = std::string(type_of(name)), .body = std::string(asset.bytes)};
  return problem(404, "there is no such file");
}

WebAnswer Page::login(const WebRequest& request) {
  const Json body = Json::parse(request.body, nullptr, false);
  const auto password = body.is_object() ? body.find("password") : body.end();
  if (!body.is_object() || password == body.end() || !password->is_string())
    return problem(400, "the body is to be {\"password\": \"...\"}");
  const std::uint64_t now = boot_ns();
  const Gatekeeper::Login login =
      guard_->login(request.address, password->get_ref<const std::string&>(), now);
  if (login.status == 200) {
    log_.info("web: " + request.address + " has signed in");
    return {.body = "{\"ok\":true}\n", .fields = {{"Set-Cookie", login.cookie}}};
  }
  return wrong_password(request, login, now);
}

WebAnswer Page::wrong_password(const WebRequest& request, const Gatekeeper::Login& login,
                               std::uint64_t now) {
  if (login.status == 429) {
    const std::uint64_t seconds = login.wait / second_ns + 1;
    WebAnswer answer = problem(429, "too many attempts; try again in " + std::to_string(seconds) +
                                        (seconds == 1 ? " second" : " seconds"));
    answer.fields.emplace_back("Retry-After", std::to_string(seconds));
    return answer;
  }
  log_.warning("web: a wrong password from " + request.address);
  WebAnswer answer = problem(login.status, "the password is wrong");
  if (delayed_.size() >= most_delayed) return answer;
  delayed_.push_back({request.client, now + login.wait, answer});
  return {.when = WebAnswer::When::later};
}

WebAnswer Page::logout(const WebRequest& request) {
  const std::string session = guard_->session_of(request);
  if (!session.empty()) live_.end(session, *server_);
  return {.body = "{\"ok\":true}\n", .fields = {{"Set-Cookie", guard_->logout(request)}}};
}

WebAnswer Page::api(const WebRequest& request) {
  const std::string_view path = request.path;
  const bool post = request.method == "POST";
  if (post && path == "/api/logout") return logout(request);
  if (post) return problem(405, "this is read with GET");
  if (path == "/api/session") return session();
  if (path == "/api/live") return live(request);
  if (path == "/api/alerts") return alerts(request);
  if (path.starts_with("/api/alerts/")) return one_alert(request);
  if (path == "/api/counts") return counts(request);
  if (path == "/api/names") return names();
  if (path == "/api/status") return status(request);
  if (path == "/api/rules") return rules(request);
  return problem(404, "there is no such data");
}

WebAnswer Page::session() const { return json_answer(200, {{"ok", true}}); }

WebAnswer Page::live(const WebRequest& request) {
  if (!live_.add(request.client, guard_->session_of(request)))
    return problem(503, "too many pages listen already; close some");
  return {.type = "text/event-stream", .body = ":\n\n", .when = WebAnswer::When::stream};
}

WebAnswer Page::alerts(const WebRequest& request) {
  Query query(request.query);
  HistoryFilter filter;
  filter.text = query.text("text");
  filter.rule = query.text("rule");
  filter.tag = query.text("tag");
  filter.container = query.text("container");
  filter.pod = query.text("pod");
  filter.priority = query.priority();
  filter.from = query.number<std::int64_t>("from", 0, latest_s) * second_ns;
  const std::int64_t until = query.number<std::int64_t>("until", latest_s, latest_s);
  if (until != latest_s) filter.until = until * second_ns;
  filter.before = query.number<std::uint64_t>("before", filter.before, INT64_MAX);
  filter.limit = query.number<unsigned>("limit", 100, 500);
  if (!query.problems().empty()) return wrong_query(query);
  const std::uint64_t began = boot_ns();
  const HistoryRows found = history_->find(filter);
  std::string body = "{\"took_ms\":" + std::to_string((boot_ns() - began) / 1'000'000);
  body += std::string(",\"more\":") + (found.more ? "true" : "false");
  body += std::string(",\"hurried\":") + (found.hurried ? "true" : "false") + ",\"alerts\":[";
  for (const HistoryRows::Row& row : found.rows)
    body += (&row == &found.rows.front() ? "" : ",") + alert_json(row.id, row.line);
  return {.body = body + "]}\n"};
}

WebAnswer Page::one_alert(const WebRequest& request) {
  std::string_view digits = request.path.substr(std::string_view("/api/alerts/").size());
  constexpr std::string_view explained = "/explanation";
  const bool explains = digits.ends_with(explained);
  if (explains) digits.remove_suffix(explained.size());
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc() || end != digits.data() + digits.size() || id >= INT64_MAX)
    return problem(400, "the alert's number is no number");
  HistoryFilter filter;
  filter.before = id + 1;
  filter.limit = 1;
  const HistoryRows found = history_->find(filter);
  if (found.rows.empty() || found.rows.front().id != id)
    return problem(404, "the history does not have this alert (any more)");
  if (explains) return explanation(request, found.rows.front().line);
  return {.body = alert_json(id, found.rows.front().line) + "\n"};
}

WebAnswer Page::counts(const WebRequest& request) {
  Query query(request.query);
  const std::int64_t now = static_cast<std::int64_t>(clock_ns(CLOCK_REALTIME));
  const std::int64_t from = query.number<std::int64_t>("from", 0, latest_s) * second_ns;
  const std::int64_t until =
      query.number<std::int64_t>("until", now / second_ns + 1, latest_s) * second_ns;
  const std::uint64_t step = query.number<std::uint64_t>("step", 60, 30 * 86400);
  if (!query.problems().empty()) return wrong_query(query);
  const HistoryCounts counts = history_->count(from, until, step);
  Json rows = Json::array();
  for (const HistoryCounts::Row& row : counts.rows)
    rows.push_back({row.from, row.rule,
                    lang::priority_name(static_cast<lang::Priority>(row.priority)), row.alerts});
  return json_answer(200, {{"hurried", counts.hurried}, {"rows", std::move(rows)}});
}

WebAnswer Page::names() {
  return json_answer(200, {{"rules", history_->names(NameKind::rule, most_names)},
                           {"tags", history_->names(NameKind::tags, most_names)},
                           {"containers", history_->names(NameKind::container, most_names)},
                           {"pods", history_->names(NameKind::pod, most_names)}});
}

}  // namespace saker::web
