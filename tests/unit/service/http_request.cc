// SPDX-License-Identifier: Apache-2.0
#include "service/http_request.h"

#include <doctest/doctest.h>

namespace saker::service {
namespace {

TEST_CASE("http request: line and fields") {
  const std::string text =
      "GET /a/b?x=1&y=%20z HTTP/1.1\r\nHost: one\r\nX-Two:  with blanks \t\r\nHOST: other";
  const HttpRequest request = parse_head(text);
  CHECK(request.refusal == 0);
  CHECK(request.method == "GET");
  CHECK(request.path == "/a/b");
  CHECK(request.query == "x=1&y=%20z");
  CHECK(request.field("host") == "one");
  CHECK(request.field("x-two") == "with blanks");
  CHECK(request.field("x-three") == "");
}

TEST_CASE("http request: too many fields are refused") {
  std::string text = "GET / HTTP/1.1";
  for (int i = 0; i < 101; i++) text += "\r\nA: b";
  CHECK(parse_head(text).refusal == 431);
}

TEST_CASE("http request: a method and a name of a field are words of the protocol") {
  CHECK(parse_head(" /a HTTP/1.1").refusal == 400);
  CHECK(parse_head("G\"T /a HTTP/1.1").refusal == 400);
  CHECK(parse_head("GET /a HTTP/1.1\r\n: x").refusal == 400);
  CHECK(parse_head("GET /a HTTP/1.1\r\nContent-Length : 3").refusal == 400);
  CHECK(parse_head("GET /a HTTP/1.1\r\n Host: folded").refusal == 400);
  CHECK(parse_head("GET /a HTTP/1.1\r\nX-A_b.1: x").refusal == 0);
}

TEST_CASE("http request: values of a query") {
  CHECK(query_value("a=1&b=%2Fetc%2f+x&c", "b") == "/etc/ x");
  CHECK(query_value("a=1&b=2", "c") == "");
  CHECK(query_value("aa=1&a=2", "a") == "2");
  CHECK(query_value("c", "c") == "");
  CHECK(url_decoded("100%") == "100%");
  CHECK(url_decoded("%zz%4") == "%zz%4");
  CHECK(url_decoded("%00") == std::string(1, '\0'));
}

}  // namespace
}  // namespace saker::service
