// SPDX-License-Identifier: Apache-2.0
// Process images and users of a capture that is being replayed, from the reader's threads. Unlike
// the records of a live host, a capture describes threads and their changes in the way its writer's
// engine understood them. One thread. An image is valid until the next call of at().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "enrich/container.h"
#include "enrich/container_json.h"
#include "enrich/process.h"
#include "enrich/users.h"
#include "scap/state/state.h"

namespace saker::scap {

class ThreadImages final : public enrich::FactsSource {
 public:
  explicit ThreadImages(const CaptureState& state);
  ~ThreadImages();

  // The current image of a thread, with its ancestors linked. Null thread: an unknown one; only the
  // container may be known, if the event describes it.
  const enrich::Process* at(const Thread* thread, bool tells_container = false);
  // Of the last thread asked for.
  const enrich::CaptureFacts& facts() const override;
  // Users and groups as known for a thread now: those of its host, or of its container. After a
  // change they are at another address, so that a cached pointer shows the change.
  const enrich::Users* users(const Thread* thread);

 private:
  struct Entry;
  Entry* refresh(const Thread& thread);
  void rebuild(Entry& entry, const Thread& thread, const Thread* main);
  void forget_gone();
  const enrich::Container* container(const Thread& thread);
  void read_containers(bool by_this_event);
  void look_again();

  const CaptureState& state_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Entry>> entries_;  // by Thread::serial
  enrich::ContainerCatalog catalog_;
  std::map<std::string, enrich::Container> bare_;  // by id: those without metadata
  std::size_t containers_read_ = 0;
  std::string removed_;     // by the current event
  enrich::Process nobody_;  // its container: the one that the current event describes
  // Of the last thread asked for; its facts are made on demand.
  const Entry* entry_ = nullptr;
  const Thread* thread_ = nullptr;
  mutable bool facts_made_ = false;
  mutable enrich::CaptureFacts facts_;
  enrich::Users users_[2], container_users_;
  unsigned users_now_ = 0;  // which of the two
  std::uint64_t users_at_ = ~std::uint64_t{0};
  std::uint64_t swept_at_ = 0;
};

}  // namespace saker::scap
