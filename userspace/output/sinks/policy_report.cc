// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/policy_report.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "output/escape.h"

namespace saker::output {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t ns_per_s = 1'000'000'000;
// By severity, from Emergency.
constexpr std::array severities = {"critical", "critical", "critical", "high",
                                   "medium",   "low",      "info",     "info"};
constexpr std::array<char, 8> verdicts = {'f', 'f', 'f', 'f', 'w', 's', 's', 's'};

// The code point of the UTF-8 sequence at the front, if a reader of YAML refuses it as it is, or
// takes it for the end of a line; otherwise 0. The text is valid UTF-8.
std::uint32_t unfit_for_yaml(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(0) == 0x7f) return 0x7f;
  if (byte(0) == 0xc2 && byte(1) < 0xa0) return byte(1);
  if (byte(0) >> 4 != 0xe) return 0;
  const std::uint32_t c = (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
  return c == 0x2028 || c == 0x2029 || c == 0xfeff || c >= 0xfffe ? c : 0;
}

// As JSON that is YAML too: a server of Kubernetes reads the body of a server-side apply as YAML.
std::string dumped(const Json& value) {
  const std::string json = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  for (std::size_t at = 0; at < json.size();) {
    const std::uint32_t unfit = unfit_for_yaml(std::string_view(json).substr(at));
    if (unfit == 0) {
      out += json[at++];
      continue;
    }
    append_unit(out, unfit);
    at += unfit < 0x80 ? 1 : unfit < 0x800 ? 2 : 3;
  }
  return out;
}

// What the summary counts, by first letter.
constexpr std::array<std::string_view, 5> verdict_names = {"pass", "fail", "warn", "error", "skip"};

std::string_view verdict_name(char verdict) {
  return *std::ranges::find(verdict_names, verdict, [](std::string_view name) { return name[0]; });
}

}  // namespace

PolicyReport::PolicyReport(std::string space, std::string name, PolicyReportLimits limits)
    : space_(std::move(space)), name_(std::move(name)), limits_(limits) {}

void PolicyReport::load(std::string_view answer) {
  const Json parsed = Json::parse(answer, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("results") || !parsed["results"].is_array()) return;
  for (const Json& result : parsed["results"]) {
    if (!result.is_object()) continue;
    const auto text = [&](const char* key) {
      const auto found = result.find(key);
      return found != result.end() && found->is_string() ? found->get<std::string>() : "";
    };
    const std::string severity = text("severity"), verdict = text("result");
    const auto found = std::ranges::find(severities, severity);
    const bool known = std::ranges::find(verdict_names, verdict) != verdict_names.end();
    push({static_cast<int>(std::min<std::ptrdiff_t>(found - severities.begin(), 7)),
          known ? verdict[0] : 's', dumped(result)});
  }
}

void PolicyReport::add(const Document& document) {
  const auto severity = static_cast<std::size_t>(document.priority);
  Json properties = Json::object();
  for (const Field& field : document.fields)
    if (!field.text.empty()) properties[field.key] = field.text;
  properties["uuid"] = document.uuid;
  properties["hostname"] = document.hostname;
  properties["priority"] = lang::priority_name(document.priority);
  Json result = {
      {"policy", document.rule},
      {"source", "saker"},
      {"scored", false},
      {"result", verdict_name(verdicts[severity])},
      {"severity", severities[severity]},
      {"message", document.output},
      {"timestamp",
       {{"seconds", document.time_ns / ns_per_s}, {"nanos", document.time_ns % ns_per_s}}},
      {"properties", std::move(properties)}};
  if (const Field* pod = document.find("k8s.pod.name");
      pod && !pod->text.empty() && !space_.empty())
    result["resources"] = Json::array(
        {{{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", pod->text}, {"namespace", space_}}});
  push({static_cast<int>(severity), verdicts[severity], dumped(result)});
}

void PolicyReport::push(Entry entry) {
  bytes_ += entry.json.size() + 1;
  results_.push_back(std::move(entry));
  while (results_.size() > 1 && (results_.size() > limits_.results || bytes_ > limits_.bytes))
    prune();
}

void PolicyReport::prune() {
  auto victim = results_.begin();
  if (limits_.prune_by_priority)
    // The first of the least severe ones: the oldest.
    victim = std::ranges::max_element(results_, {}, &Entry::severity);
  bytes_ -= victim->json.size() + 1;
  results_.erase(victim);
}

std::string PolicyReport::path() const {
  const std::string group = "/apis/wgpolicyk8s.io/v1alpha2/";
  if (space_.empty()) return group + "clusterpolicyreports/" + name_;
  return group + "namespaces/" + space_ + "/policyreports/" + name_;
}

std::string PolicyReport::json() const {
  std::string out = R"({"apiVersion":"wgpolicyk8s.io/v1alpha2","kind":")" +
                    std::string(space_.empty() ? "ClusterPolicyReport" : "PolicyReport") +
                    R"(","metadata":{"labels":{"app.kubernetes.io/managed-by":"saker"},"name":")" +
                    name_ + "\"";
  if (!space_.empty()) out += ",\"namespace\":\"" + space_ + "\"";
  out += "},\"summary\":{";
  for (const std::string_view name : verdict_names)
    out += (name == verdict_names.front() ? "\"" : ",\"") + std::string(name) +
           "\":" + std::to_string(std::ranges::count(results_, name[0], &Entry::verdict));
  out += "},\"results\":[";
  for (const Entry& entry : results_) out += (&entry == &results_.front() ? "" : ",") + entry.json;
  return out + "]}";
}

std::string report_namespace(const Document& document) {
  for (const char* key : {"k8s.ns.name", "ka.target.namespace"}) {
    const Field* field = document.find(key);
    if (!field || field->text.empty()) continue;
    const std::string& name = field->text;
    const bool label = name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
                       std::ranges::all_of(name, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
    return label ? name : "";
  }
  return "";
}

}  // namespace saker::output
