// SPDX-License-Identifier: Apache-2.0
// Writes alerts to the history, one transaction per batch. The peer of a sink (output/peer.h),
// called on its thread; alerts that do not fit into the sink's queue are lost and counted there.
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
  // Creates the directory if needed. Every alert passed in is a StoredAlert.
  static Result<std::unique_ptr<HistoryWriter>> open(const std::string& directory,
                                                     HistoryLimits limits);
  ~HistoryWriter() override;

  // The largest number of an alert; 0: there are none. Call before the first deliver().
  std::uint64_t last_id() const { return last_id_; }

  output::Delivery deliver(std::span<const output::SharedAlert> batch,
                           output::Patience& patience) override;
  std::string preview(std::span<const output::SharedAlert>) override { return {}; }

  // The number of files: enough to enforce the limit on their total size closely.
  static constexpr std::uint64_t files = 16;

 private:
  struct File;
  HistoryWriter(std::string directory, HistoryLimits limits);
  Result<void> begin_file(std::uint64_t number);
  Result<void> write(std::span<const output::SharedAlert> batch);
  bool is_full() const;
  void drop_old(std::uint64_t now) const;

  const std::string directory_;
  const HistoryLimits limits_;
  std::uint64_t last_id_ = 0, number_ = 0;
  std::unique_ptr<File> file_;
};

}  // namespace saker::web
