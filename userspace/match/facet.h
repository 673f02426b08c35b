// SPDX-License-Identifier: Apache-2.0
// Parts of an event that decide tests by themselves and come again and again: who acted, on which
// path, with which peer, and what is being executed. For each: which sources it decides, and its
// value as a key. Constant once made; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lang/program.h"
#include "match/event.h"
#include "match/scratch.h"

namespace saker::match {

// process: the image with its ancestors and container, at any event but exec. path: the paths of a
// call in both views, the kind of file, how it is opened and what came of it. program: at exec, the
// names of the program and of its ancestors, its file's kind, the container and the user. command:
// all that and the command line with its directory. socket: its kind and state, and what came of
// the call. connection: all that, both addresses and the server's port.
enum class Facet : std::uint8_t { process, path, program, command, socket, connection };
constexpr std::size_t facet_count = 6;
constexpr std::uint8_t bit(Facet facet) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(facet));
}

// Of a program: which facets, as bits, decide a predicate or a test by themselves, and which decide
// something in a test.
struct FacetCover {
  std::vector<std::uint8_t> sources, predicates, tests, touched;
  static constexpr std::size_t most_steps = 1 << 20;
  std::size_t deepest = 0;  // steps of a test and of those it asks, at most

  explicit FacetCover(const lang::program::Image& image);
};

// What the facets say of the entries of one type of event.
struct FacetPlan {
  std::uint8_t useful = 0;  // facets worth a look, as bits
  std::array<std::vector<std::uint64_t>, facet_count>
      unsought;  // of many entries: those that no probe of the facet finds

  // `type`: of the event.
  FacetPlan(const lang::program::Image& image, const FacetCover& cover, std::uint16_t type);
};
constexpr std::uint32_t many_entries = 256;

// What an event's paths are made of, looked up once: nothing is cleaned that need not be. None
// where the event's origin does not look at the record's.
class EventPaths {
 public:
  struct Path {
    bool is_named = false;      // the record has what the caller passed
    bool same = false;          // which is what the kernel resolved
    std::string_view name;      // as passed
    std::string_view base;      // of a relative name: where it begins
    std::string_view resolved;  // empty: the kernel resolved nothing
  };

  EventPaths(const Event& event, Scratch& scratch);
  std::span<const Path> paths() const { return {paths_.data(), count_}; }
  bool views_differ() const { return differ_; }

 private:
  std::array<Path, 2> paths_;
  std::size_t count_ = 0;
  bool differ_ = false;
};

// The key of a facet at an event. Empty where it has none, or one longer than `room`. An origin
// that makes keys itself calls begin(), then put() and the like, then whole(); it makes none where
// one of them says that it does not fit.
class FacetKey {
 public:
  static constexpr std::size_t path_room = 264, program_room = 248, command_room = 504;

  void begin() { used_ = 0; }
  bool fits(std::size_t size, std::size_t room) const { return used_ + size <= room; }
  // Must fit.
  void put(const void* bytes, std::size_t size);
  void put(std::uint64_t word) { put(&word, sizeof(word)); }
  // Of a number that matters only where it is negative or zero.
  void put_sign(std::int64_t number) {
    put(static_cast<std::uint64_t>(std::min<std::int64_t>(number, 1)));
  }
  // With its length. False: it does not fit.
  bool put_text(std::string_view text, std::size_t room);
  std::string_view whole() const { return {bytes_, used_}; }

  std::string_view process(const Event& event);
  std::string_view path(const Event& event, const EventPaths& paths, Scratch& scratch);
  std::string_view program(const Event& event);
  std::string_view command(const Event& event);
  std::string_view socket(const Event& event, Scratch& scratch);
  std::string_view connection(const Event& event, Scratch& scratch);

 private:
  bool put_program(const Event& event, std::size_t room);

  alignas(8) char bytes_[512];
  std::size_t used_ = 0;
  std::uint32_t ancestors_ = 0;  // of the program in it
};

}  // namespace saker::match
