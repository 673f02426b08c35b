// SPDX-License-Identifier: Apache-2.0
// A process image as its table keeps it: with the number of those who need it and the block its
// texts lie in. Only the holder of the life lock makes, counts and frees images.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "enrich/process.h"

namespace saker::enrich {

// The texts of an image, wherever they lie. argv and env: strings each closed by a NUL, the last
// one maybe not.
struct Text {
  std::string_view comm, exepath, cwd, cgroup, argv, env;
};

// Texts in one allocation, shared by the images of one program.
struct TextBlock {
  std::uint32_t refs = 0;
  std::uint32_t bytes = 0;  // of all of it
  std::string_view comm, exe, exepath, cwd, cgroup, cmdline;
  std::span<const std::string_view> args, env;

  // refs is 1.
  static TextBlock* make(const Text& text);
  static void release(TextBlock* block);
  // A copy under another comm.
  TextBlock* renamed(std::string_view new_comm) const;
  // A copy of what is asked of an ancestor that has exited: the names, and the command line's
  // begin.
  static constexpr std::size_t slim_cmdline = 256;
  TextBlock* slim() const;
};

// Of a process with many images: they are found by their time in few steps (Table::find), and where
// the oldest that is still linked is, is known. Shared by the images; counted by the writer.
struct Chain {
  std::uint32_t refs = 0;
  std::atomic<std::uint32_t> oldest{0};  // [chain-oldest]: by depth; nothing older may be gone to
};

struct Image : Process {
  // By whom it is needed: 1 while it can be reached through the table, 1 for each image whose
  // parent it is, or was until a moment ago.
  std::uint32_t refs = 1;
  std::uint32_t ancestral = 0;  // bytes it costs as nothing but an ancestor; 0: it is more
  std::uint32_t below = 0;      // then: images between it and the nearest descendant that is more
  bool retired = false;
  bool settled = false;     // its container agrees with that of its ancestors
  std::uint32_t depth = 0;  // images of this process before it
  std::uint32_t jump_depth = 0;
  Image* jump =
      nullptr;  // an image further back, by which `prev` is passed over; only with a chain
  Image* next = nullptr;   // the image after it, whose `prev` it is
  Chain* chain = nullptr;  // null: of few images
  TextBlock* block = nullptr;
  const Container* replaced_containers[2] = {};  // it was turned from; held as long as the image
  Image* child = nullptr;                        // whose parent it is, a list
  Image* sibling = nullptr;
  Image* elder = nullptr;  // before it in that list
  Image* older = nullptr;  // list of those that are not retired
  Image* newer = nullptr;

  ~Image();
  // Takes over the caller's reference.
  void set_text(TextBlock* text);
  // Everything but links, times and verdicts, sharing the texts.
  void copy_from(const Image& other);
  // Of an image that has none; counts it.
  void set_parent(Image* image);
  // The parent does not know it any more; the reference is the caller's, to be dropped when no
  // reader can be on the way over it.
  void leave_parent();
  // Likewise, for another one at once.
  void move_to_parent(Image* other);
  Image* parent_image() const {
    return const_cast<Image*>(static_cast<const Image*>(parent.get()));
  }
  Image* prev_image() const { return const_cast<Image*>(static_cast<const Image*>(prev.get())); }

 private:
  void leave_siblings();
};

}  // namespace saker::enrich
