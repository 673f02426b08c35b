// SPDX-License-Identifier: Apache-2.0
// The far end of every output over HTTP: the recipe turns alerts into requests, and the answers
// decide about the alerts. Alerts that a server refuses for their content (400, 413, 422) are
// dropped individually; every other failure is tried again.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "output/kinds/additions.h"
#include "output/kinds/recipe.h"
#include "output/peer.h"
#include "output/sinks/authorizer.h"
#include "output/sinks/http_client.h"

namespace saker::output {

class RecipePeer final : public Peer {
 public:
  // `recipe` must outlive it.
  RecipePeer(const Recipe& recipe, const Settings& settings, HttpOptions options,
             std::unique_ptr<Authorizer> authorizer = nullptr);

  Delivery deliver(std::span<const SharedAlert> batch, Patience& patience) override;
  Result<void> reopen() override;
  std::string preview(std::span<const SharedAlert> batch) override;

 private:
  using Alerts = std::span<const SharedAlert>;
  enum class Verdict { delivered, refused, again };

  Request request_of(Alerts alerts) const;
  Node node_of_alert(const Alert& alert) const;
  Node full_node_of(const Alert& alert) const;
  std::vector<Alerts> cut_up(Alerts batch) const;
  Verdict judge(const HttpOutcome& outcome, std::string& why) const;
  Result<void> prepare(Patience& patience);
  Result<void> authorize(std::vector<Request>& requests, Patience& patience);
  Delivery settle(const std::vector<Alerts>& parts, const std::vector<HttpOutcome>& outcomes);

  const Recipe& recipe_;
  const HttpOptions options_;
  const Additions additions_;
  const Template message_;
  const Names names_;  // what the recipe and messageformat look up
  const Node config_;
  const Form form_;
  const bool echo_;  // Falco's http_output.echo: answers are logged
  const std::size_t concurrent_;
  const std::size_t batch_;  // maximum number of alerts in one request
  const std::size_t ignored_timeouts_;
  const std::unique_ptr<Authorizer> authorizer_;  // null: none is needed
  HttpClient client_;
  bool prepared_ = false;
  std::size_t alone_ = 0;  // this many alerts are sent one by one, because one of them was refused
  std::size_t timeouts_ = 0;  // in a row
  // Delivered while an earlier alert was not: they are not sent again.
  std::unordered_set<const Alert*> ahead_;
};

}  // namespace saker::output
