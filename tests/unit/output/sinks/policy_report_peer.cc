// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/policy_report_peer.h"

#include <doctest/doctest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "../alerts.h"
#include "../http_server.h"
#include "../patience.h"
#include "output/sinks/curl_library.h"

namespace saker::output {
namespace {

using test::status;

SharedAlert in_space(const std::string& space, int number) {
  auto made = std::make_shared<Alert>();
  made->rule_name = "r";
  made->json = "{\"output\":\"" + std::to_string(number) +
               "\",\"output_fields\":{\"k8s.ns.name\":\"" + space + "\"}}";
  return made;
}

// A server that has these namespaces, and is deleting those.
struct Cluster {
  std::set<std::string> spaces, ending;
  std::map<std::string, std::string> reports;  // by namespace
  int requests = 0;
  test::HttpServer server{[this](const auto& request) { return answer(request); }};

  std::string answer(const test::HttpServer::Request& request) {
    requests++;
    std::string space;
    if (const std::size_t at = request.target.find("/namespaces/"); at != request.target.npos)
      space = request.target.substr(at + 12, request.target.find('/', at + 12) - at - 12);
    if (request.target.starts_with("GET "))
      return reports.contains(space) ? status(200, "", reports[space]) : status(404, "", "{}");
    if (ending.contains(space))
      return status(403, "", R"({"details":{"causes":[{"reason":"NamespaceTerminating"}]}})");
    if (!space.empty() && !spaces.contains(space))
      return status(404, "", R"({"message":"namespaces \")" + space + R"(\" not found"})");
    reports[space] = request.body;
    return status(200, "", request.body);
  }
  // The texts of a report's results.
  std::string texts(const std::string& space) {
    std::string out;
    if (!reports.contains(space)) return out;
    const auto report = nlohmann::json::parse(reports[space]);
    for (const auto& result : report["results"]) out += result["message"].get<std::string>() + " ";
    return out;
  }
};

struct Fixture {
  Cluster cluster;
  std::unique_ptr<Peer> peer;
  test::Briefly patience;

  Fixture() {
    REQUIRE(load_curl());
    Settings settings{.name = "p", .type = "policyreport", .format = "json"};
    settings.values["apiserver"] = cluster.server.url;
    settings.values["tokenfile"] = std::string("/dev/null");
    settings.values["maxevents"] = std::int64_t{100};
    settings.values["prunebypriority"] = false;
    peer = std::move(*policy_report_peer(settings, "node", HttpOptions{.timeout_ms = 5000}));
  }
  // Delivers like a sink; returns the last error.
  std::string deliver(const std::vector<SharedAlert>& batch) {
    std::span<const SharedAlert> left = batch;
    std::string error;
    for (int tries = 0; !left.empty() && tries < 20; tries++) {
      const Delivery done = peer->deliver(left, patience);
      CHECK(done.refused == 0);
      if (!done.error.empty()) error = done.error;
      left = left.subspan(done.delivered);
    }
    CHECK(left.empty());
    return error;
  }
};

TEST_CASE("policy report peer: a batch of several namespaces is a request for each report") {
  Fixture f;
  f.cluster.spaces = {"a", "b"};
  CHECK(f.deliver({in_space("a", 1), in_space("b", 2), in_space("", 3), in_space("a", 4),
                   in_space("b", 5)}) == "");
  CHECK(f.cluster.texts("a") == "1 4 ");
  CHECK(f.cluster.texts("b") == "2 5 ");
  CHECK(f.cluster.texts("") == "3 ");
  CHECK(f.cluster.requests == 6);
}

TEST_CASE("policy report peer: a namespace that is not there, or ending, is asked for again") {
  Fixture f;
  f.cluster.spaces = {"a"};
  f.cluster.ending = {"ending"};
  CHECK(f.deliver({in_space("gone", 1), in_space("a", 2), in_space("ending", 3),
                   in_space("gone", 4)}) == "");
  CHECK(f.cluster.texts("") == "1 4 3 ");
  CHECK(f.cluster.texts("a") == "2 ");
  f.cluster.ending.clear();
  f.cluster.spaces = {"a", "gone", "ending"};
  CHECK(f.deliver({in_space("gone", 5), in_space("ending", 6)}) == "");
  CHECK(f.cluster.texts("") == "1 4 3 ");
  CHECK(f.cluster.texts("gone") == "5 ");
  CHECK(f.cluster.texts("ending") == "6 ");
}

}  // namespace
}  // namespace saker::output
