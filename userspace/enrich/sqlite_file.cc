// SPDX-License-Identifier: Apache-2.0
#include "enrich/sqlite_file.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/file.h"

namespace saker::enrich {
namespace {

constexpr std::size_t header_size = 100, leaf_head = 8, inner_head = 12;
constexpr unsigned char inner_kind = 5, leaf_kind = 13;
// The table of tables: its name and root page are these columns.
constexpr std::uint32_t schema_page = 1;
constexpr unsigned schema_name = 1, schema_root = 3;
// The depth of a tree, the size of a row, and how much is read of one file.
constexpr unsigned most_depth = 16;
constexpr std::size_t most_row = 4u << 20, most_bytes = 64u << 20;

// Most significant byte first.
std::uint64_t number(std::string_view bytes) {
  std::uint64_t out = 0;
  for (char c : bytes) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

// A number of one to nine bytes, taken from the front; nothing if it does not end.
std::optional<std::uint64_t> take_number(std::string_view& from) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(from.size(), 9); i++) {
    const auto byte = static_cast<unsigned char>(from[i]);
    out = i == 8 ? out << 8 | byte : out << 7 | (byte & 127u);
    if (i < 8 && byte > 127) continue;
    from.remove_prefix(i + 1);
    return out;
  }
  return std::nullopt;
}

std::uint64_t size_of(std::uint64_t kind) {
  constexpr unsigned char sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return kind < sizeof sizes ? sizes[kind] : (kind - 12) / 2;
}

// Nothing if `row` does not hold all of the column.
std::optional<std::string_view> column_of(std::string_view row, unsigned wanted) {
  std::string_view kinds = row;
  const std::optional<std::uint64_t> head = take_number(kinds);
  if (!head || *head > row.size() || *head < row.size() - kinds.size()) return std::nullopt;
  kinds = kinds.substr(0, *head - (row.size() - kinds.size()));
  std::string_view values = row.substr(*head);
  for (unsigned at = 0;; at++) {
    const std::optional<std::uint64_t> kind = take_number(kinds);
    if (!kind) return std::nullopt;
    const std::uint64_t size = size_of(*kind);
    if (size > values.size()) return std::nullopt;
    if (at == wanted) return values.substr(0, size);
    values.remove_prefix(size);
  }
}

}  // namespace

Result<SqliteFile> SqliteFile::open(const std::string& path) {
  Result<Fd> fd = open_regular_file(path);
  if (!fd) return fd.error();
  SqliteFile made;
  made.path_ = path;
  made.fd_ = std::move(*fd);
  made.budget_ = most_bytes;
  if (!made.read_header())
    return Error{path + ": not a database of SQLite in UTF-8 with a rollback journal", EINVAL};
  // Pages are replaced only while there is a journal. Looked for after the first reading of the
  // header and before the last one, it cannot come and go between them without another count.
  made.damaged_ = made.has_journal();
  return made;
}

bool SqliteFile::has_journal() const { return ::access((path_ + "-journal").c_str(), F_OK) == 0; }

bool SqliteFile::read_header() {
  char bytes[header_size];
  if (::pread(fd_.get(), bytes, sizeof bytes, 0) != sizeof bytes) return false;
  const std::string_view header(bytes, sizeof bytes);
  constexpr std::uint64_t rollback = 1, utf8 = 1;
  if (!header.starts_with(std::string_view("SQLite format 3\0", 16)) ||
      number(header.substr(19, 1)) != rollback || number(header.substr(56, 4)) != utf8)
    return false;
  const std::uint64_t size = number(header.substr(16, 2)), kept = number(header.substr(20, 1));
  page_size_ = size == 1 ? 65536 : size;
  if (page_size_ < 512 || (page_size_ & (page_size_ - 1)) || page_size_ - kept < 480) return false;
  used_ = page_size_ - kept;
  change_ = static_cast<std::uint32_t>(number(header.substr(24, 4)));
  return true;
}

// Each commit counts in the header, and deletes the journal at its end.
bool SqliteFile::is_whole() {
  const std::uint32_t before = change_;
  return !damaged_ && !has_journal() && read_header() && change_ == before;
}

// "" if it is none.
std::string SqliteFile::read(std::uint32_t page) {
  std::string out(page_size_, '\0');
  if (page == 0 || page_size_ > budget_ ||
      ::pread(fd_.get(), out.data(), page_size_,
              static_cast<off_t>((page - std::uint64_t{1}) * page_size_)) !=
          static_cast<ssize_t>(page_size_)) {
    damaged_ = true;
    return "";
  }
  budget_ -= page_size_;
  return out;
}

std::string SqliteFile::whole(const Row& row) {
  std::string out(row.begin);
  if (row.size > most_row) damaged_ = true;
  for (std::uint32_t next = row.more; out.size() < row.size && !damaged_;) {
    const std::string page = read(next);
    if (page.empty()) break;
    next = static_cast<std::uint32_t>(number(std::string_view(page).substr(0, 4)));
    out.append(page, 4, std::min<std::size_t>(used_ - 4, row.size - out.size()));
  }
  return out;
}

// Shows the row of a leaf that begins at `at`.
bool SqliteFile::take_leaf(std::string_view page, std::size_t at, const Take& take) {
  std::string_view cell = page.substr(std::min(at, page.size()));
  Row row;
  const std::optional<std::uint64_t> size = take_number(cell), id = take_number(cell);
  damaged_ = damaged_ || !size || !id;
  if (damaged_) return false;
  row.size = *size;
  std::uint64_t here = *size;
  // How much of a long row stays in the page is a rule of the format.
  if (const std::size_t most = used_ - 35; *size > most) {
    const std::size_t least = (used_ - 12) * 32 / 255 - 23;
    here = least + (*size - least) % (used_ - 4);
    if (here > most) here = least;
  }
  const std::size_t link = here < *size ? 4 : 0;
  damaged_ = here + link > cell.size();
  if (damaged_) return false;
  row.begin = cell.substr(0, here);
  if (link) row.more = static_cast<std::uint32_t>(number(cell.substr(here, link)));
  return take(row);
}

// Shows the rows of a table. Each page costs budget, so a circle of pages ends.
bool SqliteFile::walk(std::uint32_t root, unsigned depth, const Take& take) {
  const std::string bytes = depth < most_depth ? read(root) : "";
  const std::size_t start = root == schema_page ? header_size : 0;
  damaged_ = damaged_ || bytes.empty();
  if (damaged_) return false;
  const std::string_view page = std::string_view(bytes).substr(0, used_);
  const std::string_view head = page.substr(start);
  const auto kind = static_cast<unsigned char>(head[0]);
  const std::size_t first = kind == leaf_kind ? leaf_head : inner_head;
  const std::size_t count = number(head.substr(3, 2));
  damaged_ = (kind != leaf_kind && kind != inner_kind) || first + count * 2 > head.size();
  for (std::size_t i = 0; i < count && !damaged_; i++) {
    const std::size_t at = number(head.substr(first + i * 2, 2));
    if (kind == leaf_kind) {
      if (!take_leaf(page, at, take)) return false;
    } else {
      damaged_ = at + 4 > page.size();
      if (damaged_ ||
          !walk(static_cast<std::uint32_t>(number(page.substr(at, 4))), depth + 1, take))
        return false;
    }
  }
  if (kind == leaf_kind || damaged_) return !damaged_;
  return walk(static_cast<std::uint32_t>(number(head.substr(8, 4))), depth + 1, take);
}

std::optional<std::string> SqliteFile::value(std::string_view table, unsigned key_column,
                                             std::string_view key, unsigned column) {
  std::optional<std::string> out;
  const auto find = [&](std::uint32_t root, unsigned where, std::string_view wanted,
                        unsigned which) {
    out.reset();
    walk(root, 0, [&](const Row& row) {
      std::string all;
      std::optional<std::string_view> name = column_of(row.begin, where);
      // With small pages the name may be in another one.
      if (!name && row.more) name = column_of(all = whole(row), where);
      if (!name || *name != wanted) return !damaged_;
      if (all.empty()) all = whole(row);
      const std::optional<std::string_view> found = column_of(all, which);
      if (found) out = *found;
      return !found;
    });
  };
  find(schema_page, schema_name, table, schema_root);
  if (!out) return std::nullopt;
  find(static_cast<std::uint32_t>(number(*out)), key_column, key, column);
  return out;
}

}  // namespace saker::enrich
