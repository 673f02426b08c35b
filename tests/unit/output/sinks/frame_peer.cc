// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/frame_peer.h"

#include <doctest/doctest.h>
#include <poll.h>

#include "../alerts.h"
#include "../loopback.h"
#include "../patience.h"
#include "base/fd.h"

namespace saker::output {
namespace {

using test::alert;
using test::await;

// A server that takes one connection after the other.
class Server : public test::LoopbackListener {
 public:
  Server() : LoopbackListener(8) {}
  Endpoint endpoint() const {
    return {.transport = Endpoint::Transport::tcp, .host = "127.0.0.1", .port = port};
  }
};

std::string read_some(const Fd& from, std::size_t bytes) {
  std::string out;
  char buffer[4096];
  while (out.size() < bytes) {
    const ssize_t got = ::read(from.get(), buffer, sizeof(buffer));
    if (got <= 0) break;
    out.append(buffer, static_cast<std::size_t>(got));
  }
  return out;
}

std::optional<std::string> line(const Alert& alert) { return alert.text + "\n"; }

TEST_CASE(
    "frame peer: a connection that the server closed is opened again, and nothing is sent twice") {
  Server server;
  FramePeer peer(server.endpoint(), line);
  test::Briefly patience;
  const SharedAlert first[] = {alert("a"), alert("b")}, second[] = {alert("c")};
  CHECK(peer.deliver(first, patience).delivered == 2);
  {
    const Fd connection = server.accept();
    CHECK(read_some(connection, 4) == "a\nb\n");
  }
  Delivery done;
  CHECK(await([&] {
    done = peer.deliver(second, patience);
    return done.delivered == 1;
  }));
  CHECK(read_some(server.accept(), 2) == "c\n");
}

TEST_CASE("frame peer: a message to a slow server continues where it stopped") {
  Server server;
  FramePeer peer(server.endpoint(), line);
  test::Briefly patience(100);
  std::vector<SharedAlert> batch;
  for (int i = 0; i < 64; i++)
    batch.push_back(alert(std::string(1 << 18, static_cast<char>('0' + i))));
  std::span<const SharedAlert> left(batch);
  const Delivery some = peer.deliver(left, patience);
  CHECK(some.error.empty());
  REQUIRE(some.delivered < batch.size());
  left = left.subspan(some.delivered);
  const Fd connection = server.accept();
  std::string got;
  std::thread reader([&] { got = read_some(connection, batch.size() * ((1 << 18) + 1)); });
  while (!left.empty()) left = left.subspan(peer.deliver(left, patience).delivered);
  reader.join();
  std::string want;
  for (const SharedAlert& each : batch) want += each->text + "\n";
  CHECK(got == want);
}

TEST_CASE("frame peer: no server, and one alert that cannot be expressed") {
  Endpoint nowhere{.transport = Endpoint::Transport::tcp, .host = "127.0.0.1", .port = 1};
  FramePeer none(nowhere, line);
  test::Briefly patience;
  const SharedAlert batch[] = {alert("a"), alert("b")};
  const Delivery failed = none.deliver(batch, patience);
  CHECK(failed.delivered == 0);
  CHECK_FALSE(failed.error.empty());

  Server server;
  FramePeer picky(server.endpoint(), [](const Alert& each) {
    return each.text == "a" ? std::nullopt : std::optional(each.text);
  });
  CHECK(picky.deliver(batch, patience).refused == 1);
  CHECK(picky.deliver(std::span(batch).subspan(1), patience).delivered == 1);
}

}  // namespace
}  // namespace saker::output
