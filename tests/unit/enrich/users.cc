// SPDX-License-Identifier: Apache-2.0
#include "enrich/users.h"

#include <doctest/doctest.h>

using saker::enrich::Users;

TEST_CASE("users: names by number, malformed lines skipped, first line of a number counts") {
  Users users = Users::parse(
      "root:x:0:0:root:/root:/bin/bash\n"
      "broken\n"
      "nine:x:9x:9::/:/bin/sh\n"
      "db:x:999:998:,,,:/var/lib/db:/usr/sbin/nologin\n"
      "toor:x:0:0::/root:/bin/sh",
      "root:x:0:\nusers:x:100:a,b\nshort:x\n");
  REQUIRE(users.user(0));
  CHECK(users.user(0)->name == "root");
  CHECK(users.user(0)->shell == "/bin/bash");
  REQUIRE(users.user(999));
  CHECK(users.user(999)->home == "/var/lib/db");
  CHECK(users.user(999)->gid == 998);
  CHECK(users.user(9) == nullptr);
  CHECK(users.user(~0u) == nullptr);
  REQUIRE(users.group(100));
  CHECK(users.group(100)->name == "users");
  CHECK(users.group(1) == nullptr);
}

TEST_CASE("users: missing files leave it empty") {
  Users users = Users::load("/nonexistent");
  CHECK(users.user(0) == nullptr);
  CHECK(Users::load("").user(0) != nullptr);
}
