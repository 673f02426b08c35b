// SPDX-License-Identifier: Apache-2.0
#include "service/loader.h"

#include <doctest/doctest.h>
#include <poll.h>

#include "../output/alerts.h"

namespace saker::service {
namespace {

TEST_CASE("loader: the caller continues while it loads, and is notified of the end") {
  std::atomic<bool> may_end{false};
  std::atomic<int> loads{0};
  ConfigLoader loader([&]() -> Result<LoadedConfig> {
    loads++;
    while (!may_end) ::poll(nullptr, 0, 1);
    if (loads == 1) return Error{"wrong"};
    LoadedConfig loaded;
    loaded.warnings = "w";
    return loaded;
  });
  CHECK_FALSE(loader.take());
  CHECK(loader.start());
  CHECK(loader.busy());
  CHECK_FALSE(loader.start());
  CHECK_FALSE(loader.take());
  CHECK_FALSE(loader.await(20));
  may_end = true;
  pollfd fd{loader.fd(), POLLIN, 0};
  REQUIRE(::poll(&fd, 1, 60'000) == 1);
  CHECK(loader.await(60'000));
  std::optional<Result<LoadedConfig>> taken = loader.take();
  REQUIRE(taken);
  CHECK(taken->error().message == "wrong");
  CHECK_FALSE(loader.busy());
  CHECK(::poll(&fd, 1, 0) == 0);
  CHECK(loader.start());
  CHECK(test::await([&] { return (taken = loader.take()).has_value(); }));
  CHECK((*taken)->warnings == "w");
  CHECK(loads == 2);
}

}  // namespace
}  // namespace saker::service
