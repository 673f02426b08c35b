// SPDX-License-Identifier: Apache-2.0
// The far end of every output over HTTP: alerts become requests as its recipe says, and answers
// say what becomes of the alerts. Those that a server refuses for what they are (400, 413, 422) are
// given up, alone; everything else is tried again.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "output/kinds/additions.h"
#include "output/kinds/recipe.h"
#include "output/peer.h"
#include "output/sinks/http_client.h"

namespace saker::output {

class RecipePeer final : public Peer {
 public:
  // `recipe` outlives it.
  RecipePeer(const Recipe& recipe, const Settings& settings, HttpOptions options);

  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override;
  Result<void> reopen() override;
  std::string preview(std::span<const SharedAlert> batch) override;

 private:
  using Alerts = std::span<const SharedAlert>;
  enum class Verdict { delivered, refused, again };

  Request request_of(Alerts alerts) const;
  Node node_of_alert(const Alert& alert) const;
  std::vector<Alerts> cut_up(Alerts batch) const;
  Verdict judge(const HttpOutcome& outcome, std::string& why) const;
  Delivery settle(const std::vector<Alerts>& parts, const std::vector<HttpOutcome>& outcomes);

  const Recipe& recipe_;
  const HttpOptions options_;
  const Additions additions_;
  const Template message_;
  const Node config_;
  const Form form_;
  const std::size_t concurrent_, ignored_timeouts_;
  HttpClient client_;
  std::size_t alone_ = 0;     // so many alerts go one by one: one among them was refused
  std::size_t timeouts_ = 0;  // in a row
  // Delivered, while one before them was not: they are not sent again.
  std::unordered_set<const Alert*> ahead_;
};

}  // namespace saker::output
