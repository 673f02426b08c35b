// SPDX-License-Identifier: Apache-2.0
#include "enrich/table.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace saker::enrich {
namespace {

const std::size_t page_bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
// For a process with at least this many images, jumps over several of them pay off.
constexpr std::uint32_t long_chain = 8;
// The maximum that one call of collect() frees or unlinks, so that it stays short; it is more than
// one call of apply() can retire.
constexpr std::size_t most_collected = 8192;
// Groups of retired images whose memory is kept for later ones.
constexpr std::size_t most_spare = 64;
// So many entries before its turn the memory of a retired image is fetched.
constexpr std::size_t ahead = 8;
// The same for pages that one call of trim() gives back.
constexpr unsigned most_trimmed = 512;

// An exited ancestor that takes more than this may get shorter texts.
constexpr std::size_t slim_above = sizeof(Image) + 2 * TextBlock::slim_cmdline;

// The part of an image that unlinking and releasing it need.
void fetch(const Image& image) { __builtin_prefetch(&image.refs, 1); }

// For a number that has one writer at a time: without the cost of an atomic addition.
template <typename T>
void add_to(std::atomic<T>& sum, std::int64_t more) {
  sum.store(sum.load(std::memory_order_relaxed) + static_cast<T>(more), std::memory_order_relaxed);
}

}  // namespace

Result<std::unique_ptr<ProcessTable>> ProcessTable::make(Epochs& epochs, Containers& containers) {
  void* at = ::mmap(nullptr, max_pid * sizeof(Slot), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return Error::from_errno("process table: mmap");
  std::unique_ptr<ProcessTable> table(new ProcessTable(epochs, containers));
  // Zeroed pages are null pointers: an atomic pointer has no other state.
  table->slots_ = static_cast<Slot*>(at);
  std::size_t pages = max_pid * sizeof(Slot) / page_bytes;
  table->used_.resize(pages);
  table->touched_.resize(pages);
  return table;
}

ProcessTable::~ProcessTable() {
  retired_.push_back({0, std::move(fresh_)});
  for (Group& group : retired_) {
    take(group, group.images.size(), [this](const Retired& one) { unlink(one); });
    group.done = 0;
    unlinked_.push_back(std::move(group));
  }
  for (Group& group : unlinked_)
    take(group, group.images.size(),
         [this](const Retired& one) { release(one.image, std::max(one.left, 1u)); });
  each(
      0, [this](Image& image) { release(&image); }, max_pid);
  for (const Left& left : left_) containers_.drop(left.container);
  if (slots_) ::munmap(slots_, max_pid * sizeof(Slot));
}

const Process* ProcessTable::find(std::uint32_t pid, std::uint64_t ts) const {
  if (pid >= max_pid) return nullptr;
  // Pairs with [slot-publish].
  const Image* image = slots_[pid].load(std::memory_order_acquire);
  while (image && image->since > ts) {
    // Pairs with [chain-oldest]: images that are not older than that are not freed before the end
    // of this batch.
    if (image->chain && image->jump_depth >= image->chain->oldest.load(std::memory_order_acquire) &&
        image->jump->since > ts) {
      image = image->jump;
      continue;
    }
    const Image* older = image->prev_image();
    // The earlier images are gone, or were never seen: use the oldest image if it belongs to that
    // process.
    if (!older) return image->start_time <= ts ? image : nullptr;
    image = older;
  }
  if (!image) return nullptr;
  std::uint64_t end = image->exit_ts.load(std::memory_order_relaxed);
  return end && ts > end ? nullptr : image;
}

Image* ProcessTable::alive(std::uint32_t pid) const {
  Image* image = current(pid);
  return image && !image->retired ? image : nullptr;
}

Image* ProcessTable::make_image() {
  Image* image = pool_.take();
  static_cast<ProcessFacts&>(*image) = {};
  add_to(images_, 1);
  return image;
}

Image* ProcessTable::make_copy(const Image& of) {
  Image* image = pool_.take();
  image->copy_from(of);
  add_to(images_, 1);
  return image;
}

// Sets the `jump` of an image to skip as many images as the two previous jumps together. So an
// image is found in a logarithmic number of steps, and publishing one takes a constant number of
// steps.
void ProcessTable::link_in_chain(Image* image, Image* before) {
  image->depth = before->depth + 1;
  if (image->depth < long_chain) return;
  image->chain = before->chain ? before->chain : new Chain;
  image->chain->refs++;
  image->jump = before;
  image->jump_depth = before->depth;
  if (!before->chain) return;
  const std::uint32_t oldest = before->chain->oldest.load(std::memory_order_relaxed);
  if (before->jump_depth < oldest) return;
  const Image* over = before->jump;
  if (!over->chain || over->jump_depth < oldest) return;
  if (before->depth - over->depth != over->depth - over->jump_depth) return;
  image->jump = over->jump;
  image->jump_depth = over->jump_depth;
}

void ProcessTable::publish(Image* image) {
  Image* before = current(image->pid);
  image->prev = before;
  if (before) {
    before->next = image;
    link_in_chain(image, before);
  } else {
    std::size_t page = image->pid * sizeof(Slot) / page_bytes;
    used_[page]++;
    touched_[page] = true;
  }
  add_to(processes_, 1);
  // [slot-publish]: the image is complete.
  slots_[image->pid].store(image, std::memory_order_release);
  if (before) retire(before);
}

// Its epoch is known once collect() has advanced it.
void ProcessTable::leave(Image* image, std::uint32_t left) {
  fresh_.push_back({image, left});
  add_to(retired_count_, 1);
}

void ProcessTable::retire(Image* image) {
  if (image->retired) return;
  image->retired = true;
  add_to(processes_, -1);
  leave(image, 0);
}

// Earlier images were retired earlier, so they are unlinked already.
void ProcessTable::unlink(const Retired& retired) {
  if (retired.left) return;  // the table does not lead to it
  Image* image = retired.image;
  if (Image* next = image->next) {
    // [chain-oldest]: a batch that begins after the image's epoch does not reach it any more.
    if (next->chain) next->chain->oldest.store(image->depth + 1, std::memory_order_release);
    next->prev = nullptr;
    image->next = nullptr;
    return;
  }
  slots_[image->pid].store(nullptr, std::memory_order_relaxed);
  used_[image->pid * sizeof(Slot) / page_bytes]--;
}

void ProcessTable::release(Image* image, std::uint32_t references) {
  for (; image && (image->refs -= references) == 0; references = 1) {
    Image* parent = image->parent_image();
    image->leave_parent();
    if (image->ancestral) add_to(ancestral_, -static_cast<std::int64_t>(image->bytes()));
    leave_container(image);
    pool_.give_back(image);
    add_to(images_, -1);
    image = parent;
  }
}

// Handles the next images of a group, `most` or all, and returns how many.
template <typename Handle>
std::size_t ProcessTable::take(Group& group, std::size_t most, Handle handle) {
  const std::size_t count = std::min(most, group.images.size() - group.done);
  for (std::size_t i = 0; i < count; i++) {
    if (group.done + ahead < group.images.size()) fetch(*group.images[group.done + ahead].image);
    handle(group.images[group.done++]);
  }
  return count;
}

// The table's reference is dropped, or those of children that left.
void ProcessTable::let_go(const Retired& retired) {
  if (retired.left) return release(retired.image, retired.left);
  become_ancestor(retired.image);
  release(retired.image);
}

void ProcessTable::collect() {
  const std::uint64_t done = epochs_.done();
  const auto due = [done](const std::deque<Group>& groups) {
    return !groups.empty() && groups.front().epoch < done;
  };
  std::size_t left = most_collected;
  while (left && due(unlinked_)) {
    Group& group = unlinked_.front();
    const std::size_t taken = take(group, left, [this](const Retired& one) { let_go(one); });
    left -= taken;
    add_to(retired_count_, -static_cast<std::int64_t>(taken));
    if (group.done < group.images.size()) break;
    if (spare_.size() < most_spare) spare_.push_back(std::move(group.images));
    unlinked_.pop_front();
  }
  std::size_t unlinked = 0;
  while (left && due(retired_)) {
    Group& group = retired_.front();
    left -= take(group, left, [this](const Retired& one) { unlink(one); });
    if (group.done < group.images.size()) break;
    group.done = 0;
    unlinked_.push_back(std::move(group));
    unlinked++;
    retired_.pop_front();
  }
  for (; !left_.empty() && left_.front().epoch < done; left_.pop_front())
    containers_.drop(left_.front().container);
  if (unlinked == 0 && fresh_.empty()) return;
  const std::uint64_t now = epochs_.advance();
  for (auto group = unlinked_.rbegin(); unlinked > 0; unlinked--) (group++)->epoch = now;
  if (fresh_.empty()) return;
  retired_.push_back({now, std::move(fresh_)});
  fresh_.clear();
  if (spare_.empty()) return;
  fresh_ = std::move(spare_.back());
  fresh_.clear();
  spare_.pop_back();
}

void ProcessTable::trim() {
  pool_.trim();
  unsigned trimmed = 0;
  for (std::size_t page = 0; page < used_.size() && trimmed < most_trimmed; page++) {
    if (!touched_[page] || used_[page]) continue;
    trimmed++;
    // All pointers are null: a reader cannot distinguish the page from the zero page that replaces
    // it.
    ::madvise(reinterpret_cast<char*>(slots_) + page * page_bytes, page_bytes, MADV_DONTNEED);
    touched_[page] = false;
  }
}

// The parent's reference is dropped when no reader can be following it.
void ProcessTable::forget_parent_of(Image* image) {
  Image* parent = image->parent_image();
  if (!parent) return;
  image->leave_parent();
  leave(parent, 1);
  add_to(forgotten_, 1);
}

// The number of exited ancestors to keep for one process.
unsigned ProcessTable::most_ancestors() const {
  const std::size_t used = ancestral();
  if (used < ancestor_bytes / 2) return max_retired_ancestors;
  if (used < ancestor_bytes / 4 * 3) return 8;
  return used < ancestor_bytes ? 3 : 1;
}

// Keeps `below` exited ancestors up to `image`, which counts itself if it has exited. Not all
// images above are visited, because a chain of living ones may have any length; in such a chain,
// fewer images have exited than live.
void ProcessTable::cut_ancestors(Image* image, unsigned below) {
  const unsigned most = most_ancestors();
  unsigned retired = below, steps = 0;
  for (Image* at = image; at && steps < 2 * max_retired_ancestors;
       at = at->parent_image(), steps++) {
    if (at->retired && ++retired >= most) {
      forget_parent_of(at);
      return;
    }
  }
}

// The table's reference is about to be dropped: the image stays only for its descendants.
void ProcessTable::become_ancestor(Image* image) {
  if (image->refs == 1) return;  // it has no children
  // With more children it stays unchanged, because this runs under the life lock.
  constexpr unsigned many = 1024;
  unsigned children = 0, below = 0;
  for (Image* child = image->child; child && children <= many; child = child->sibling, children++)
    if (child->ancestral) below = std::max(below, child->below + 1u);
  if (children == 0) return;
  image->below = static_cast<std::uint8_t>(std::min(below, 255u));
  image->ancestral = true;
  add_to(ancestral_, static_cast<std::int64_t>(image->bytes()));
  if (children > many) return;
  if (image->below >= most_ancestors()) {
    while (image->child) forget_parent_of(image->child);
    return;
  }
  cut_ancestors(image, image->below);
  if (ancestral() > ancestor_bytes / 4 && image->bytes() > slim_above && image->block() &&
      image->block()->refs == 1)
    slim(image);
}

// A copy with fewer texts replaces the image for all children. Readers of the image itself may
// continue until their batches end.
void ProcessTable::slim(Image* image) {
  Image* copy = make_copy(*image);
  copy->set_text(image->block()->slim());
  copy->exit_ts.store(image->exit_ts.load(std::memory_order_relaxed), std::memory_order_relaxed);
  copy->retired = true;
  copy->settled = image->settled;
  copy->below = image->below;
  join(copy, image->container);
  copy->set_parent(image->parent_image());
  copy->ancestral = true;
  add_to(ancestral_, static_cast<std::int64_t>(copy->bytes()));
  copy->refs = 0;
  std::uint32_t left = 0;
  while (Image* child = image->child) {
    child->move_to_parent(copy);
    left++;
  }
  leave(image, left);
  add_to(shortened_, 1);
}

// The image is the newest of a process that has just begun, with texts of any length. Others lose
// theirs if all together are too long: the oldest first.
void ProcessTable::note_lengthy(const Image& image) {
  if (!image.block() || !image.block()->lengthy) return;
  std::erase(lengthy_, image.pid);
  lengthy_.push_back(image.pid);
  std::size_t used = 0, kept = lengthy_.size();
  for (std::size_t i = lengthy_.size(); i > 0; i--) {
    const Image* now = alive(lengthy_[i - 1]);
    if (!now || !now->block() || !now->block()->lengthy) continue;
    used += now->block()->bytes;
    if (used > lengthy_bytes)
      abridge(*now);
    else
      lengthy_[--kept] = now->pid;
  }
  lengthy_.erase(lengthy_.begin(), lengthy_.begin() + static_cast<std::ptrdiff_t>(kept));
}

// The event of its exec still finds the image with the whole texts.
void ProcessTable::abridge(const Image& image) {
  Image* next = successor(image, image.since + 1);
  next->set_text(image.block()->brief());
  publish(next);
  add_to(abridged_, 1);
}

// A process stays in the container in which it, or its parent, was first seen. A runtime moves
// processes into a container; a process that can move itself out has not thereby left the container
// it was started in.
void ProcessTable::set_container(Image* image, const Image* before) {
  const Image* from = before ? before : image->parent_image();
  if (from && from->container) {
    join(image, from->container);
    return;
  }
  std::optional<CgroupContainer> found = container_of_cgroup(image->program->cgroup);
  if (!found) return;
  // A user may choose the names of groups. A process in the host's mount namespace is not in a
  // container of a user.
  const Image* init = current(1);
  if (found->user && (image->ns_mnt == 0 || (init && init->ns_mnt == image->ns_mnt))) return;
  const Container* container = containers_.hold(*found);
  join(image, container);
  containers_.drop(container);
}

void ProcessTable::join(Image* image, const Container* container) {
  if (!container) return;
  containers_.hold(container);
  image->container = container;
  Image*& first = containers_.images(container);
  image->mate_before = nullptr;
  image->mate = first;
  if (first) first->mate_before = image;
  first = image;
}

void ProcessTable::leave_container(Image* image) {
  const Container* container = image->container;
  if (!container) return;
  if (image->mate) image->mate->mate_before = image->mate_before;
  Image*& first = image->mate_before ? image->mate_before->mate : containers_.images(container);
  first = image->mate;
  containers_.drop(container);
}

// A reader may use the old container: the caller holds it, and calls drop_later() afterwards.
void ProcessTable::turn_container(Image* image, const Container* fresh) {
  leave_container(image);
  join(image, fresh);
  image->verdicts.forget();
}

void ProcessTable::drop_later(const Container* container) {
  if (container) left_.push_back({container, epochs_.advance()});
}

void ProcessTable::settle(Image* image) {
  std::vector<Image*> line;
  for (Image* at = image; at && !at->settled; at = at->parent_image()) {
    at->settled = true;
    line.push_back(at);
  }
  for (; !line.empty(); line.pop_back()) {
    const Image* parent = line.back()->parent_image();
    const Container* old = line.back()->container;
    if (!parent || !parent->container || parent->container == old) continue;
    containers_.hold(old);
    turn_container(line.back(), parent->container);
    drop_later(old);
  }
}

std::uint32_t ProcessTable::settle_containers(std::uint32_t from) {
  return each(from, [this](Image& image) { settle(&image); });
}

void ProcessTable::add(std::unique_ptr<Image> found) {
  if (found->pid == 0 || found->pid >= max_pid) return;
  if (Image* now = alive(found->pid)) {
    bool same = same_start(now->start_time, found->start_time);
    if (same ? now->known : now->start_time > found->start_time) return;
    if (same) {
      // The record that made its number known has the exact times.
      found->start_time = now->start_time;
      found->since = now->since;
    }
  }
  Image* image = make_copy(*found);
  image->set_parent(found->parent ? found->parent_image() : alive(image->ppid));
  set_container(image, nullptr);
  publish(image);
  note_lengthy(*image);
}

std::uint32_t ProcessTable::link_parents(std::uint32_t from) {
  return each(from, [this](Image& image) { link(&image); });
}

void ProcessTable::link_parent(std::uint32_t pid) {
  if (Image* image = alive(pid)) link(image);
}

void ProcessTable::link(Image* image) {
  if (image->parent || image->ppid == 0 || image->ppid == image->pid) return;
  Image* parent = alive(image->ppid);
  if (!parent || parent->start_time > image->start_time) return;
  image->set_parent(parent);
  image->verdicts.forget();
}

void ProcessTable::remove(std::uint32_t pid, std::uint64_t now) {
  Image* image = alive(pid);
  if (!image) return;
  image->exit_ts.store(now, std::memory_order_relaxed);
  retire(image);
}

bool ProcessTable::relink(const Container* old, const Container* fresh) {
  containers_.hold(old);
  for (std::size_t i = 0; i < one_turn && containers_.images(old); i++)
    turn_container(containers_.images(old), fresh);
  drop_later(old);
  return !containers_.images(old);
}

}  // namespace saker::enrich
