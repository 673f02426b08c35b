// SPDX-License-Identifier: Apache-2.0
// Writes a table as a file of Apache Parquet: one row group, a page for each column, each
// compressed by Zstandard, no value absent. Format: github.com/apache/parquet-format; its
// structures are in Thrift's compact protocol. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::output {

enum class ParquetType : std::uint8_t { text, int32, int64 };

struct ParquetColumn {
  // The groups that contain it, the outermost first, and its name: {"finding", "title"}.
  std::vector<std::string> path;
  ParquetType type = ParquetType::text;
  std::vector<std::string> values = {};  // a row each; of numbers: in decimal, else 0
};

// `columns`: at least one, all with the same number of rows. Columns of a group follow each other.
std::string parquet_file(std::span<const ParquetColumn> columns);
// The same for people: a line for each value.
std::string parquet_text(std::span<const ParquetColumn> columns);

}  // namespace saker::output
