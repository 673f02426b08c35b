// SPDX-License-Identifier: Apache-2.0
#include "run/process_samples.h"

#include <algorithm>
#include <string_view>

#include "enrich/container.h"

namespace saker::run {
namespace {

template <std::size_t Size>
void keep(char (&to)[Size], std::string_view text) {
  const std::size_t length = std::min(text.size(), Size - 1);
  text.copy(to, length);
  to[length] = 0;
}

}  // namespace

void ProcessSamples::note(const enrich::Process& process, std::uint64_t cycles,
                          std::uint32_t weight) {
  // Somebody reads: the sample is less by one.
  std::unique_lock guard(lock_, std::try_to_lock);
  if (!guard) return;
  auto at = std::ranges::find(kept_, process.pid, &Kept::pid);
  if (at == kept_.end()) {
    at = std::ranges::min_element(kept_, {}, &Kept::rank);
    *at = {.pid = process.pid, .rank = at->rank};
  }
  // A process may have become another program.
  keep(at->comm, process.program->comm);
  if (const enrich::Container* container = process.container.get())
    keep(at->container, container->id);
  at->events += weight;
  at->cycles += cycles * weight;
  at->rank += weight;
}

void ProcessSamples::forget() {
  std::lock_guard guard(lock_);
  kept_ = {};
}

std::vector<ProcessSamples::Row> ProcessSamples::rows() const {
  std::vector<Row> out;
  std::lock_guard guard(lock_);
  for (const Kept& kept : kept_)
    if (kept.events != 0)
      out.push_back({kept.pid, kept.comm, kept.container, kept.events, kept.cycles});
  return out;
}

}  // namespace saker::run
