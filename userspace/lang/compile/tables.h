// SPDX-License-Identifier: Apache-2.0
// The tables of a program while it is built: texts, sources, predicates, literals, sets. Equal
// things share one row, so a test that many rules contain is evaluated once. Used only by the
// compiler.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lang/ast.h"
#include "lang/program.h"

namespace saker::lang {

// The result of compiling a check: a row of predicates, or an answer known at compile time.
struct CompiledCheck {
  enum class Kind : std::uint8_t { predicate, holds, fails } kind = Kind::predicate;
  std::uint32_t predicate = 0;
};

class TableMaker {
 public:
  program::Slice text(std::string_view text);
  // The check as a predicate. Appends to errors() if it cannot be compiled.
  CompiledCheck check(const Expr& check);
  std::uint32_t source(const Operand& operand);

  const std::vector<std::string>& errors() const { return errors_; }

  std::string strings;
  std::vector<program::SourceRow> sources;
  std::vector<std::uint32_t> parts;
  std::vector<program::PredicateRow> predicates;
  std::vector<program::LiteralRow> literals;
  std::vector<program::SetRow> sets;
  std::vector<program::SlotRow> slots;

  std::string_view str(program::Slice slice) const {
    return std::string_view(strings).substr(slice.at, slice.count);
  }

 private:
  std::uint32_t add_source(program::SourceRow row, const std::vector<std::uint32_t>& parts);
  program::Slice add_literals(const std::vector<program::LiteralRow>& rows);
  // The constants on the right side; nothing if one of them is not a value of its type.
  std::optional<std::vector<program::LiteralRow>> constants(const Expr& check,
                                                            program::Compare compare);
  std::optional<program::LiteralRow> constant(const Operand& constant, const Operand& left, Op op,
                                              program::Compare compare);
  std::uint32_t make_set(program::Slice literals, program::Compare compare);
  std::uint32_t make_path_set(program::Slice literals);
  std::uint32_t make_network_set(program::Slice literals);
  std::uint32_t add_set(const std::vector<std::uint32_t>& members, program::Slice patterns,
                        program::Compare compare);
  std::uint32_t intern(program::PredicateRow row);

  std::unordered_map<std::string, program::Slice> text_index_;
  std::unordered_map<std::string, std::uint32_t> source_index_, predicate_index_;
  std::unordered_map<std::string, program::Slice> literal_index_;
  std::unordered_map<std::string, std::uint32_t> set_index_;
  std::vector<std::string> errors_;
};

// How values of a type are compared.
program::Compare compare_of(FieldType type);

// The hash of a literal in sets and keys.
std::uint64_t literal_hash(const program::LiteralRow& literal, program::Compare compare,
                           std::string_view text);

// A path prefix in the form for pmatch: a slash before each component, whether it was absolute or
// not; "/" for a path without components.
std::string clean_prefix(std::string_view path);
bool has_glob(std::string_view text);

}  // namespace saker::lang
