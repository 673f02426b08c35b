// SPDX-License-Identifier: Apache-2.0
// Process images and users of a capture that is being replayed, out of the reader's own threads: unlike the records of a
// live host, a capture tells of threads, and of what happened to them, in the way its writer's engine understood it.
// One thread. An image is valid until the next call of at().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "capture/scap_state.h"
#include "enrich/container.h"
#include "enrich/container_json.h"
#include "enrich/process.h"
#include "enrich/users.h"

namespace saker::enrich {

class ScapImages {
 public:
  explicit ScapImages(const capture::scap::State& state);
  ~ScapImages();

  // The image of a thread as it is now, its ancestors linked. Null thread: one of which nothing is known, but the container
  // if that is what the event tells of.
  const Process* at(const capture::scap::Thread* thread, bool tells_container = false);
  // Users and groups as they are known for a thread now: those of its host, or of its container.
  const Users* users(const capture::scap::Thread* thread);

 private:
  struct Entry;
  Entry* refresh(const capture::scap::Thread& thread);
  void rebuild(Entry& entry, const capture::scap::Thread& thread, const capture::scap::Thread* main);
  void add_facts(Entry& entry, const capture::scap::Thread& thread);
  void forget_gone();
  const Container* container(const capture::scap::Thread& thread);
  void read_containers(bool by_this_event);
  void look_again();

  const capture::scap::State& state_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Entry>> entries_;  // by Thread::serial
  ContainerCatalog catalog_;
  std::map<std::string, Container> bare_;  // by id: those that nothing was told of
  std::size_t containers_read_ = 0;
  std::string removed_;                    // by the event at hand
  Process nobody_;                         // its container: the one that the event at hand tells of
  CaptureFacts facts_;  // of the thread last asked for
  Users users_, container_users_;
  std::uint64_t users_at_ = ~std::uint64_t{0};
  std::uint64_t swept_at_ = 0;
};

}  // namespace saker::enrich
