// SPDX-License-Identifier: Apache-2.0
// Every process there is, by its number in the initial pid namespace. One writer at a time (the
// thread that holds the life lock); any number of drain threads look up without a lock, during
// their batches.
//
// How long an image lives. It is retired when its process exits or gets a newer image. In two
// steps, each after every drain thread has begun and ended a batch (epochs.h): first it is
// unlinked, from its slot or from the `prev` of the image after it; then the table's reference is
// dropped. Images that have it as parent hold references too, so an ancestor stays readable as long
// as a descendant does; it is freed with the last of them. One that has exited and is only an
// ancestor costs nothing but memory: the more all such take, the less is kept of each, at last its
// names and the begin of its command line, and the fewer generations of them of each process.
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

namespace saker::enrich {

class Table {
 public:
  // The kernel gives no number above this (PID_MAX_LIMIT).
  static constexpr std::uint32_t max_pid = 4u << 20;
  // Retired ancestors kept for one process: a chain of forks that outlive their parents cannot grow
  // without limit.
  static constexpr unsigned max_retired_ancestors = 32;
  // What ancestors that have exited may take together before a process keeps no more than its
  // parent.
  static constexpr std::size_t ancestor_bytes = 8u << 20;

  // Both must outlive the table. The error: no address space.
  static Result<std::unique_ptr<Table>> make(Epochs& epochs, Containers& containers);
  ~Table();

  // Readers, during a batch. The image that held at `ts`; null if the process is not known.
  const Process* find(std::uint32_t pid, std::uint64_t ts) const;

  // Writer. A record of lane LIFE takes effect; the result is the image it is to be matched
  // against, null if its process is not known. Records may come twice or after a scan that saw
  // their effect already.
  const Process* apply(const decode::Record& record);
  // Writer. A process that was found in /proc: takes effect unless a record described it already.
  // Images whose parent was not there yet are linked by link_parents().
  void add(std::unique_ptr<Image> image);
  void link_parents();
  // Likewise of one process.
  void link_parent(std::uint32_t pid);
  // Writer. Who reads a process in /proc says so before, and asks behind whether a record came that
  // may be newer.
  void watch(std::uint32_t pid) {
    watched_ = pid;
    watched_changed_ = false;
  }
  bool watched_changed() const { return watched_changed_; }
  // Writer. The newest image of a process that has not ended, null if there is none.
  const Process* newest(std::uint32_t pid) const { return alive(pid); }
  // Writer. The process has gone without a record.
  void remove(std::uint32_t pid, std::uint64_t now);
  // Writer. `fresh` takes the place of `old` in every image whose events may still come.
  void relink(const Container* old, const Container* fresh);
  // Writer. Unlinks and frees what no reader can reach any more. To be called after every bout of
  // apply().
  void collect();
  // Writer. Gives back the memory of slots that have become empty.
  void trim();

  // Writer. Living processes, newest image each.
  template <typename Visit>
  void each(Visit visit) const {
    for (const Image* i = live_; i;) {
      const Image* next = i->older;
      visit(*i);
      i = next;
    }
  }

  // Any thread.
  std::size_t processes() const { return processes_.load(std::memory_order_relaxed); }
  std::size_t images() const { return images_.load(std::memory_order_relaxed); }
  std::size_t retired() const { return retired_count_.load(std::memory_order_relaxed); }
  // What ancestors that have exited take; how many lost their long texts to save memory, and how
  // many descendants lost what was above them.
  std::size_t ancestral() const { return ancestral_.load(std::memory_order_relaxed); }
  std::uint64_t shortened() const { return shortened_.load(std::memory_order_relaxed); }
  std::uint64_t forgotten() const { return forgotten_.load(std::memory_order_relaxed); }

 private:
  using Slot = std::atomic<Image*>;
  // An image that left the table, to be unlinked and then released; or one that children have left,
  // whose references are to be dropped.
  struct Retired {
    Image* image;
    std::uint64_t epoch;
    bool unlinked;
    std::uint32_t left = 0;  // by so many children; 0: the table's reference
  };

  Table(Epochs& epochs, Containers& containers) : epochs_(epochs), containers_(containers) {}
  Image* current(std::uint32_t pid) const {
    return pid < max_pid ? slots_[pid].load(std::memory_order_relaxed) : nullptr;
  }
  Image* alive(std::uint32_t pid) const;
  Image* at(std::uint32_t pid, std::uint64_t ts) const;
  Image* make_image();
  // The next image of the same process; not published yet.
  Image* successor(const Image& before, std::uint64_t ts);
  void publish(Image* image);
  void retire(Image* image);
  void unlink(Image* image);
  void release(Image* image, std::uint32_t references = 1);
  void forget_parent_of(Image* image);
  unsigned most_ancestors() const;
  void cut_ancestors(Image* image, unsigned below);
  void become_ancestor(Image* image);
  void slim(Image* image);
  void link(Image* image);
  void link_in_chain(Image* image, Image* before);
  void set_container(Image* image, const Image* before);
  void turn_container(Image* image, const Container* fresh);
  void settle_containers();
  void retired_to(Image* image, bool unlinked, std::uint32_t left = 0);

  const Process* apply_exec(const decode::Record& record);
  const Process* apply_fork(const decode::Record& record);
  const Process* apply_exit(const decode::Record& record);
  const Process* apply_cred(const decode::Record& record);
  const Process* apply_ns(const decode::Record& record);

  Epochs& epochs_;
  Containers& containers_;
  Slot* slots_ = nullptr;  // mapped; a page of it costs memory once a process in it was seen
  std::vector<std::uint16_t> used_;  // by page of slots_: how many are not null
  std::vector<bool> touched_;        // by page: may cost memory
  Image* live_ = nullptr;
  std::deque<Retired> retired_;
  std::uint32_t watched_ = 0;
  bool watched_changed_ = false;
  std::size_t fresh_ = 0;  // the last ones of them, retired since the last collect()
  std::atomic<std::size_t> processes_{0}, images_{0}, retired_count_{0}, ancestral_{0};
  std::atomic<std::uint64_t> shortened_{0}, forgotten_{0};
};

// Whether two start times can be of one process: /proc has them in ticks of 10 ms.
inline bool same_start(std::uint64_t a, std::uint64_t b) {
  return a / 10'000'000 == b / 10'000'000;
}

}  // namespace saker::enrich
