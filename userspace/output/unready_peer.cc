// SPDX-License-Identifier: Apache-2.0
#include "output/unready_peer.h"

#include <utility>

namespace saker::output {
namespace {

class UnreadyPeer final : public Peer {
 public:
  explicit UnreadyPeer(std::string why) : why_(std::move(why)) {}
  Delivery deliver(std::span<const SharedAlert>, Patience&) override { return {.error = why_}; }
  std::string preview(std::span<const SharedAlert>) override { return {}; }

 private:
  const std::string why_;
};

}  // namespace

std::unique_ptr<Peer> unready_peer(std::string why) {
  return std::make_unique<UnreadyPeer>(std::move(why));
}

}  // namespace saker::output
