// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/parquet.h"

#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/little_endian.h"
#include "output/escape.h"

namespace saker::output {
namespace {

constexpr std::string_view magic = "PAR1";
constexpr int zstd_level = 3;
// Values of parquet.thrift.
constexpr int type_int32 = 1, type_int64 = 2, type_byte_array = 6;
constexpr int required = 0, utf8 = 0, plain = 0, rle = 3, zstd = 6, data_page = 0;

// Structures in Thrift's compact protocol: a field's header has the distance from the number of the
// field before it.
class Thrift {
 public:
  explicit Thrift(std::string& out) : out_(out) {}

  void i32(int field, std::int64_t value) { number(field, 5, value); }
  void i64(int field, std::int64_t value) { number(field, 6, value); }
  void text(int field, std::string_view value) {
    header(field, 8);
    bytes(value);
  }
  template <typename Members>
  void structure(int field, const Members& members) {
    header(field, 12);
    nested(members);
  }
  template <typename Row, typename Members>
  void structures(int field, std::span<const Row> rows, const Members& members) {
    list(field, 12, rows.size());
    for (const Row& row : rows) nested([&] { members(row); });
  }
  void numbers(int field, std::span<const int> values) {
    list(field, 5, values.size());
    for (const int value : values) zigzag(value);
  }
  void texts(int field, std::span<const std::string> values) {
    list(field, 8, values.size());
    for (const std::string& value : values) bytes(value);
  }
  void end() { out_ += '\0'; }

 private:
  void byte(std::uint64_t value) { out_ += static_cast<char>(value); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte((value & 0x7f) | 0x80);
    byte(value);
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void bytes(std::string_view value) {
    varint(value.size());
    out_ += value;
  }
  void header(int field, unsigned type) {
    byte(static_cast<unsigned>(field - last_) << 4 | type);
    last_ = field;
  }
  void number(int field, unsigned type, std::int64_t value) {
    header(field, type);
    zigzag(value);
  }
  void list(int field, unsigned type, std::size_t size) {
    header(field, 9);
    byte((size < 15 ? size << 4 : 0xf0u) | type);
    if (size >= 15) varint(size);
  }
  template <typename Members>
  void nested(const Members& members) {
    const int before = std::exchange(last_, 0);
    members();
    end();
    last_ = before;
  }

  std::string& out_;
  int last_ = 0;
};

int physical_type(ParquetType type) {
  switch (type) {
    case ParquetType::int32: return type_int32;
    case ParquetType::int64: return type_int64;
    case ParquetType::text: break;
  }
  return type_byte_array;
}

template <typename Number>
void append_number(std::string& out, std::string_view text) {
  Number number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  append_le(out, number);
}

// The values in the encoding PLAIN.
std::string page_of(const ParquetColumn& column) {
  std::string out;
  for (const std::string& value : column.values) {
    switch (column.type) {
      case ParquetType::text:
        append_le(out, static_cast<std::uint32_t>(value.size()));
        out += value;
        break;
      case ParquetType::int32: append_number<std::int32_t>(out, value); break;
      case ParquetType::int64: append_number<std::int64_t>(out, value); break;
    }
  }
  return out;
}

std::string compressed(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), zstd_level);
  out.resize(ZSTD_isError(size) ? 0 : size);
  return out;
}

struct Chunk {
  const ParquetColumn& column;
  std::int64_t offset = 0;                         // of its page's header in the file
  std::int64_t plain_bytes = 0, stored_bytes = 0;  // of the header and the values
};

Chunk append_chunk(std::string& file, const ParquetColumn& column) {
  const std::string values = page_of(column), stored = compressed(values);
  Chunk chunk{column, static_cast<std::int64_t>(file.size())};
  Thrift thrift(file);
  thrift.i32(1, data_page);
  thrift.i32(2, static_cast<std::int64_t>(values.size()));
  thrift.i32(3, static_cast<std::int64_t>(stored.size()));
  thrift.structure(5, [&] {
    thrift.i32(1, static_cast<std::int64_t>(column.values.size()));
    thrift.i32(2, plain);
    thrift.i32(3, rle);
    thrift.i32(4, rle);
  });
  thrift.end();
  const std::size_t header = file.size() - static_cast<std::size_t>(chunk.offset);
  file += stored;
  chunk.plain_bytes = static_cast<std::int64_t>(header + values.size());
  chunk.stored_bytes = static_cast<std::int64_t>(header + stored.size());
  return chunk;
}

// The schema is its tree in depth-first order: each group with the number of its members.
struct Element {
  std::string name;
  const ParquetColumn* column;  // null: a group
  std::size_t members = 0;
};

void append_elements(std::vector<Element>& out, std::span<const ParquetColumn> columns,
                     std::size_t depth) {
  const std::size_t group = out.size() - 1;
  while (!columns.empty()) {
    const std::string& name = columns[0].path[depth];
    const auto end = std::ranges::find_if(
        columns, [&](const ParquetColumn& column) { return column.path[depth] != name; });
    const auto same = columns.first(static_cast<std::size_t>(end - columns.begin()));
    const bool leaf = depth + 1 == columns[0].path.size();
    out[group].members++;
    out.push_back({name, leaf ? &columns[0] : nullptr});
    if (!leaf) append_elements(out, same, depth + 1);
    columns = columns.subspan(same.size());
  }
}

void append_footer(std::string& file, std::span<const Chunk> chunks,
                   std::span<const ParquetColumn> columns) {
  const auto rows = static_cast<std::int64_t>(columns[0].values.size());
  std::vector<Element> elements = {{"schema", nullptr}};
  append_elements(elements, columns, 0);
  Thrift thrift(file);
  const auto element = [&](const Element& each) {
    if (each.column) thrift.i32(1, physical_type(each.column->type));
    // The root has no repetition.
    if (&each != elements.data()) thrift.i32(3, required);
    thrift.text(4, each.name);
    if (!each.column) thrift.i32(5, static_cast<std::int64_t>(each.members));
    if (each.column && each.column->type == ParquetType::text) thrift.i32(6, utf8);
  };
  const auto chunk = [&](const Chunk& each) {
    thrift.i64(2, each.offset);
    thrift.structure(3, [&] {
      const int encodings[] = {plain};
      thrift.i32(1, physical_type(each.column.type));
      thrift.numbers(2, encodings);
      thrift.texts(3, each.column.path);
      thrift.i32(4, zstd);
      thrift.i64(5, rows);
      thrift.i64(6, each.plain_bytes);
      thrift.i64(7, each.stored_bytes);
      thrift.i64(9, each.offset);
    });
  };
  std::int64_t total = 0;
  for (const Chunk& each : chunks) total += each.plain_bytes;
  const std::span<const Chunk> groups[] = {chunks};
  thrift.i32(1, 1);  // the format's version
  thrift.structures(2, std::span<const Element>(elements), element);
  thrift.i64(3, rows);
  thrift.structures(4, std::span<const std::span<const Chunk>>(groups),
                    [&](std::span<const Chunk> group) {
                      thrift.structures(1, group, chunk);
                      thrift.i64(2, total);
                      thrift.i64(3, rows);
                    });
  thrift.text(6, "saker");
  thrift.end();
}

}  // namespace

std::string parquet_file(std::span<const ParquetColumn> columns) {
  std::string file(magic);
  std::vector<Chunk> chunks;
  for (const ParquetColumn& column : columns) chunks.push_back(append_chunk(file, column));
  const std::size_t footer = file.size();
  append_footer(file, chunks, columns);
  append_le(file, static_cast<std::uint32_t>(file.size() - footer));
  return file += magic;
}

std::string parquet_text(std::span<const ParquetColumn> columns) {
  std::string out;
  for (std::size_t row = 0; row < columns[0].values.size(); row++)
    for (const ParquetColumn& column : columns) {
      for (std::size_t i = 0; i < column.path.size(); i++)
        out.append(i == 0 ? "" : ".").append(column.path[i]);
      out += ": ";
      append_json(out, column.values[row]);
      out += '\n';
    }
  return out;
}

}  // namespace saker::output
