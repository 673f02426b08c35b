// SPDX-License-Identifier: Apache-2.0
// Writes alerts to the history, a batch in a transaction. The far end of a sink (output/peer.h),
// whose thread it is; what does not fit into its queue is lost and counted there.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "output/peer.h"
#include "web/history_files.h"

namespace saker::web {

struct HistoryLimits {
  std::uint64_t bytes = 1u << 30;
  std::uint64_t age_ns = 30ull * 86400 * 1'000'000'000;
};

class HistoryWriter final : public output::Peer {
 public:
  // Makes the directory if it is not there. Every alert it is given is a StoredAlert.
  static Result<std::unique_ptr<HistoryWriter>> open(const std::string& directory,
                                                     HistoryLimits limits);
  ~HistoryWriter() override;

  // The largest number that an alert has; 0: there is none. Before the first deliver().
  std::uint64_t last_id() const { return last_id_; }

  output::Delivery deliver(std::span<const output::SharedAlert> batch,
                           output::Patience& patience) override;
  std::string preview(std::span<const output::SharedAlert>) override { return {}; }

  // Files: as many as make the bound on their sum fine enough.
  static constexpr std::uint64_t files = 16;

 private:
  struct File;
  HistoryWriter(std::string directory, HistoryLimits limits);
  Result<void> begin_file(std::uint64_t number);
  Result<void> write(std::span<const output::SharedAlert> batch);
  bool is_full(std::uint64_t now) const;
  void drop_old(std::uint64_t now) const;

  const std::string directory_;
  const HistoryLimits limits_;
  std::uint64_t last_id_ = 0, number_ = 0;
  std::unique_ptr<File> file_;
};

}  // namespace saker::web
