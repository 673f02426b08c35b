// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/google_credentials.h"

#include <doctest/doctest.h>

#include "base/base64.h"
#include "output/escape.h"

namespace saker::output {
namespace {

const std::string good =
    R"({"type":"service_account","client_email":"a@b","private_key":"k","token_uri":"https://t/"})";

TEST_CASE("credentials of Google are read as JSON and in base64") {
  std::string encoded;
  append_base64(encoded, good);
  encoded.insert(20, "\n");
  for (const std::string& text : {good, " \n" + good, encoded}) {
    const Result<GoogleCredentials> read = read_google_credentials(text);
    REQUIRE(read);
    CHECK(read->email == "a@b");
    CHECK(read->token_url == "https://t/");
  }
}

TEST_CASE("credentials of Google that are none are refused with the reason") {
  for (const auto& [text, why] : {std::pair{"", "neither"},
                                  {"!", "neither"},
                                  {"[]", "neither"},
                                  {"{\"type\":1}", "have the type"},
                                  {"{\"type\":\"authorized_user\"}", "authorized_user"},
                                  {"{\"type\":\"service_account\"}", "lack"}}) {
    const Result<GoogleCredentials> read = read_google_credentials(text);
    REQUIRE(!read);
    CHECK(read.error().message.find(why) != std::string::npos);
  }
  std::string other = good;
  other.replace(other.find("https"), 5, "file");
  CHECK(!read_google_credentials(other));
}

}  // namespace
}  // namespace saker::output
