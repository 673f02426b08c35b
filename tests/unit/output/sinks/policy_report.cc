// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/policy_report.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace saker::output {
namespace {

Document numbered(int number, lang::Priority priority = lang::Priority::warning) {
  Document out;
  out.uuid = std::to_string(number);
  out.rule = "r";
  out.priority = priority;
  out.output = "\"<" + std::to_string(number) + ">\" \xff";
  return out;
}

std::string uuids(const PolicyReport& report) {
  std::string out;
  const auto parsed = nlohmann::json::parse(report.json());
  for (const auto& result : parsed["results"])
    out += result["properties"]["uuid"].get<std::string>() + " ";
  return out;
}

TEST_CASE("a policy report that is full loses its oldest or its least severe alerts") {
  PolicyReport oldest("", "n", {.results = 3}),
      least("", "n", {.results = 3, .prune_by_priority = true});
  const lang::Priority order[] = {lang::Priority::critical, lang::Priority::debug,
                                  lang::Priority::warning, lang::Priority::critical,
                                  lang::Priority::warning};
  for (int i = 0; i < 5; i++) {
    oldest.add(numbered(i, order[i]));
    least.add(numbered(i, order[i]));
  }
  CHECK(uuids(oldest) == "2 3 4 ");
  CHECK(uuids(least) == "0 3 4 ");
  CHECK(nlohmann::json::parse(least.json())["summary"]["fail"] == 2);
}

TEST_CASE("a policy report is bounded in bytes, and goes on with what the server has") {
  PolicyReport report("space", "n", {.bytes = 2000});
  for (int i = 0; i < 100; i++) report.add(numbered(i));
  CHECK(report.bytes() <= 2000);
  CHECK(report.json().size() < 2500);
  PolicyReport next("space", "n", {.bytes = 2000});
  next.load(report.json());
  CHECK(uuids(next) == uuids(report));
  next.load("{\"results\":[1,null,{}]}");
  next.load("[");
  CHECK(next.bytes() <= 2000);
}

TEST_CASE("a policy report is YAML too: what YAML refuses or takes for a line's end is escaped") {
  const std::string strange =
      "\x7f \xc2\x85\xc2\x9b\xc2\xa0 \xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa "
      "\xef\xbb\xbf\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf \xf0\x9f\x98\x80";
  Document document = numbered(1);
  document.output = strange;
  PolicyReport report("", "n", {});
  report.add(document);
  const std::string json = report.json();
  CHECK(json.find("\"\\u007f \\u0085\\u009b\xc2\xa0 \\u2028\\u2029\xe2\x80\xaa "
                  "\\ufeff\xef\xbf\xbd\\ufffe\\uffff \xf0\x9f\x98\x80\"") != json.npos);
  CHECK(nlohmann::json::parse(json)["results"][0]["message"] == strange);
}

TEST_CASE("the summary of a policy report counts what others wrote as they meant it") {
  PolicyReport report("", "n", {});
  report.load(R"({"results":[{"policy":"a","result":"pass"},{"policy":"b","result":"error"},
                             {"policy":"c","result":"pass"},{"policy":"d","result":"odd"}]})");
  report.add(numbered(1));
  const auto summary = nlohmann::json::parse(report.json())["summary"];
  CHECK(summary.dump() == R"({"error":1,"fail":0,"pass":2,"skip":1,"warn":1})");
}

TEST_CASE("only a name that a namespace can have chooses the report") {
  const auto space = [](const std::string& name) {
    Document document = numbered(1);
    document.fields.push_back({"k8s.ns.name", "", name});
    return report_namespace(document);
  };
  CHECK(space("kube-system") == "kube-system");
  for (const char* bad : {"", "../x", "A", "-a", "a-", "a/b", "a.b"}) CHECK(space(bad) == "");
  CHECK(space(std::string(64, 'a')) == "");
}

}  // namespace
}  // namespace saker::output
