// SPDX-License-Identifier: Apache-2.0
// A process image as its table stores it: with a reference count and the block that holds its
// texts. Only the holder of the life lock makes, counts and frees images.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "enrich/process.h"

namespace saker::enrich {

// The texts of an image, wherever they are stored. argv and env: strings each terminated by NUL,
// except maybe the last one.
struct Text {
  std::string_view comm, exepath, cwd, cgroup, argv, env;
};

struct Image;
struct ImageSlab;

// A program and its texts in one allocation, shared by its images.
struct TextBlock : ProgramFacts {
  std::uint32_t refs = 0;
  std::uint32_t bytes = 0;         // size of the whole block
  bool lengthy = false;            // its arguments or environment are longer than brief_bytes
  TextBlock* short_one = nullptr;  // what brief() returned before

  // The result has one reference, and nothing about the program's file.
  static TextBlock* make(const Text& text);
  static void release(TextBlock* block);
  // What `of` knows about the program's file.
  void take_file(const ProgramFacts& of);
  // A copy with another comm.
  TextBlock* renamed(std::string_view new_comm) const;
  // If it is lengthy, a copy with the first bytes of arguments and environment, the same for each
  // caller; else itself. The result has one more reference.
  static constexpr std::size_t brief_bytes = 4096;
  TextBlock* brief();
  // A copy with only the texts that are needed of an exited ancestor: the names, and the beginning
  // of the command line.
  static constexpr std::size_t slim_cmdline = 256;
  TextBlock* slim() const;
};

// For a process with many images: lets Table::find reach the image of a given time in few steps,
// and says which image is the oldest still linked. Shared by the images; the writer counts
// references.
struct Chain {
  std::uint32_t refs = 0;
  // [chain-oldest]: by depth; readers must not go to older images
  std::atomic<std::uint32_t> oldest{0};
};

// What the table needs of an image. It is beside the facts, so that a change of a process writes
// few lines of memory.
struct ImageState {
  // References: 1 while it can be reached through the table, plus 1 for each image whose parent it
  // is, or was until a moment ago.
  std::uint32_t refs = 1;
  std::uint32_t ancestral = 0;  // bytes it costs if it is only an ancestor; 0: it is more than that
  // if it is only an ancestor: images between it and the nearest descendant that is more
  std::uint32_t below = 0;
  bool retired = false;
  bool settled = false;     // its container agrees with that of its ancestors
  std::uint32_t depth = 0;  // images of this process before it
  std::uint32_t jump_depth = 0;
  Image* jump =
      nullptr;  // an older image, so that a search can skip those in between; only with a chain
  Image* next = nullptr;   // the next newer image, whose `prev` is this one
  Chain* chain = nullptr;  // null: the process has few images
  Image* child = nullptr;  // list of images whose parent it is
  Image* sibling = nullptr;
  Image* elder = nullptr;  // the previous one in that list
  Image* mate = nullptr;   // list of images in the same container
  Image* mate_before = nullptr;
  ImageSlab* slab = nullptr;  // where its memory is; null: it is not in a pool
};

struct alignas(64) Image : ImageState, Process {
  ~Image();
  // Takes over the caller's reference.
  void set_text(TextBlock* text);
  // Copies what it shows; the texts are shared. For an image without texts.
  void copy_from(const Image& other);
  // Makes it a new image, except for what it shows.
  void reset(ImageSlab& home);
  // Null: none.
  TextBlock* block() const {
    return program == &no_program ? nullptr
                                  : const_cast<TextBlock*>(static_cast<const TextBlock*>(program));
  }
  // Drops its references to the texts and the chain.
  void let_go();
  // For an image without a parent; counts the reference.
  void set_parent(Image* image);
  // Removes it from the parent's list. The caller gets the reference and must drop it when no
  // reader can be following it any more.
  void leave_parent();
  // The same, and sets another parent at once.
  void move_to_parent(Image* other);
  Image* parent_image() const {
    return const_cast<Image*>(static_cast<const Image*>(parent.get()));
  }
  Image* prev_image() const { return const_cast<Image*>(static_cast<const Image*>(prev.get())); }

 private:
  void leave_siblings();
};

}  // namespace saker::enrich
