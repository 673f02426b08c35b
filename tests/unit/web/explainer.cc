// SPDX-License-Identifier: Apache-2.0
// What the process that explains is asked, and which files it would open.
#include "web/explainer.h"

#include <doctest/doctest.h>

#include "web/explainer_process.h"

namespace saker::web {
namespace {

TEST_CASE("explainer: it opens recordings of one directory and nothing else") {
  const std::string directory = "/var/lib/saker/flight";
  CHECK(is_recording_in(directory + "/2026-Bad-thing.skr", directory));
  CHECK(is_recording_in(directory + "/a.skr", directory + "/"));
  using namespace std::string_view_literals;
  for (const std::string_view path :
       {"/var/lib/saker/flight/../../../etc/shadow.skr"sv, "/var/lib/saker/flight/a/b.skr"sv,
        "/var/lib/saker/flight/.skr"sv, "/var/lib/saker/flight/.a.skr"sv,
        "/var/lib/saker/flight/a.scap"sv, "/var/lib/saker/flightx/a.skr"sv, "/etc/a.skr"sv, ""sv,
        "a.skr"sv, "-r.skr"sv, "/var/lib/saker/flight/a\0.skr"sv, "/var/lib/saker/flight"sv})
    CHECK_FALSE(is_recording_in(path, directory));
  CHECK_FALSE(is_recording_in("/a.skr", ""));
  CHECK_FALSE(is_recording_in("/a.skr", "/"));
}

TEST_CASE("explainer: of an alert it is asked the rule, the time and the file") {
  const auto asked = explanation_request(
      R"({"rule":"A","time":"t","output":"secret","recording":"/f/a.skr","output_fields":)"
      R"({"evt.num":7,"proc.name":"x"}})",
      "/f");
  REQUIRE(asked);
  CHECK(*asked ==
        R"({"output_fields":{"evt.num":7},"recording":"/f/a.skr","rule":"A","time":"t"})");
  CHECK_FALSE(explanation_request(R"({"rule":"A"})", "/f"));
  CHECK_FALSE(explanation_request(R"({"rule":"A","recording":7})", "/f"));
  CHECK_FALSE(explanation_request(R"({"rule":"A","recording":"/etc/a.skr"})", "/f"));
  CHECK_FALSE(explanation_request("[", "/f"));
  const std::string longest(40'000, 'x');
  CHECK_FALSE(explanation_request(R"({"recording":"/f/a.skr","rule":")" + longest + R"("})", "/f"));
  // A newline would end the request: it is escaped.
  const auto lines = explanation_request(R"({"recording":"/f/a.skr","rule":"a\nb"})", "/f");
  REQUIRE(lines);
  CHECK(lines->find('\n') == std::string::npos);
}

}  // namespace
}  // namespace saker::web
