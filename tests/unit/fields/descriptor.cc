// SPDX-License-Identifier: Apache-2.0
#include "fields/descriptor.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../match/record_builder.h"
#include "fields/getters.h"
#include "fields/scratch.h"

namespace saker {

TEST_CASE(
    "a copied descriptor of a connected socket names both ends, though nobody says who connected") {
  saker_sock ends{};
  ends.family = AF_INET;
  ends.type = SOCK_STREAM;
  ends.protocol = IPPROTO_TCP;
  ends.flags = SAKER_SOCK_CONNECTED;
  ends.local_port = 40000;
  ends.remote_port = 4444;
  const __u8 local[4] = {127, 0, 0, 1}, remote[4] = {192, 0, 2, 7};
  std::copy(local, local + 4, ends.local);
  std::copy(remote, remote + 4, ends.remote);
  testing::RecordBuilder builder(SAKER_EV_dup2);
  builder.set(SAKER_P_dup_oldfd, 5)
      .set(SAKER_P_dup_fdtype, SAKER_FD_IPV4)
      .sock(SAKER_P_dup_sock, ends);
  std::vector<std::uint64_t> bytes = builder.build();

  fields::Event event{decode::Record(bytes.data())};
  fields::Scratch scratch;
  fields::Descriptor fd = fields::descriptor_of(event.record);
  CHECK(fields::descriptor_name(event, fd, fields::View::named, scratch) ==
        "127.0.0.1:40000->192.0.2.7:4444");
}

namespace {

// fd.name_changed of a datagram that was received; `asked`: the caller asked who sent it.
fields::Value changes(std::uint16_t event_id, bool asked) {
  saker_sock ends{};
  ends.family = AF_INET;
  ends.type = SOCK_DGRAM;
  ends.role = SAKER_ROLE_SERVER;
  ends.flags = asked ? SAKER_SOCK_PEER_ASKED : 0;
  testing::RecordBuilder builder(event_id);
  builder.set(SAKER_P_sock_fdtype, SAKER_FD_IPV4).sock(SAKER_P_sock_sock, ends);
  std::vector<std::uint64_t> bytes = builder.build();
  fields::Event event{decode::Record(bytes.data())};
  fields::Scratch scratch;
  return fields::get::fd_name_changed({}, event, fields::View::named, scratch);
}

}  // namespace

TEST_CASE("a datagram gives its socket the ends that the sender's address says") {
  for (std::uint16_t event_id : {SAKER_EV_recvfrom, SAKER_EV_recvmsg, SAKER_EV_recvmmsg}) {
    CHECK(changes(event_id, true).bits == 1);
    CHECK(changes(event_id, false).bits == 0);
  }
}

}  // namespace saker
