// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/recipe_peer.h"

#include <doctest/doctest.h>
#include <malloc.h>

#include "../alerts.h"
#include "../http_server.h"
#include "../patience.h"
#include "output/kinds/kind.h"
#include "output/sinks/curl_library.h"

namespace saker::output {
namespace {

using test::status;

class Server : public test::HttpServer {
 public:
  using Answer = std::function<std::string(const std::string& body)>;
  explicit Server(Answer answer)
      : HttpServer([answer = std::move(answer)](const Request& request) {
          return answer(request.body);
        }) {}
};

SharedAlert numbered(int number) {
  auto made = std::make_shared<Alert>();
  made->rule_name = "r";
  made->json = "{\"output\":\"<" + std::to_string(number) + ">\",\"output_fields\":{}}";
  return made;
}

std::vector<SharedAlert> some(int count) {
  std::vector<SharedAlert> out;
  for (int i = 0; i < count; i++) out.push_back(numbered(i));
  return out;
}

struct Fixture {
  Recipe recipe;
  std::unique_ptr<RecipePeer> peer;
  test::Briefly patience;

  Fixture(const std::string& url, const std::string& more, std::int64_t at_once = 1)
      : recipe(*Recipe::parse("r", "name: r\ncategory: c\nsummary: s\n" + more +
                                       "request:\n  url: " + url +
                                       "\n  lines: ['{{ .Output }}']\n")) {
    REQUIRE(load_curl());
    Settings settings{.name = "r", .type = "r", .format = "json"};
    settings.values["maxconcurrentrequests"] = at_once;
    peer = std::make_unique<RecipePeer>(recipe, settings, HttpOptions{.timeout_ms = 5000});
  }
  // Delivers like a sink, until everything is settled; returns how many were refused.
  std::size_t deliver(std::span<const SharedAlert> left, int most_tries = 1000) {
    std::size_t refused = 0;
    while (!left.empty() && most_tries-- > 0) {
      const Delivery done = peer->deliver(left, patience);
      refused += done.refused;
      left = left.subspan(done.delivered + done.refused);
    }
    CHECK(left.empty());
    return refused;
  }
};

TEST_CASE(
    "recipe peer: one alert that a server refuses goes alone, the others of its batch arrive") {
  std::vector<std::string> got;
  Server server([&](const std::string& body) {
    if (body.find("<5>") != body.npos) return status(400, "", "bad field");
    got.push_back(body);
    return status(200);
  });
  Fixture f(server.url, "batch: 10\n");
  CHECK(f.deliver(some(20)) == 1);
  std::string all;
  for (const std::string& body : got) all += body;
  std::string want;
  for (int i = 0; i < 20; i++)
    if (i != 5) want += "<" + std::to_string(i) + ">\n";
  CHECK(all == want);
  // ... and after them batches are batches again.
  CHECK(got.back().size() > 30);
}

TEST_CASE("recipe peer: alerts for a failing server are kept, and Retry-After is respected") {
  int requests = 0;
  Server server([&](const std::string&) {
    requests++;
    return requests == 1   ? status(500, "", "no")
           : requests == 2 ? status(429, "Retry-After: 7\r\n")
           : requests == 3 ? status(401)
                           : status(204);
  });
  Fixture f(server.url, "");
  const std::vector<SharedAlert> batch = some(1);
  const Delivery broken = f.peer->deliver(batch, f.patience);
  CHECK(broken.delivered + broken.refused == 0);
  CHECK(broken.error == "the server answers 500: no");
  CHECK(f.peer->deliver(batch, f.patience).pause_ms == 7000);
  CHECK(f.peer->deliver(batch, f.patience).refused == 0);
  CHECK(f.peer->deliver(batch, f.patience).delivered == 1);
}

TEST_CASE(
    "recipe peer: a server that answers 500 for hours costs no memory, then gets everything") {
  // With pauses of up to 5 s these are more than an hour.
  constexpr int tries = 800;
  int requests = 0;
  std::map<std::string, int> got;
  Server server([&](const std::string& body) {
    if (++requests <= tries) return status(500, "", std::string(10'000, 'x'));
    got[body]++;
    return status(200);
  });
  Fixture f(server.url, "batch: 5\n");
  const std::vector<SharedAlert> batch = some(20);
  std::size_t before = 0;
  for (int i = 0; i < tries; i++) {
    const Delivery failed = f.peer->deliver(batch, f.patience);
    REQUIRE(failed.delivered + failed.refused == 0);
    REQUIRE(failed.error.size() < 300);
    if (i == tries / 10) before = ::mallinfo2().uordblks;
  }
  // A sanitizer's allocator reports nothing.
  const std::size_t after = ::mallinfo2().uordblks;
  CHECK(after <= before + (256u << 10));
  CHECK(f.deliver(batch) == 0);
  CHECK(got.size() == 4);
  for (const auto& [body, times] : got) CHECK(times == 1);
}

TEST_CASE("recipe peer: several requests at once, and none is repeated because another failed") {
  std::map<std::string, int> got;
  std::mutex lock;
  Server server([&](const std::string& body) {
    std::lock_guard guard(lock);
    const int times = ++got[body];
    return status(body == "<1>\n" && times < 4 ? 503 : 200);
  });
  Fixture f(server.url, "", 4);
  CHECK(f.deliver(some(12)) == 0);
  CHECK(got.size() == 12);
  for (const auto& [body, times] : got) CHECK(times == (body == "<1>\n" ? 4 : 1));
}

TEST_CASE("recipe peer: a bulk answer of 200 that contains an error is a refusal") {
  int requests = 0;
  Server server([&](const std::string& body) {
    requests++;
    if (body.find("<1>") == body.npos) return status(200, "", "{\"errors\":false}");
    return status(
        200, "",
        requests < 4 ? "{\"errors\":true,\"status\":429}" : "{\"errors\":true,\"status\":400}");
  });
  Fixture f(server.url, "batch: 5\nfailure_mark: '\"errors\":true'\n");
  CHECK(f.deliver(some(5)) == 1);
}

TEST_CASE("recipe peer: the end of the patience ends a request") {
  Server server([](const std::string&) {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    return status(200);
  });
  Fixture f(server.url, "");
  test::Briefly none(0);
  const auto start = std::chrono::steady_clock::now();
  const Delivery done = f.peer->deliver(some(1), none);
  CHECK(done.delivered == 0);
  CHECK(done.error.empty());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

}  // namespace
}  // namespace saker::output
