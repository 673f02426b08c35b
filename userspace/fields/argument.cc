// SPDX-License-Identifier: Apache-2.0
#include "fields/argument.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "enrich/users.h"
#include "fields/descriptor.h"
#include "fields/path.h"
#include "fields/text/names.h"
#include "fields/text/transform.h"

namespace saker::fields {
namespace {

constexpr unsigned SAKER_P_none = 0;

constexpr Argument arguments[] = {
#define SAKER_ARGUMENT(event, name, shape, slot) \
  {SAKER_EV_##event, #name, ArgShape::shape, SAKER_P_##slot},
#include "fields/args.def"
};

struct Range {
  std::uint16_t from = 0, count = 0;
};

constexpr std::array<Range, SAKER_EV_MAX> index_arguments() {
  std::array<Range, SAKER_EV_MAX> index{};
  for (std::uint16_t i = 0; i < std::size(arguments); i++) {
    Range& range = index[arguments[i].event];
    if (range.count++ == 0) range.from = i;
  }
  return index;
}
constexpr std::array<Range, SAKER_EV_MAX> by_event = index_arguments();

// A missing row would leave a rule without a value, and nothing else would report it.
consteval bool has_arguments(std::uint16_t event) {
  const decode::Family family = decode::event_families[event];
  return by_event[event].count > 0 || family == decode::Family::gap ||
         family == decode::Family::foreign;
}
#define SAKER_EVENT(id, name, family, lane) \
  static_assert(has_arguments(id), "args.def has no row for the event " #name);
#include <saker/events.def>

constexpr std::string_view param_names[] = {
#define SAKER_EVENT_PARAM(name, type, bits) #name,
#include "fields/event_params.def"
};
consteval bool is_param_name(std::string_view name) {
  return std::find(std::begin(param_names), std::end(param_names), name) != std::end(param_names);
}
// `slot` is "none", or begins with the event's family.
consteval bool is_slot_of(std::string_view slot, decode::Family family) {
  if (slot == "none") return true;
#define SAKER_FAMILY(name, source) \
  if (family == decode::Family::name) return slot.starts_with(#name "_");
#include <saker/events.def>
  return false;
}
#define SAKER_ARGUMENT(event, name, shape, slot)                                 \
  static_assert(is_param_name(#name), "event_params.def has no row for " #name); \
  static_assert(is_slot_of(#slot, decode::event_families[SAKER_EV_##event]),     \
                #event "." #name " is given a slot of another family: " #slot);
#include "fields/args.def"

NameTable table_of(ArgShape shape) {
  switch (shape) {
    case ArgShape::mode: return NameTable::mode;
    case ArgShape::resolve: return NameTable::resolve;
    case ArgShape::unlink: return NameTable::unlink;
    case ArgShape::chown: return NameTable::chown;
    case ArgShape::rename: return NameTable::rename;
    case ArgShape::link: return NameTable::link;
    case ArgShape::mount: return NameTable::mount;
    case ArgShape::umount: return NameTable::umount;
    case ArgShape::clone: return NameTable::clone;
    case ArgShape::module: return NameTable::module;
    case ArgShape::memfd: return NameTable::memfd;
    case ArgShape::ring_setup: return NameTable::ring_setup;
    case ArgShape::ring_features: return NameTable::ring_features;
    case ArgShape::ring_enter: return NameTable::ring_enter;
    case ArgShape::remove_module: return NameTable::remove_module;
    case ArgShape::pidfd: return NameTable::pidfd;
    default: return NameTable::exec;
  }
}

struct CallCode {
  std::uint16_t event, code;
};
constexpr CallCode call_codes[] = {
#define SAKER_GENERIC(name, code) {SAKER_EV_##name, code},
#include "fields/generic.def"
};

std::uint16_t falco_code(std::uint16_t event) {
  const auto* found = std::ranges::find(call_codes, event, &CallCode::event);
  return found == std::end(call_codes) ? std::uint16_t{0} : found->code;
}

std::string_view number_text(std::uint64_t number, int base, std::string_view head,
                             Scratch& scratch) {
  char* out = scratch.take(32);
  std::memcpy(out, head.data(), head.size());
  char* end = std::to_chars(out + head.size(), out + 32, number, base).ptr;
  for (char* c = out + head.size(); c < end; c++) {
    if (*c >= 'a' && *c <= 'f') *c = static_cast<char>(*c - 32);
  }
  return {out, static_cast<std::size_t>(end - out)};
}

std::string_view joined_texts(std::initializer_list<std::string_view> texts, Scratch& scratch) {
  std::size_t size = 0;
  for (std::string_view text : texts) size += text.size();
  char* out = scratch.take(size);
  std::size_t length = 0;
  for (std::string_view text : texts) {
    if (!text.empty()) std::memcpy(out + length, text.data(), text.size());
    length += text.size();
  }
  return {out, length};
}

// "<f>/etc/passwd", "<4t>10.0.0.1:80->10.0.0.2:90"
std::string_view described(const Event& event, const Descriptor& fd, View view, Scratch& scratch) {
  if (!fd.known) return {};
  std::string_view protocol = protocol_name(fd.sock);
  std::string_view mark = protocol == "tcp"   ? "t"
                          : protocol == "udp" ? "u"
                          : protocol == "raw" ? "r"
                                              : "";
  return joined_texts(
      {"<", type_letter(event, fd), mark, ">", descriptor_name(event, fd, view, scratch)}, scratch);
}

std::string_view nice_descriptor(const Argument& argument, const Event& event, View view,
                                 Scratch& scratch) {
  std::int64_t number = event.record.i64(argument.slot);
  if (number < 0) return errno_name(number, scratch);
  return described(event, descriptor_of(event.record), view, scratch);
}

std::string_view nice_dirfd(const Argument& argument, const Event& event, Scratch& scratch) {
  std::int64_t number = event.record.i64(argument.slot);
  if (number == -100) return "AT_FDCWD";
  if (number < 0) return errno_name(number, scratch);
  PathSlots slots = argument.name.starts_with("new") || argument.name == "linkdirfd"
                        ? second_path(event.record)
                        : first_path(event.record);
  std::string_view base =
      slots.base < 0 ? std::string_view() : event.record.str(static_cast<unsigned>(slots.base));
  return base.empty() ? base : joined_texts({"<d>", base}, scratch);
}

std::string_view words(std::string_view all, char between, Scratch& scratch) {
  std::string_view copy = scratch.keep(all);
  char* out = const_cast<char*>(copy.data());
  for (std::size_t i = 0; i < copy.size(); i++) {
    if (out[i] == '\0') out[i] = between;
  }
  return copy;
}

std::string_view address_text(std::string_view bytes, Scratch& scratch) {
  if (bytes.size() < sizeof(sa_family_t)) return {};
  sa_family_t family;
  std::memcpy(&family, bytes.data(), sizeof(family));
  if (family == AF_INET && bytes.size() >= 8) {
    auto port = static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[2]) << 8 |
                                           static_cast<unsigned char>(bytes[3]));
    return endpoint(bytes.substr(4, 4), port, scratch);
  }
  if (family == AF_INET6 && bytes.size() >= 24) {
    auto port = static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[2]) << 8 |
                                           static_cast<unsigned char>(bytes[3]));
    return endpoint(bytes.substr(8, 16), port, scratch);
  }
  if (family != AF_UNIX) return {};
  std::string_view path = bytes.substr(sizeof(family));
  if (!path.empty() && path[0] == '\0') path.remove_prefix(1);
  return path.substr(0, path.find('\0'));
}

std::string_view user_name(std::uint32_t uid, Scratch& scratch) {
  if (uid == ~0u) return "<NONE>";
  const enrich::Users::User* user = scratch.users() ? scratch.users()->user(uid) : nullptr;
  return user ? std::string_view(user->name) : std::string_view(uid == 0 ? "root" : "");
}

std::string_view group_name(std::uint32_t gid, Scratch& scratch) {
  const enrich::Users::Group* group = scratch.users() ? scratch.users()->group(gid) : nullptr;
  return group ? std::string_view(group->name) : std::string_view(gid == 0 ? "root" : "");
}

bool is_text(ArgShape shape) {
  switch (shape) {
    case ArgShape::text:
    case ArgShape::path_first:
    case ArgShape::path_second:
    case ArgShape::words:
    case ArgShape::first_word:
    case ArgShape::other_words:
    case ArgShape::tuple:
    case ArgShape::address: return true;
    default: return false;
  }
}

}  // namespace

std::span<const Argument> arguments_of(std::uint16_t event) {
  if (event >= SAKER_EV_MAX) return {};
  return std::span(arguments).subspan(by_event[event].from, by_event[event].count);
}

Value raw_argument(const Argument& argument, const Event& event) {
  const decode::Record& record = event.record;
  std::uint64_t bits = record.u64(argument.slot);
  switch (argument.shape) {
    case ArgShape::result: return Value::of_number(record.head().ret);
    case ArgShape::call: return Value::of_natural(falco_code(record.type()));
    case ArgShape::task: return Value::of_number(record.head().tid);
    case ArgShape::process: return Value::of_number(record.head().pid);
    case ArgShape::fd_made:
    case ArgShape::fd_used:
    case ArgShape::fd_copied:
    case ArgShape::dirfd: return Value::of_number(record.i64(argument.slot));
    case ArgShape::open_flags:
      return Value::of_natural(shown_open_flags(bits, record.u64(SAKER_P_open_fileflags)));
    case ArgShape::dup_flags:
      return Value::of_natural(shown_open_flags(bits, 0) & ~std::uint64_t{3});
    case ArgShape::ptrace: return Value::of_natural(shown_number(NameTable::ptrace, bits));
    case ArgShape::device: {
      std::uint64_t major = bits >> 20, minor = bits & 0xfffff;
      return Value::of_natural((minor & 0xff) | major << 8 | (minor & ~0xffull) << 12);
    }
    case ArgShape::user:
    case ArgShape::group:
    case ArgShape::owner: return Value::of_natural(static_cast<std::uint32_t>(bits));
    case ArgShape::decimal:
    case ArgShape::hex:
    case ArgShape::octal:
    case ArgShape::bpf:
    case ArgShape::domain:
    case ArgShape::ring_register:
    case ArgShape::signal:
    case ArgShape::prctl: return record.has(argument.slot) ? Value::of_natural(bits) : Value{};
    default:
      if (!is_text(argument.shape))
        return Value::of_natural(shown_flags(table_of(argument.shape), bits));
      return record.blob_flags(argument.slot) & SAKER_BLOB_ABSENT
                 ? Value{}
                 : Value::of_text(record.str(argument.slot));
  }
}

std::string_view plain_argument(const Argument& argument, const Event& event, Scratch& scratch) {
  const decode::Record& record = event.record;
  std::string_view bytes = is_text(argument.shape) ? record.str(argument.slot) : std::string_view();
  switch (argument.shape) {
    case ArgShape::words: return words(bytes, '.', scratch);
    case ArgShape::first_word: return bytes.substr(0, bytes.find('\0'));
    case ArgShape::other_words: {
      std::size_t first = bytes.find('\0');
      return first == bytes.npos ? std::string_view()
                                 : words(bytes.substr(first + 1), '.', scratch);
    }
    case ArgShape::tuple: {
      std::string_view text = tuple_text(ends_of(record.sock(argument.slot)), scratch);
      return text.empty() ? record.str(SAKER_P_sock_path) : text;
    }
    case ArgShape::address: return address_text(bytes, scratch);
    case ArgShape::hex: return number_text(record.u64(argument.slot), 16, "", scratch);
    case ArgShape::octal:
    case ArgShape::mode: {
      std::uint64_t mode = record.u64(argument.slot);
      return number_text(mode, 8, mode ? "0" : "", scratch);
    }
    case ArgShape::user:
    case ArgShape::group:
    case ArgShape::owner:
    case ArgShape::decimal:
      return as_text(Value::of_number(argument.shape == ArgShape::decimal
                                          ? record.i64(argument.slot)
                                          : static_cast<std::int32_t>(record.u32(argument.slot))),
                     scratch);
    default: return as_text(raw_argument(argument, event), scratch);
  }
}

std::string_view nice_argument(const Argument& argument, const Event& event, View view,
                               Scratch& scratch) {
  const decode::Record& record = event.record;
  std::uint64_t bits = record.u64(argument.slot);
  switch (argument.shape) {
    case ArgShape::result:
      return record.head().ret < 0 ? errno_name(record.head().ret, scratch) : std::string_view();
    case ArgShape::fd_made:
    case ArgShape::fd_used:
    case ArgShape::fd_copied: return nice_descriptor(argument, event, view, scratch);
    case ArgShape::dirfd: return nice_dirfd(argument, event, scratch);
    case ArgShape::path_first:
    case ArgShape::path_second: {
      // An absolute path does not need the base, whatever the base is.
      if (record.str(argument.slot).starts_with('/')) return {};
      bool first = argument.shape == ArgShape::path_first;
      return path_at(event, first ? first_path(record) : second_path(record), view, scratch);
    }
    case ArgShape::task:
    case ArgShape::process:
      return event.process->known ? std::string_view(event.process->program->comm)
                                  : std::string_view();
    case ArgShape::user: return user_name(record.u32(argument.slot), scratch);
    case ArgShape::group: return group_name(record.u32(argument.slot), scratch);
    case ArgShape::open_flags:
      return open_flag_names(bits, record.u64(SAKER_P_open_fileflags), scratch);
    case ArgShape::dup_flags: return shown_open_flags(bits, 0) & 4096 ? "O_CLOEXEC" : "O_NONE";
    case ArgShape::ptrace: {
      std::string_view name = number_name(NameTable::ptrace, bits);
      return name.empty() ? "PTRACE_UNKNOWN" : name;
    }
    case ArgShape::bpf: return number_name(NameTable::bpf, bits);
    case ArgShape::domain: return number_name(NameTable::domain, bits);
    case ArgShape::ring_register: return number_name(NameTable::ring_register, bits);
    case ArgShape::signal: return number_name(NameTable::signal, bits);
    case ArgShape::prctl: return number_name(NameTable::prctl, bits);
    case ArgShape::call: return record.info().name;
    case ArgShape::mode:
    case ArgShape::resolve:
    case ArgShape::unlink:
    case ArgShape::chown:
    case ArgShape::rename:
    case ArgShape::link:
    case ArgShape::mount:
    case ArgShape::umount:
    case ArgShape::clone:
    case ArgShape::module:
    case ArgShape::memfd:
    case ArgShape::exec:
    case ArgShape::ring_setup:
    case ArgShape::ring_features:
    case ArgShape::ring_enter:
    case ArgShape::remove_module:
    case ArgShape::pidfd: return flag_names(table_of(argument.shape), bits, scratch);
    default: return {};
  }
}

}  // namespace saker::fields
