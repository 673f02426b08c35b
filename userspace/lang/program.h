// SPDX-License-Identifier: Apache-2.0
// The format of a compiled program: one contiguous block of bytes without pointers, so that it can
// be written to a file, mapped read-only anywhere and used in place. lang/compile.h makes it,
// match/ runs it. A header names the sections; a section is an array of rows of one type; rows
// refer to rows of other sections by index.
//
// Why a forged file is harmless: verify() has checked every index of every row. The code of a test
// jumps only forward, only within itself, and uses only tests with a smaller number, so no run is
// longer than the program.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/error.h"

namespace saker::lang::program {

constexpr std::array<char, 8> magic = {'S', 'A', 'K', 'E', 'R', 'P', 'R', 'G'};
constexpr std::uint32_t version = 6;
constexpr std::uint32_t none = 0xffffffff;
constexpr unsigned event_count = 1152;  // fields::kind_count
constexpr unsigned max_nesting = 2000;  // of tests that use tests
// of all regular expressions; about 16 bytes each
constexpr std::size_t max_regex_steps = 4u << 20;

// `count` rows of a section, from `at` on; for text: bytes.
struct Slice {
  std::uint32_t at = 0, count = 0;
};

struct RuleRow {
  Slice name, desc, output, source;  // text
  Slice tags;                        // rows of tags
  std::uint32_t priority = 7;
  std::uint32_t index = 0;  // in the rule set from which it was compiled
  std::uint32_t capture = 0,
                capture_ms = 0;  // 1: its alerts make a recording; 0 ms: the configured length
};

// Where a value comes from: a field, or a transformer over other sources, all with smaller numbers.
struct SourceRow {
  enum Kind : std::uint8_t { field, constant, list, transform };
  enum Flags : std::uint8_t {
    has_arg = 1,
    process_only = 2,  // depends only on the process image
    views = 4,         // differs between the views of a path
    each = 8,          // several values, one of which must match
    each_ne_all = 16,  // ... but all of them for !=
    list_value = 32    // one value that is a list
  };
  std::uint8_t kind = field;
  std::uint8_t transform_kind = 0;  // fields::Transform
  std::uint8_t type = 0;            // fields::FieldType
  std::uint8_t flags = 0;
  Slice name;   // text: of the field; for a constant: its value
  Slice arg;    // text
  Slice parts;  // rows of parts
};

// How a predicate compares.
enum class Compare : std::uint8_t { text, number, natural, boolean, address, net };

struct PredicateRow {
  std::uint8_t op = 0;        // lang::Op
  std::uint8_t modifier = 0;  // lang::Modifier
  std::uint8_t compare = 0;   // Compare
  std::uint8_t reserved = 0;
  std::uint32_t source = 0;
  // source on the right side; otherwise the literals are the right side
  std::uint32_t right = none;
  std::uint32_t set = none;  // in, intersects, pmatch: row of sets
  Slice literals;
};

// text: a pattern, a string, an address in network order. number: the number; for a network: its
// length in bits.
struct LiteralRow {
  std::uint64_t number = 0;
  Slice text;
};

// Open addressing, linear probing, 2^n slots, never full.
struct SetRow {
  Slice slots;
  // pmatch: literals that are not plain prefixes, tried one by one. For networks: those that are
  // not inside another one, IPv4 first, by address.
  Slice patterns;
};
struct SlotRow {
  std::uint32_t hash = 0;  // upper half
  std::uint32_t literal = none;
};

// A condition whose result is cached during an event: a predicate, or code that uses tests with
// smaller numbers.
struct TestRow {
  enum Kind : std::uint32_t { predicate, code };
  std::uint32_t kind = predicate;
  Slice what;                // predicate: row `at`; code: steps; no steps: always true
  std::uint32_t bit = none;  // number among those cached with the process image
  std::uint32_t views = 0;   // differs between the views of a path
};

struct StepRow {
  static constexpr std::uint32_t hold = 0xffffffff, fail = 0xfffffffe;
  std::uint32_t test = 0;
  std::uint32_t yes = hold,
                no = fail;  // a later step of the same code, counted from its start; or the answer
};

// What to evaluate at an event. The entries are in the order of evaluation.
struct EventRow {
  Slice entries;
  Slice always;  // rows of positions: entries to try whatever the probes find
  Slice gates;   // entries that can be skipped because of a test they share
  Slice probes;
  std::uint32_t views = 0;  // some entry differs between the views
};
struct EntryRow {
  std::uint32_t rule = 0, test = 0;
};
// Entries that can match only if the test has this answer.
struct GateRow {
  std::uint32_t test = 0;
  std::uint32_t answer = 1;
  Slice positions;
};

// Finds entries by a value: all entries that require one of its texts, at once.
struct ProbeRow {
  enum Kind : std::uint32_t { equal, prefix, suffix, within };
  std::uint32_t kind = equal;
  std::uint32_t source = 0;
  // equal: rows of keys, 2^n, never full; prefix, suffix: rows of nodes, root first; within: rows
  // of grams
  Slice table;
  // within: rows of grams
};
struct KeyRow {
  std::uint32_t hash = 0;
  std::uint32_t number = 0;  // 1: compared as `value`, 0: as text
  std::uint64_t value = 0;
  Slice text;
  Slice positions;  // count 0: the slot is free
};
// A trie over bytes. Edges are sorted by byte; an edge leads to a node with a larger number.
struct NodeRow {
  Slice edges, positions;
};
struct EdgeRow {
  std::uint32_t byte = 0, node = 0;
};
// Texts to find anywhere in a value, by two of their bytes: 2^n slots, 0 < n <= 16, each a slice of
// finds.
struct GramRow {
  Slice finds;
};
struct FindRow {
  Slice text;
  std::uint32_t offset = 0;  // of the two bytes in text
  Slice positions;
};
constexpr std::uint32_t gram_slot(std::uint32_t two_bytes, unsigned slot_bits) {
  return two_bytes * 0x9e3779b1u >> (32 - slot_bits);
}

enum class SectionId : std::uint32_t {
  text,
  rules,
  tags,
  sources,
  parts,
  predicates,
  literals,
  sets,
  slots,
  tests,
  steps,
  events,
  entries,
  positions,
  probes,
  keys,
  nodes,
  edges,
  grams,
  finds,
  gates,
  count
};
constexpr std::size_t section_count = static_cast<std::size_t>(SectionId::count);

// Maximum of Header::kept_bits: the matcher has space for this many cached results beside each
// process (match/program.cc checks it).
constexpr std::uint32_t most_kept_bits = 704;

struct Header {
  std::array<char, 8> magic{};
  std::uint32_t version = 0;
  std::uint32_t header_bytes = 0;
  std::uint64_t bytes = 0;                      // of the whole program
  std::uint64_t checksum = 0;                   // hash_bytes of everything after this member
  std::uint32_t match_all = 0;                  // rule_matching
  std::uint32_t kept_bits = 0;                  // TestRow::bit is less than this
  std::array<Slice, section_count> sections{};  // at: byte offset; count: rows
};

// Files contain the rows in this layout: changing any of these sizes needs a new `version`.
static_assert(sizeof(Slice) == 8);
static_assert(sizeof(RuleRow) == 56);
static_assert(sizeof(SourceRow) == 28);
static_assert(sizeof(PredicateRow) == 24);
static_assert(sizeof(LiteralRow) == 16);
static_assert(sizeof(SetRow) == 16);
static_assert(sizeof(SlotRow) == 8);
static_assert(sizeof(TestRow) == 20);
static_assert(sizeof(StepRow) == 12);
static_assert(sizeof(EventRow) == 36);
static_assert(sizeof(EntryRow) == 8);
static_assert(sizeof(GateRow) == 16);
static_assert(sizeof(ProbeRow) == 16);
static_assert(sizeof(KeyRow) == 32);
static_assert(sizeof(NodeRow) == 16);
static_assert(sizeof(EdgeRow) == 8);
static_assert(sizeof(GramRow) == 8);
static_assert(sizeof(FindRow) == 20);
static_assert(sizeof(Header) == 208);
static_assert(offsetof(RuleRow, tags) == 32);
static_assert(offsetof(RuleRow, capture) == 48);
static_assert(offsetof(SourceRow, name) == 4);
static_assert(offsetof(PredicateRow, source) == 4);
static_assert(offsetof(PredicateRow, literals) == 16);
static_assert(offsetof(LiteralRow, text) == 8);
static_assert(offsetof(TestRow, bit) == 12);
static_assert(offsetof(EventRow, views) == 32);
static_assert(offsetof(ProbeRow, table) == 8);
static_assert(offsetof(KeyRow, value) == 8);
static_assert(offsetof(KeyRow, positions) == 24);
static_assert(offsetof(FindRow, positions) == 12);
static_assert(offsetof(Header, bytes) == 16);
static_assert(offsetof(Header, sections) == 40);

// The sections of a program, in place.
struct Sections {
  std::span<const char> text;
  std::span<const RuleRow> rules;
  std::span<const Slice> tags;
  std::span<const SourceRow> sources;
  std::span<const std::uint32_t> parts;
  std::span<const PredicateRow> predicates;
  std::span<const LiteralRow> literals;
  std::span<const SetRow> sets;
  std::span<const SlotRow> slots;
  std::span<const TestRow> tests;
  std::span<const StepRow> steps;
  std::span<const EventRow> events;
  std::span<const EntryRow> entries;
  std::span<const std::uint32_t> positions;
  std::span<const ProbeRow> probes;
  std::span<const KeyRow> keys;
  std::span<const NodeRow> nodes;
  std::span<const EdgeRow> edges;
  std::span<const GramRow> grams;
  std::span<const FindRow> finds;
  std::span<const GateRow> gates;
  bool match_all = false;
  std::uint32_t kept_bits = 0;

  std::string_view str(Slice slice) const { return {text.data() + slice.at, slice.count}; }
  template <typename T>
  static std::span<const T> rows(std::span<const T> section, Slice slice) {
    return {section.data() + slice.at, slice.count};
  }
};

// The value that Header::checksum must have.
std::uint64_t checksum(std::span<const std::byte> bytes);

// Verifies the bytes, which must be aligned to 8 and outlive the sections. The error says what is
// wrong and where.
Result<Sections> open(std::span<const std::byte> bytes);

}  // namespace saker::lang::program
