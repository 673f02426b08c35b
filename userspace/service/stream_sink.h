// SPDX-License-Identifier: Apache-2.0
// A recording for a client of the control socket. For the recording thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "run/tap.h"
#include "service/control.h"

namespace saker::service {

class StreamSink final : public run::TapSink {
 public:
  // `control` must outlive it. `lost_records`: how many records the rings have lost until now; any
  // thread.
  StreamSink(ControlServer& control, std::uint64_t client,
             std::function<std::uint64_t()> lost_records)
      : control_(control),
        client_(client),
        lost_records_(std::move(lost_records)),
        lost_before_(lost_records_()) {}

  bool take(std::string_view block, const recording::BlockHead&) override {
    return control_.give(client_, block);
  }
  void end(const run::TapTotals& totals) override {
    const std::uint64_t lost = totals.lost + lost_records_() - lost_before_;
    control_.give_last(client_, "{\"end\":true,\"events\":" + std::to_string(totals.events) +
                                    ",\"lost\":" + std::to_string(lost) + "}");
  }

 private:
  ControlServer& control_;
  const std::uint64_t client_;
  const std::function<std::uint64_t()> lost_records_;
  const std::uint64_t lost_before_;
};

}  // namespace saker::service
