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
