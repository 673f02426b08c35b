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

// A program and its texts in one allocation, shared by its images.
struct TextBlock : ProgramFacts {
  std::uint32_t refs = 0;
  std::uint32_t bytes = 0;         // size of the whole block
  bool lengthy = false;            // its arguments or environment are longer than brief_bytes
  TextBlock* short_one = nullptr;  // what brief() returned before
  TextBlock* base = nullptr;       // where the texts are, but for its directory; null: here

  // The result has one reference, and nothing about the program's file.
  static TextBlock* make(const Text& text);
  static void release(TextBlock* block) {
    if (block && --block->refs == 0) free(block);
  }
  // What `of` knows about the program's file.
  void take_file(const ProgramFacts& of);
  // A copy with another comm.
  TextBlock* renamed(std::string_view new_comm) const;
  // The same texts, but for the working directory; nothing is copied.
  TextBlock* moved(std::string_view new_cwd);
  // Whether that is its working directory, which always ends in '/'.
  bool is_in(std::string_view directory) const {
    return cwd.starts_with(directory) && cwd.size() == directory.size() + !directory.ends_with('/');
  }
  // If it is lengthy, a copy with the first bytes of arguments and environment, the same for each
  // caller; else itself. The result has one more reference.
  static constexpr std::size_t brief_bytes = 4096;
  TextBlock* brief();
  // A copy with only the texts that are needed of an exited ancestor: the names, and the beginning
  // of the command line.
  static constexpr std::size_t slim_cmdline = 256;
  TextBlock* slim() const;

 private:
  static void free(TextBlock* block);
};

// For a process with many images: lets Table::find reach the image of a given time in few steps,
// and says which image is the oldest still linked. Shared by the images; the writer counts
// references.
struct Chain {
  std::uint32_t refs = 0;
  // [chain-oldest]: by depth; readers must not go to older images
  std::atomic<std::uint32_t> oldest{0};
};

// The lists that an image is in.
struct ImageLists {
  Image* jump =
      nullptr;  // an older image, so that a search can skip those in between; only with a chain
  Image* child = nullptr;  // list of images whose parent it is
  Image* sibling = nullptr;
  Image* elder = nullptr;  // the previous one in that list
  Image* mate = nullptr;   // list of images in the same container
  Image* mate_before = nullptr;
};

struct Image : Process, ImageLists {
  ~Image();
  // Takes over the caller's reference.
  void set_text(TextBlock* text);
  // Copies what it shows; the texts are shared. For an image without texts.
  void copy_from(const Image& other) {
    static_cast<ProcessFacts&>(*this) = other;
    program = other.program;
    if (TextBlock* shared = block()) shared->refs++;
  }
  // Makes it a new image, except for what it shows.
  void reset() {
    static_cast<TableState&>(*this) = {};
    static_cast<ImageLists&>(*this) = {};
    container = nullptr;
    parent = nullptr;
    prev = nullptr;
    exit_ts.store(0, std::memory_order_relaxed);
    verdicts.renew();
  }
  // Null: none.
  TextBlock* block() const {
    return program == &no_program ? nullptr
                                  : const_cast<TextBlock*>(static_cast<const TextBlock*>(program));
  }
  // The memory that it and its texts take.
  std::size_t bytes() const { return sizeof *this + (block() ? block()->bytes : 0); }
  // Drops its references to the texts and the chain.
  void let_go() {
    TextBlock::release(block());
    program = &no_program;
    if (chain && --chain->refs == 0) delete chain;
    chain = nullptr;
  }
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
// Hundreds of thousands are made in one batch.
static_assert(sizeof(Image) == 256);

}  // namespace saker::enrich
