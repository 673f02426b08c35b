// SPDX-License-Identifier: Apache-2.0
#include "enrich/table.h"

#include <sys/mman.h>
#include <unistd.h>

namespace saker::enrich {
namespace {

const std::size_t page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

}  // namespace

Result<std::unique_ptr<Table>> Table::make(Epochs& epochs, Containers& containers) {
  void* at = ::mmap(nullptr, max_pid * sizeof(Slot), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return Error::from_errno("process table: mmap");
  std::unique_ptr<Table> table(new Table(epochs, containers));
  // Zeroed pages are null pointers: an atomic pointer has no other state.
  table->slots_ = static_cast<Slot*>(at);
  std::size_t pages = max_pid * sizeof(Slot) / page_bytes;
  table->used_.resize(pages);
  table->touched_.resize(pages);
  return table;
}

Table::~Table() {
  for (; !retired_.empty(); retired_.pop_front()) {
    if (!retired_.front().unlinked) unlink(retired_.front().image);
    release(retired_.front().image);
  }
  while (live_) {
    Image* image = live_;
    live_ = image->older;
    release(image);
  }
  if (slots_) ::munmap(slots_, max_pid * sizeof(Slot));
}

const Process* Table::find(std::uint32_t pid, std::uint64_t ts) const {
  if (pid >= max_pid) return nullptr;
  // Pairs with [slot-publish].
  const Process* image = slots_[pid].load(std::memory_order_acquire);
  while (image && image->since > ts) {
    const Process* older = image->prev;
    // The images before are gone, or were never seen: the oldest there is serves, if it is of that process.
    if (!older) return image->start_time <= ts ? image : nullptr;
    image = older;
  }
  if (!image) return nullptr;
  std::uint64_t end = image->exit_ts.load(std::memory_order_relaxed);
  return end && ts > end ? nullptr : image;
}

Image* Table::alive(std::uint32_t pid) const {
  Image* image = current(pid);
  return image && !image->retired ? image : nullptr;
}

Image* Table::make_image() {
  images_.fetch_add(1, std::memory_order_relaxed);
  return new Image;
}

void Table::publish(Image* image) {
  Image* before = current(image->pid);
  image->prev = before;
  if (!before) {
    std::size_t page = image->pid * sizeof(Slot) / page_bytes;
    used_[page]++;
    touched_[page] = true;
  }
  image->older = live_;
  if (live_) live_->newer = image;
  live_ = image;
  processes_.fetch_add(1, std::memory_order_relaxed);
  // [slot-publish]: the image is complete.
  slots_[image->pid].store(image, std::memory_order_release);
  if (before) retire(before);
}

void Table::retired_to(Image* image, bool unlinked) {
  retired_.push_back({image, epochs_.now(), unlinked});
  retired_count_.store(retired_.size(), std::memory_order_relaxed);
}

void Table::retire(Image* image) {
  if (image->retired) return;
  image->retired = true;
  if (image->newer) image->newer->older = image->older;
  if (image->older) image->older->newer = image->newer;
  if (live_ == image) live_ = image->older;
  image->older = image->newer = nullptr;
  processes_.fetch_sub(1, std::memory_order_relaxed);
  retired_to(image, false);
}

void Table::unlink(Image* image) {
  Image* at = current(image->pid);
  if (at == image) {
    slots_[image->pid].store(nullptr, std::memory_order_relaxed);
    used_[image->pid * sizeof(Slot) / page_bytes]--;
    return;
  }
  while (at && at->prev.get() != image) at = at->prev_image();
  // Images before it were retired before it, so they are unlinked already.
  if (at) at->prev = nullptr;
}

void Table::release(Image* image) {
  while (image && --image->refs == 0) {
    Image* parent = image->parent_image();
    containers_.drop(image->container);
    containers_.drop(image->replaced_container);
    delete image;
    images_.fetch_sub(1, std::memory_order_relaxed);
    image = parent;
  }
}

void Table::collect() {
  const std::uint64_t done = epochs_.done();
  while (!retired_.empty() && retired_.front().epoch < done) {
    Retired front = retired_.front();
    retired_.pop_front();
    if (front.unlinked) {
      release(front.image);
    } else {
      unlink(front.image);
      retired_to(front.image, true);
    }
  }
  if (!retired_.empty() && retired_.back().epoch == epochs_.now()) epochs_.advance();
  retired_count_.store(retired_.size(), std::memory_order_relaxed);
}

void Table::trim() {
  for (std::size_t page = 0; page < used_.size(); page++) {
    if (!touched_[page] || used_[page]) continue;
    // All null: a reader cannot tell the page from the zero page that takes its place.
    ::madvise(reinterpret_cast<char*>(slots_) + page * page_bytes, page_bytes, MADV_DONTNEED);
    touched_[page] = false;
  }
}

// The parent's reference is dropped when nobody can be on the way over it.
void Table::cut_ancestors(Image* image) {
  unsigned retired = 0;
  for (Image* at = image->parent_image(); at; at = at->parent_image()) {
    if (at->retired && ++retired > max_retired_ancestors) {
      if (Image* beyond = at->parent_image()) {
        at->parent = nullptr;
        retired_to(beyond, true);
      }
      return;
    }
  }
}

void Table::set_container(Image* image, const Image* before) {
  if (before && before->cgroup == image->cgroup && !before->strayed) {
    image->container = before->container;
    containers_.hold(image->container);
    return;
  }
  image->container = containers_.hold(image->cgroup);
  if (image->container || !before || !before->container) return;
  // It left its container's control group, but not its mount namespace: still in the container, whatever it says.
  const Image* init = current(1);
  bool own_mounts = image->ns_mnt && image->ns_mnt == before->ns_mnt &&
                    !(init && init->ns_mnt == image->ns_mnt);
  if (!own_mounts) return;
  image->strayed = true;
  image->container = before->container;
  containers_.hold(image->container);
}

void Table::add(std::unique_ptr<Image> found) {
  if (found->pid == 0 || found->pid >= max_pid) return;
  if (Image* now = alive(found->pid)) {
    bool same = same_start(now->start_time, found->start_time);
    if (same ? now->known : now->start_time > found->start_time) return;
    if (same) {
      // The record that made it known by its number has the exact times.
      found->start_time = now->start_time;
      found->since = now->since;
      found->clone_time = now->clone_time;
    }
  }
  images_.fetch_add(1, std::memory_order_relaxed);
  Image* image = found.release();
  if (!image->parent) image->set_parent(alive(image->ppid));
  set_container(image, nullptr);
  publish(image);
}

void Table::link_parents() {
  for (Image* image = live_; image; image = image->older) {
    if (image->parent || image->ppid == 0 || image->ppid == image->pid) continue;
    Image* parent = alive(image->ppid);
    if (!parent || parent->start_time > image->start_time) continue;
    image->set_parent(parent);
    image->verdicts.forget();
  }
}

void Table::remove(std::uint32_t pid, std::uint64_t now) {
  Image* image = alive(pid);
  if (!image) return;
  image->exit_ts.store(now, std::memory_order_relaxed);
  retire(image);
}

void Table::relink(const Container* old, const Container* fresh) {
  for (Image* image = live_; image; image = image->older) {
    if (image->container.get() != old || image->replaced_container) continue;
    containers_.hold(fresh);
    image->replaced_container = old;
    image->container = fresh;
    image->verdicts.forget();
  }
}

}  // namespace saker::enrich
