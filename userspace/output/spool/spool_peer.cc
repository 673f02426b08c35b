// SPDX-License-Identifier: Apache-2.0
#include "output/spool/spool_peer.h"

#include <cerrno>

namespace saker::output {
namespace {

class SpoolPeer final : public Peer {
 public:
  explicit SpoolPeer(SharedSpool spool) : spool_(std::move(spool)) {}

  Delivery deliver(std::span<const SharedAlert> batch, Patience&) override {
    // On a full disk there may be space for a part of it.
    for (std::size_t alerts = batch.size();; alerts /= 2) {
      const Result<void> done = spool_->append(batch.first(alerts));
      if (done) return {.delivered = alerts};
      const bool full = done.error().code == ENOSPC || done.error().code == EDQUOT;
      if (!full || alerts == 1) return {.error = done.error().message};
    }
  }
  std::string preview(std::span<const SharedAlert>) override { return {}; }

 private:
  const SharedSpool spool_;
};

}  // namespace

std::unique_ptr<Peer> spool_peer(SharedSpool spool) {
  return std::make_unique<SpoolPeer>(std::move(spool));
}

}  // namespace saker::output
