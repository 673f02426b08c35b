// SPDX-License-Identifier: Apache-2.0
// All processes, by their number in the initial pid namespace. One writer at a time (the thread
// that holds the life lock); any number of drain threads read without a lock during their batches.
//
// Lifetime of an image. It is retired when its process exits or gets a newer image. This has two
// steps, each after every drain thread has begun and ended a batch (epochs.h). First the image is
// unlinked, from its slot or from the `prev` of the next newer image. Then the table drops its
// reference. Images that have it as parent also hold references, so an ancestor stays readable as
// long as a descendant does; it is freed with the last of them. An exited image that is only an
// ancestor costs only memory. The more memory all of these use together, the less is kept of each
// (in the end its names and the beginning of its command line), and the fewer generations are kept
// for each process.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "decode/record.h"
#include "enrich/containers.h"
#include "enrich/epochs.h"
#include "enrich/image.h"
#include "enrich/image_pool.h"

namespace saker::enrich {

class ProcessTable {
 public:
  // The kernel never uses a larger number (PID_MAX_LIMIT).
  static constexpr std::uint32_t max_pid = 4u << 20;
  // Retired ancestors kept for one process: limits a chain of forks in which each parent exits.
  static constexpr unsigned max_retired_ancestors = 32;
  // Memory for all exited ancestors together; beyond it a process keeps only its parent.
  static constexpr std::size_t ancestor_bytes = 8u << 20;

  // Memory for arguments and environments that are longer than TextBlock::brief_bytes, of all
  // processes together; beyond it only the processes that began last have them whole.
  static constexpr std::size_t lengthy_bytes = 8u << 20;

  // Both must outlive the table. Fails if there is no address space.
  static Result<std::unique_ptr<ProcessTable>> make(Epochs& epochs, Containers& containers);
  ~ProcessTable();

  // Readers, during a batch. The image that was valid at `ts`; null if the process is unknown.
  const Process* find(std::uint32_t pid, std::uint64_t ts) const;

  // Writer. Applies a record of lane LIFE. The result is the image to match the record against;
  // null if its process is unknown. A record may come twice, or after a scan that has already seen
  // its effect.
  const Process* apply(const decode::Record& record);
  // Writer. Adds a process found in /proc, unless a record has described it already.
  void add(std::unique_ptr<Image> image);
  // Writer. Links the image of a process whose parent was not in the table yet.
  void link_parent(std::uint32_t pid);
  // Writer. The same for all of them, in turns like each(); afterwards settle_containers(): a
  // descendant of a process in a container is in that container, as if its fork had been seen.
  std::uint32_t link_parents(std::uint32_t from);
  std::uint32_t settle_containers(std::uint32_t from);
  // Writer. Call it before reading a process in /proc; afterwards the result says whether a record
  // arrived that may be newer.
  void watch(std::uint32_t pid) {
    watched_ = pid;
    watched_changed_ = false;
  }
  bool watched_changed() const { return watched_changed_; }
  // Writer. The newest image of a process that has not exited; null if there is none.
  const Process* newest(std::uint32_t pid) const { return alive(pid); }
  // Writer. The process is gone, but no record said so.
  void remove(std::uint32_t pid, std::uint64_t now);
  // Writer. Replaces `old` by `fresh` in all images, in turns like each(): true when none is left.
  bool relink(const Container* old, const Container* fresh);
  // Writer. Unlinks and frees images that no reader can reach any more. Call it after each round of
  // apply().
  void collect();
  // Writer. Gives back the memory of slots that are empty now and of freed images, a part of it
  // each time.
  void trim();

  // Writer. Visits the newest image of each living process from number `from` on, of about `most`
  // processes. Returns the number to go on with, in another turn of the lock; at the end max_pid.
  static constexpr std::size_t one_turn = 1024;
  template <typename Visit>
  std::uint32_t each(std::uint32_t from, Visit visit, std::size_t most = one_turn) const {
    const std::uint32_t slots = max_pid / static_cast<std::uint32_t>(used_.size());
    std::size_t visited = 0;
    while (from < max_pid && visited < most) {
      const std::uint32_t page = from / slots;
      const std::uint32_t end = (page + 1) * slots;
      for (; used_[page] && from < end; from++)
        if (Image* image = alive(from)) visit(*image), visited++;
      from = end;
    }
    return from;
  }

  // Any thread.
  std::size_t processes() const { return processes_.load(std::memory_order_relaxed); }
  std::size_t images() const { return images_.load(std::memory_order_relaxed); }
  std::size_t retired() const { return retired_count_.load(std::memory_order_relaxed); }
  // Memory used by exited ancestors; how many lost their long texts to save memory, and how many
  // descendants lost the ancestors above.
  std::size_t ancestral() const { return ancestral_.load(std::memory_order_relaxed); }
  std::uint64_t shortened() const { return shortened_.load(std::memory_order_relaxed); }
  std::uint64_t forgotten() const { return forgotten_.load(std::memory_order_relaxed); }
  // How many processes lost the rest of long arguments.
  std::uint64_t abridged() const { return abridged_.load(std::memory_order_relaxed); }

 private:
  using Slot = std::atomic<Image*>;
  // An image that left the table and will be unlinked and then released; or an image that children
  // have left, whose references will be dropped.
  struct Retired {
    Image* image;
    std::uint32_t left;  // number of children that left; 0: the table's own reference
  };
  // Images that were retired, or unlinked, between two calls of collect().
  struct Group {
    std::uint64_t epoch = 0;
    std::vector<Retired> images;
    std::size_t done = 0;  // number of those that collect() has dealt with
  };

  ProcessTable(Epochs& epochs, Containers& containers) : epochs_(epochs), containers_(containers) {}
  Image* current(std::uint32_t pid) const {
    return pid < max_pid ? slots_[pid].load(std::memory_order_relaxed) : nullptr;
  }
  Image* alive(std::uint32_t pid) const;
  Image* at(std::uint32_t pid, std::uint64_t ts) const;
  Image* make_image();
  Image* make_copy(const Image& of);
  // The next image of the same process; not published yet.
  Image* successor(const Image& before, std::uint64_t ts);
  void publish(Image* image);
  void retire(Image* image);
  void unlink(const Retired& retired);
  void release(Image* image, std::uint32_t references = 1);
  void forget_parent_of(Image* image);
  unsigned most_ancestors() const;
  void cut_ancestors(Image* image, unsigned below);
  void become_ancestor(Image* image);
  void slim(Image* image);
  void note_lengthy(const Image& image);
  void abridge(const Image& image);
  void link(Image* image);
  void link_in_chain(Image* image, Image* before);
  void set_container(Image* image, const Image* before);
  // The process is in the container, or in none.
  void join(Image* image, const Container* container);
  void leave_container(Image* image);
  void turn_container(Image* image, const Container* fresh);
  void drop_later(const Container* container);
  void settle(Image* image);
  void leave(Image* image, std::uint32_t left);
  template <typename Handle>
  static std::size_t take(Group& group, std::size_t most, Handle handle);
  void let_go(const Retired& retired);

  const Process* apply_exec(const decode::Record& record);
  const Process* apply_fork(const decode::Record& record);
  const Process* apply_exit(const decode::Record& record);
  const Process* apply_cred(const decode::Record& record);
  const Process* apply_ns(const decode::Record& record);
  const Process* apply_simple(const decode::Record& record);
  const Process* move(Image& before, const decode::Record& record);
  const Process* limit(Image& before, const decode::Record& record);
  const Process* regroup(Image* caller, const decode::Record& record);

  Epochs& epochs_;
  Containers& containers_;
  Slot* slots_ = nullptr;            // mapped; a page costs memory once a process in it was seen
  std::vector<std::uint16_t> used_;  // by page of slots_: number of non-null slots
  std::vector<bool> touched_;        // by page: whether it may cost memory
  ImagePool pool_;
  std::vector<Retired> fresh_;               // retired since the last collect()
  std::deque<Group> retired_, unlinked_;     // the others
  std::vector<std::vector<Retired>> spare_;  // memory of groups that are gone
  // Containers that images were redirected from: a reader may still use them.
  struct Left {
    const Container* container;
    std::uint64_t epoch;
  };
  std::deque<Left> left_;
  std::vector<std::uint32_t> lengthy_;  // processes whose texts may be lengthy, the newest last
  std::uint32_t watched_ = 0;
  bool watched_changed_ = false;
  std::atomic<std::size_t> processes_{0}, images_{0}, retired_count_{0}, ancestral_{0};
  std::atomic<std::uint64_t> shortened_{0}, forgotten_{0}, abridged_{0};
};

// Whether two start times can belong to the same process: /proc shows them in ticks of 10 ms.
inline bool same_start(std::uint64_t a, std::uint64_t b) {
  return a / 10'000'000 == b / 10'000'000;
}

}  // namespace saker::enrich
