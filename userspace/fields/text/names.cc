// SPDX-License-Identifier: Apache-2.0
#include "fields/text/names.h"

#include <fcntl.h>

#include <array>
#include <cstring>
#include <span>

#include "fields/descriptor.h"
#include "fields/text/transform.h"

namespace saker::fields {
namespace {

struct Name {
  NameTable table;
  std::uint64_t kernel, shown;
  std::string_view name;
};

constexpr Name names[] = {
#define SAKER_NAME(table, kernel, shown, name) {NameTable::table, kernel, shown, name},
#include "fields/text/names.def"
};

constexpr std::size_t table_count = static_cast<std::size_t>(NameTable::capability) + 1;

// The range of each table's rows, which are adjacent.
struct Range {
  std::size_t from = 0, count = 0;
};
constexpr std::array<Range, table_count> find_tables() {
  std::array<Range, table_count> ranges{};
  for (std::size_t i = 0; i < std::size(names); i++) {
    Range& range = ranges[static_cast<std::size_t>(names[i].table)];
    if (range.count++ == 0) range.from = i;
  }
  return ranges;
}
constexpr std::array<Range, table_count> tables = find_tables();

std::span<const Name> rows(NameTable table) {
  Range range = tables[static_cast<std::size_t>(table)];
  return {names + range.from, range.count};
}

// Appends names with `between` them; the space was computed for all names of a table.
class NameList {
 public:
  NameList(std::span<const Name> table, std::string_view between, Scratch& scratch)
      : between_(between) {
    std::size_t room = 0;
    for (const Name& row : table) room += row.name.size() + between.size();
    out_ = scratch.take(room);
  }
  void add(std::string_view name) {
    if (length_ > 0) put(between_);
    put(name);
  }
  std::string_view text() const { return {out_, length_}; }

 private:
  void put(std::string_view text) {
    std::memcpy(out_ + length_, text.data(), text.size());
    length_ += text.size();
  }
  char* out_;
  std::size_t length_ = 0;
  std::string_view between_;
};

bool has(std::uint64_t bits, std::uint64_t wanted) { return wanted && (bits & wanted) == wanted; }

// The access mode as two bits, read and write, as rules see it.
std::uint64_t shown_access(std::uint64_t flags) {
  std::uint64_t mode = flags & O_ACCMODE;
  return mode == O_RDONLY ? 1 : mode == O_WRONLY ? 2 : 3;
}

std::uint64_t shown_file(std::uint64_t file) {
  std::uint64_t shown = 0;
  if (file & SAKER_FILE_CREATED) shown |= 1u << 14;
  if (file & SAKER_FILE_UPPER) shown |= 1u << 15;
  if (file & SAKER_FILE_LOWER) shown |= 1u << 16;
  return shown;
}

}  // namespace

std::string_view flag_names(NameTable table, std::uint64_t bits, Scratch& scratch) {
  NameList list(rows(table), "|", scratch);
  for (const Name& row : rows(table)) {
    if (has(bits, row.kernel)) list.add(row.name);
  }
  return list.text();
}

std::uint64_t shown_flags(NameTable table, std::uint64_t kernel) {
  std::uint64_t shown = 0;
  for (const Name& row : rows(table)) {
    if (has(kernel, row.kernel)) shown |= row.shown;
  }
  return shown;
}

std::string_view number_name(NameTable table, std::uint64_t number) {
  for (const Name& row : rows(table)) {
    if (row.kernel == number) return row.name;
  }
  return {};
}

std::uint64_t shown_number(NameTable table, std::uint64_t number) {
  for (const Name& row : rows(table)) {
    if (row.kernel == number) return row.shown;
  }
  return number;
}

std::uint64_t shown_open_flags(std::uint64_t flags, std::uint64_t file) {
  // A temporary file is requested with O_DIRECTORY set, and O_SYNC includes O_DSYNC: rules see both
  // flags.
  std::uint64_t shown = shown_access(flags) | shown_file(file);
  for (const Name& row : rows(NameTable::open)) {
    if (has(flags, row.kernel)) shown |= row.shown;
  }
  return shown;
}

std::string_view open_flag_names(std::uint64_t flags, std::uint64_t file, Scratch& scratch) {
  std::span<const Name> table = rows(NameTable::open);
  NameList list(table, "|", scratch);
  std::uint64_t shown = shown_open_flags(flags, file);
  std::uint64_t access = shown & 3;
  for (const Name& row : table) {
    bool is_access = row.shown >= 1 && row.shown <= 3;
    if (is_access ? row.shown == access : has(shown, row.shown)) list.add(row.name);
  }
  return list.text();
}

std::string_view errno_name(std::int64_t ret, Scratch& scratch) {
  std::string_view name = number_name(NameTable::error, 0 - static_cast<std::uint64_t>(ret));
  return name.empty() ? as_text(Value::of_number(-ret), scratch) : name;
}

std::string_view capability_names(std::uint64_t bits, Scratch& scratch) {
  NameList list(rows(NameTable::capability), " ", scratch);
  for (const Name& row : rows(NameTable::capability)) {
    if (bits & row.kernel) list.add(row.name);
  }
  return list.text();
}

namespace {

std::string_view simple_category(std::uint16_t event) {
  switch (event) {
    case SAKER_EV_kill:
    case SAKER_EV_tkill:
    case SAKER_EV_tgkill: return "signal";
    case SAKER_EV_chdir:
    case SAKER_EV_fchdir: return "file";
    case SAKER_EV_process_vm_readv:
    case SAKER_EV_process_vm_writev: return "ipc";
    case SAKER_EV_seccomp:
    case SAKER_EV_delete_module: return "other";
    default: return "process";
  }
}

}  // namespace

std::string_view category_name(const decode::Record& record) {
  using decode::Family;
  switch (record.family()) {
    case Family::path:
      if (record.type() == SAKER_EV_mknod || record.type() == SAKER_EV_mknodat) return "other";
      return "file";
    case Family::open:
    case Family::path2:
    case Family::mount:
    case Family::newfd: return "file";
    case Family::socket: return "net";
    case Family::sock: {
      // A call that moves data belongs to the category of the data's destination.
      bool moves = record.type() == SAKER_EV_sendto || record.type() == SAKER_EV_sendmsg ||
                   record.type() == SAKER_EV_recvfrom || record.type() == SAKER_EV_recvmsg ||
                   record.type() == SAKER_EV_sendmmsg || record.type() == SAKER_EV_recvmmsg;
      return moves ? io_category(descriptor_of(record)) : "net";
    }
    case Family::iouring:
    case Family::dup: return io_category(descriptor_of(record));
    case Family::exec:
    case Family::fork:
    case Family::exit:
    case Family::ptrace:
    case Family::ns: return "process";
    case Family::simple: return simple_category(record.type());
    case Family::memfd: return "memory";
    case Family::cred: return "user";
    default: return "other";
  }
}

}  // namespace saker::fields
