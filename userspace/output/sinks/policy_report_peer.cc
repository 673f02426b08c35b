// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/policy_report_peer.h"

#include <algorithm>
#include <list>
#include <unordered_set>

#include "output/kinds/additions.h"
#include "output/sinks/kube_api.h"
#include "output/sinks/policy_report.h"

namespace saker::output {
namespace {

// Of the reports in memory; the others are read again when they change. A tenant who makes many
// namespaces costs no more.
constexpr std::size_t most_bytes = 8u << 20;
constexpr std::size_t most_reports = 256;
// A report, as the server answers it.
constexpr std::size_t longest_report = 4u << 20;

// A name that objects of Kubernetes can have.
std::string object_name(const std::string& host) {
  std::string out = "saker-";
  for (const char c : host) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const bool plain = (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') ||
                       (low == '.' && out.back() != '.' && out.back() != '-');
    out += plain ? low : '-';
  }
  out.resize(std::min<std::size_t>(out.size(), 200));
  while (out.back() == '-' || out.back() == '.') out.pop_back();
  return out;
}

class PolicyReportPeer final : public Peer {
 public:
  PolicyReportPeer(const Settings& settings, const std::string& hostname, HttpOptions options)
      : url_(kube_url(settings.text("apiserver"))),
        token_file_(settings.text("tokenfile")),
        name_(object_name(hostname)),
        limits_{.results = static_cast<std::size_t>(
                    std::clamp<std::int64_t>(settings.number("maxevents"), 1, 100'000)),
                .prune_by_priority = settings.flag("prunebypriority")},
        options_(options),
        additions_(settings),
        client_(std::move(options)) {}

  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override;
  Result<void> reopen() override {
    client_.forget_connections();
    return {};
  }
  std::string preview(std::span<const SharedAlert> batch) override;

 private:
  Result<Document> document_of(const Alert& alert) const {
    Result<Document> document = read_document(alert);
    if (document) additions_.apply(*document);
    return document;
  }
  std::string space_of(const Document& document) const {
    std::string space = report_namespace(document);
    return space == gone_ ? "" : space;
  }
  Request request(const std::string& method, const PolicyReport& report) const;
  HttpOutcome ask(const Request& request, Patience& patience) {
    return client_.perform({&request, 1}, patience)[0];
  }
  Delivery deliver_first(std::span<const SharedAlert> batch, Patience& patience);
  std::size_t taken(std::span<const SharedAlert> batch);
  Result<PolicyReport*> report_of(const std::string& space, Patience& patience);
  void forget_old();
  static Error failure(const HttpOutcome& outcome);

  const std::string url_, token_file_, name_;
  const PolicyReportLimits limits_;
  const HttpOptions options_;
  const Additions additions_;
  HttpClient client_;
  std::list<std::pair<std::string, PolicyReport>> reports_;  // by namespace, last used first
  // A namespace that the server does not have or is deleting, as far as the present batch is
  // concerned: it can be made again.
  std::string gone_;
  std::size_t alone_ = 0;  // this many alerts are sent one by one, because one of them was refused
  // Delivered together with an earlier alert of their namespace.
  std::unordered_set<const Alert*> ahead_;
};

Request PolicyReportPeer::request(const std::string& method, const PolicyReport& report) const {
  Request out{method, url_ + report.path(), "", {{"Accept", "application/json"}}};
  if (std::string account = kube_authorization(token_file_); !account.empty())
    out.headers.emplace_back("Authorization", std::move(account));
  if (method == "PATCH") {
    out.url += "?fieldManager=saker&force=true";
    out.headers.emplace_back("Content-Type", "application/apply-patch+yaml");
    out.body = report.json();
  }
  return out;
}

// Whether nothing can be made in the namespace: the server does not have it, or is deleting it.
bool lacks_namespace(const HttpOutcome& outcome) {
  return (outcome.status == 404 && outcome.answer.find("namespaces \\\"") != outcome.answer.npos) ||
         (outcome.status == 403 &&
          outcome.answer.find("NamespaceTerminating") != outcome.answer.npos);
}

Error PolicyReportPeer::failure(const HttpOutcome& outcome) {
  if (outcome.status == 0) return Error{outcome.error};
  if (outcome.status == 404)
    return Error{"the server answers 404" + excerpt(outcome.answer) +
                 "\n  hint: wgpolicyk8s.io/v1alpha2 is not installed in the cluster"};
  return Error{"the server answers " + std::to_string(outcome.status) + excerpt(outcome.answer)};
}

void PolicyReportPeer::forget_old() {
  std::size_t bytes = 0, kept = 0;
  for (auto at = reports_.begin(); at != reports_.end();) {
    bytes += at->second.bytes();
    kept++;
    at = kept > 1 && (bytes > most_bytes || kept > most_reports) ? reports_.erase(at)
                                                                 : std::next(at);
  }
}

// From memory, or as the server has it.
Result<PolicyReport*> PolicyReportPeer::report_of(const std::string& space, Patience& patience) {
  const auto found =
      std::ranges::find(reports_, space, [](const auto& each) { return each.first; });
  if (found != reports_.end()) {
    reports_.splice(reports_.begin(), reports_, found);
    return &reports_.front().second;
  }
  PolicyReport report(space, name_, limits_);
  const HttpOutcome outcome = ask(request("GET", report), patience);
  if (outcome.status == 200)
    report.load(outcome.answer);
  else if (outcome.status != 404)
    return failure(outcome);
  reports_.emplace_front(space, std::move(report));
  return &reports_.front().second;
}

// The number of alerts at the front that were delivered together with others.
std::size_t PolicyReportPeer::taken(std::span<const SharedAlert> batch) {
  std::size_t out = 0;
  while (out < batch.size() && ahead_.erase(batch[out].get())) out++;
  return out;
}

Delivery PolicyReportPeer::deliver(std::span<const SharedAlert> batch, Patience& patience) {
  gone_.clear();
  if (const std::size_t before = taken(batch)) return {.delivered = before};
  return deliver_first(batch, patience);
}

// The first alert, and those of the same report.
Delivery PolicyReportPeer::deliver_first(std::span<const SharedAlert> batch, Patience& patience) {
  Result<Document> first = document_of(*batch[0]);
  if (!first) return {.refused = 1, .error = first.error().message};
  const std::string space = space_of(*first);
  Result<PolicyReport*> report = report_of(space, patience);
  if (!report) return {.error = report.error().message};
  PolicyReport next = **report;
  std::vector<const Alert*> added;
  for (const SharedAlert& alert : batch) {
    const Result<Document> document = document_of(*alert);
    if (!document || space_of(*document) != space || ahead_.contains(alert.get())) continue;
    next.add(*document);
    added.push_back(alert.get());
    if (alone_) break;
  }
  const HttpOutcome outcome = ask(request("PATCH", next), patience);
  if (!space.empty() && lacks_namespace(outcome)) {
    // Its alerts go to the cluster's report.
    reports_.pop_front();
    gone_ = space;
    return deliver_first(batch, patience);
  }
  if (outcome.status < 200 || outcome.status >= 300) {
    const Error why = failure(outcome);
    const bool refused = refuses_content(outcome.status);
    // Sending them one by one shows which is refused.
    if (refused && added.size() > 1) {
      alone_ = added.size();
      return {};
    }
    if (refused && alone_) alone_--;
    if (refused) return {.refused = 1, .error = why.message};
    return {.error = why.message, .pause_ms = outcome.retry_after_ms};
  }
  if (alone_) alone_--;
  reports_.pop_front();
  reports_.emplace_front(space, std::move(next));
  forget_old();
  ahead_.insert(added.begin(), added.end());
  return {.delivered = taken(batch)};
}

std::string PolicyReportPeer::preview(std::span<const SharedAlert> batch) {
  std::string out;
  for (const SharedAlert& alert : batch) {
    const Result<Document> document = document_of(*alert);
    if (!document) continue;
    PolicyReport report(space_of(*document), name_, limits_);
    report.add(*document);
    Request shown_one = request("PATCH", report);
    for (auto& [name, value] : shown_one.headers)
      if (name == "Authorization") value = "(the token of the file)";
    out += shown(shown_one, options_);
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Peer>> policy_report_peer(const Settings& settings,
                                                 const std::string& hostname, HttpOptions options) {
  if (kube_url(settings.text("apiserver")).empty())
    return Error{"there is no server of Kubernetes: add apiserver = \"https://HOST:6443\""};
  options.most_kept = longest_report;
  return std::unique_ptr<Peer>(
      std::make_unique<PolicyReportPeer>(settings, hostname, std::move(options)));
}

}  // namespace saker::output
