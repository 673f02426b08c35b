// SPDX-License-Identifier: Apache-2.0
#include "lang/program.h"

#include <string>
#include <vector>

#include "base/hash.h"
#include "lang/ast.h"
#include "lang/fields.h"

namespace saker::lang::program {
namespace {

// Checks every row and says which row is wrong and why; the first error ends the verification.
class Verifier {
 public:
  explicit Verifier(const Sections& sections) : sections_(sections) {}

  bool run() {
    return rules() && sources() && predicates() && sets() && tests() && events() && probes() &&
           keys() && nodes() && grams();
  }
  const std::string& message() const { return message_; }

 private:
  static bool inside(Slice slice, std::size_t size) {
    return slice.at <= size && slice.count <= size - slice.at;
  }
  static bool power_of_two(std::uint32_t n) { return n != 0 && (n & (n - 1)) == 0; }
  bool text(Slice slice) const { return inside(slice, sections_.text.size()); }

  // Unless `good`, sets a message and returns false.
  bool need(bool good, const char* what, std::size_t row) {
    if (!good && message_.empty()) message_ = std::string(what) + " in row " + std::to_string(row);
    return good;
  }

  bool rules();
  bool sources();
  bool predicates();
  bool predicate(const PredicateRow& row, std::size_t i);
  bool sets();
  bool tests();
  bool code(const TestRow& row, std::size_t i, std::vector<unsigned>& depth);
  bool events();
  bool probes();
  bool keys();
  bool nodes();
  bool grams();

  const Sections& sections_;
  std::string message_;
};

bool Verifier::rules() {
  for (std::size_t i = 0; i < sections_.rules.size(); i++) {
    const RuleRow& row = sections_.rules[i];
    if (!need(text(row.name) && text(row.desc) && text(row.output) && text(row.source),
              "rules: text outside", i) ||
        !need(inside(row.tags, sections_.tags.size()), "rules: tags outside", i) ||
        !need(row.priority <= 7, "rules: no such priority", i) ||
        !need(row.capture <= 1, "rules: capture is neither 0 nor 1", i)) {
      return false;
    }
  }
  for (std::size_t i = 0; i < sections_.tags.size(); i++) {
    if (!need(text(sections_.tags[i]), "tags: text outside", i)) return false;
  }
  return true;
}

bool Verifier::sources() {
  std::vector<unsigned> depth(sections_.sources.size(), 0);
  for (std::size_t i = 0; i < sections_.sources.size(); i++) {
    const SourceRow& row = sections_.sources[i];
    if (!need(row.kind <= SourceRow::transform &&
                  row.transform_kind <= static_cast<unsigned>(Transform::val) &&
                  row.type <= static_cast<unsigned>(FieldType::mode),
              "sources: unknown kind", i) ||
        !need(text(row.name) && text(row.arg), "sources: text outside", i) ||
        !need(inside(row.parts, sections_.parts.size()), "sources: parts outside", i)) {
      return false;
    }
    for (std::uint32_t part : Sections::rows(sections_.parts, row.parts)) {
      if (!need(part < i, "sources: made of a later one", i)) return false;
      depth[i] = std::max(depth[i], depth[part] + 1);
    }
    if (!need(depth[i] < max_nesting, "sources: nested too deeply", i)) return false;
    if (row.kind == SourceRow::field) {
      FieldId id = find_field(sections_.str(row.name));
      if (!need(id != no_field, "sources: unknown field", i)) return false;
    }
  }
  return true;
}

bool Verifier::predicate(const PredicateRow& row, std::size_t i) {
  Op op = static_cast<Op>(row.op);
  bool listed = op == Op::in || op == Op::intersects;
  if (!need(row.op <= static_cast<unsigned>(Op::pmatch) &&
                row.modifier <= static_cast<unsigned>(Modifier::allof) &&
                row.compare <= static_cast<unsigned>(Compare::net),
            "predicates: unknown kind", i) ||
      !need(row.source < sections_.sources.size(), "predicates: source outside", i) ||
      !need(row.right == none || row.right < sections_.sources.size(),
            "predicates: right side outside", i) ||
      !need(row.set == none || row.set < sections_.sets.size(), "predicates: set outside", i) ||
      !need(row.set == none || listed || op == Op::pmatch,
            "predicates: a set for an operator without", i) ||
      !need(op != Op::pmatch || row.right != none || row.set != none,
            "predicates: pmatch without a set", i) ||
      !need(inside(row.literals, sections_.literals.size()), "predicates: literals outside", i)) {
    return false;
  }
  bool bytes = static_cast<Compare>(row.compare) == Compare::address ||
               static_cast<Compare>(row.compare) == Compare::net;
  for (const LiteralRow& literal : Sections::rows(sections_.literals, row.literals)) {
    if (!need(text(literal.text), "literals: text outside, of predicates", i)) return false;
    std::uint32_t size = literal.text.count;
    if (bytes &&
        !need((size == 4 || size == 16) && (static_cast<Compare>(row.compare) == Compare::address ||
                                            literal.number <= size * 8),
              "literals: no address, of predicates", i)) {
      return false;
    }
  }
  return true;
}

bool Verifier::predicates() {
  for (std::size_t i = 0; i < sections_.literals.size(); i++) {
    if (!need(text(sections_.literals[i].text), "literals: text outside", i)) return false;
  }
  for (std::size_t i = 0; i < sections_.predicates.size(); i++) {
    if (!predicate(sections_.predicates[i], i)) return false;
  }
  return true;
}

bool Verifier::sets() {
  for (std::size_t i = 0; i < sections_.sets.size(); i++) {
    const SetRow& row = sections_.sets[i];
    if (!need(inside(row.slots, sections_.slots.size()) && power_of_two(row.slots.count),
              "sets: slots outside", i) ||
        !need(inside(row.patterns, sections_.literals.size()), "sets: patterns outside", i)) {
      return false;
    }
    bool free = false;
    for (const SlotRow& slot : Sections::rows(sections_.slots, row.slots)) {
      free = free || slot.literal == none;
      if (!need(slot.literal == none || slot.literal < sections_.literals.size(),
                "sets: literal outside", i))
        return false;
    }
    if (!need(free, "sets: no free slot", i)) return false;
  }
  return true;
}

bool Verifier::code(const TestRow& row, std::size_t i, std::vector<unsigned>& depth) {
  if (!need(inside(row.what, sections_.steps.size()), "tests: steps outside", i)) return false;
  std::span<const StepRow> steps = Sections::rows(sections_.steps, row.what);
  for (std::size_t at = 0; at < steps.size(); at++) {
    const StepRow& step = steps[at];
    auto ahead = [&](std::uint32_t to) {
      return to >= StepRow::fail || (to > at && to < steps.size());
    };
    if (!need(step.test < i, "steps: a later test, of tests", i) ||
        !need(ahead(step.yes) && ahead(step.no), "steps: no jump ahead, of tests", i)) {
      return false;
    }
    depth[i] = std::max(depth[i], depth[step.test] + 1);
  }
  return need(depth[i] < max_nesting, "tests: nested too deeply", i);
}

bool Verifier::tests() {
  std::vector<unsigned> depth(sections_.tests.size(), 0);
  for (std::size_t i = 0; i < sections_.tests.size(); i++) {
    const TestRow& row = sections_.tests[i];
    if (!need(row.kind <= TestRow::code, "tests: unknown kind", i) ||
        !need(row.bit == none || row.bit < sections_.kept_bits, "tests: bit outside", i)) {
      return false;
    }
    if (row.kind == TestRow::predicate) {
      if (!need(row.what.at < sections_.predicates.size(), "tests: predicate outside", i))
        return false;
    } else if (!code(row, i, depth)) {
      return false;
    }
  }
  return true;
}

bool Verifier::events() {
  if (!need(sections_.events.size() == event_count, "events: wrong number",
            sections_.events.size()))
    return false;
  for (std::size_t i = 0; i < sections_.events.size(); i++) {
    const EventRow& row = sections_.events[i];
    if (!need(inside(row.entries, sections_.entries.size()), "events: entries outside", i) ||
        !need(inside(row.always, sections_.positions.size()), "events: positions outside", i) ||
        !need(inside(row.gates, sections_.gates.size()), "events: gates outside", i) ||
        !need(inside(row.probes, sections_.probes.size()), "events: probes outside", i)) {
      return false;
    }
  }
  for (std::size_t i = 0; i < sections_.gates.size(); i++) {
    const GateRow& row = sections_.gates[i];
    if (!need(
            row.test < sections_.tests.size() && inside(row.positions, sections_.positions.size()),
            "gates: outside", i)) {
      return false;
    }
  }
  for (std::size_t i = 0; i < sections_.entries.size(); i++) {
    const EntryRow& row = sections_.entries[i];
    if (!need(row.rule < sections_.rules.size() && row.test < sections_.tests.size(),
              "entries: outside", i))
      return false;
  }
  return true;
}

bool Verifier::probes() {
  for (std::size_t i = 0; i < sections_.probes.size(); i++) {
    const ProbeRow& row = sections_.probes[i];
    bool good = false;
    switch (row.kind) {
      case ProbeRow::equal: {
        good = inside(row.table, sections_.keys.size()) && power_of_two(row.table.count);
        bool free = false;
        for (std::uint32_t key = 0; good && key < row.table.count; key++) {
          free = free || sections_.keys[row.table.at + key].positions.count == 0;
        }
        good = good && free;
        break;
      }
      case ProbeRow::prefix:
      case ProbeRow::suffix:
        good = inside(row.table, sections_.nodes.size()) && row.table.count > 0;
        break;
      case ProbeRow::within:
        good = inside(row.table, sections_.grams.size()) && power_of_two(row.table.count) &&
               row.table.count > 1 && row.table.count <= 1u << 16;
        break;
    }
    if (!need(good, "probes: table", i) ||
        !need(row.source < sections_.sources.size(), "probes: source outside", i)) {
      return false;
    }
  }
  return true;
}

bool Verifier::keys() {
  for (std::size_t i = 0; i < sections_.keys.size(); i++) {
    const KeyRow& row = sections_.keys[i];
    if (!need(text(row.text) && inside(row.positions, sections_.positions.size()), "keys: outside",
              i))
      return false;
  }
  return true;
}

bool Verifier::nodes() {
  for (std::size_t i = 0; i < sections_.nodes.size(); i++) {
    const NodeRow& row = sections_.nodes[i];
    if (!need(inside(row.edges, sections_.edges.size()) &&
                  inside(row.positions, sections_.positions.size()),
              "nodes: outside", i)) {
      return false;
    }
    for (const EdgeRow& edge : Sections::rows(sections_.edges, row.edges)) {
      if (!need(edge.node > i && edge.node < sections_.nodes.size(), "edges: not ahead, of nodes",
                i))
        return false;
    }
  }
  return true;
}

bool Verifier::grams() {
  for (std::size_t i = 0; i < sections_.grams.size(); i++) {
    if (!need(inside(sections_.grams[i].finds, sections_.finds.size()), "grams: outside", i))
      return false;
  }
  for (std::size_t i = 0; i < sections_.finds.size(); i++) {
    const FindRow& row = sections_.finds[i];
    if (!need(text(row.text) && inside(row.positions, sections_.positions.size()), "finds: outside",
              i) ||
        !need(row.text.count >= 2 && row.offset <= row.text.count - 2, "finds: offset outside",
              i)) {
      return false;
    }
  }
  return true;
}

constexpr std::size_t checked_from = offsetof(Header, checksum) + sizeof(Header::checksum);

template <typename T>
bool map_section(std::span<const std::byte> bytes, const Header& header, SectionId id,
                 std::span<const T>& out) {
  Slice section = header.sections[static_cast<std::size_t>(id)];
  if (section.at % alignof(T) != 0 || section.at > bytes.size()) return false;
  if (section.count > (bytes.size() - section.at) / sizeof(T)) return false;
  out = {reinterpret_cast<const T*>(bytes.data() + section.at), section.count};
  return true;
}

bool map_sections(std::span<const std::byte> bytes, const Header& header, Sections& sections) {
  return map_section(bytes, header, SectionId::text, sections.text) &&
         map_section(bytes, header, SectionId::rules, sections.rules) &&
         map_section(bytes, header, SectionId::tags, sections.tags) &&
         map_section(bytes, header, SectionId::sources, sections.sources) &&
         map_section(bytes, header, SectionId::parts, sections.parts) &&
         map_section(bytes, header, SectionId::predicates, sections.predicates) &&
         map_section(bytes, header, SectionId::literals, sections.literals) &&
         map_section(bytes, header, SectionId::sets, sections.sets) &&
         map_section(bytes, header, SectionId::slots, sections.slots) &&
         map_section(bytes, header, SectionId::tests, sections.tests) &&
         map_section(bytes, header, SectionId::steps, sections.steps) &&
         map_section(bytes, header, SectionId::events, sections.events) &&
         map_section(bytes, header, SectionId::entries, sections.entries) &&
         map_section(bytes, header, SectionId::positions, sections.positions) &&
         map_section(bytes, header, SectionId::probes, sections.probes) &&
         map_section(bytes, header, SectionId::keys, sections.keys) &&
         map_section(bytes, header, SectionId::nodes, sections.nodes) &&
         map_section(bytes, header, SectionId::edges, sections.edges) &&
         map_section(bytes, header, SectionId::grams, sections.grams) &&
         map_section(bytes, header, SectionId::finds, sections.finds) &&
         map_section(bytes, header, SectionId::gates, sections.gates);
}

}  // namespace

std::uint64_t checksum(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(Header)) return 0;
  return hash_bytes(
      {reinterpret_cast<const char*>(bytes.data()) + checked_from, bytes.size() - checked_from});
}

Result<Sections> open(std::span<const std::byte> bytes) {
  Header header;
  if (bytes.size() < sizeof(header))
    return Error{"compiled program: shorter than its header; compile the rules again"};
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != magic)
    return Error{"compiled program: this is not a program; compile the rules again"};
  if (header.version != version || header.header_bytes != sizeof(header)) {
    return Error{"compiled program: made in form " + std::to_string(header.version) +
                 ", this version reads form " + std::to_string(version) +
                 "; compile the rules again"};
  }
  if (header.bytes != bytes.size() || header.checksum != checksum(bytes)) {
    return Error{
        "compiled program: truncated or damaged (size or checksum differ); compile the rules "
        "again"};
  }
  Sections sections;
  sections.match_all = header.match_all != 0;
  sections.kept_bits = header.kept_bits;
  if (sections.kept_bits > most_kept_bits || !map_sections(bytes, header, sections)) {
    return Error{"compiled program: a section is outside the file; compile the rules again"};
  }
  Verifier verifier(sections);
  if (!verifier.run())
    return Error{"compiled program: " + verifier.message() + "; compile the rules again"};
  return sections;
}

}  // namespace saker::lang::program
