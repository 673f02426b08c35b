// SPDX-License-Identifier: Apache-2.0
// Part of scap/show.h: one parameter as text.
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "scap/names.h"
#include "scap/path.h"
#include "scap/show.h"
#include "scap/state/socket.h"

namespace saker::scap {
namespace {

constexpr std::int64_t at_fdcwd = -100;
constexpr std::uint64_t never = ~std::uint64_t{0};
constexpr std::uint64_t second = 1'000'000'000;

void put_digits(std::uint64_t number, int base, std::string& out) {
  char text[32];
  char* end = std::to_chars(text, text + sizeof text, number, base).ptr;
  for (char* c = text; c != end; c++)
    if (*c >= 'a') *c = static_cast<char>(*c - 'a' + 'A');
  out.append(text, end);
}

void put_signed(std::int64_t number, std::string& out) {
  if (number < 0) out += '-';
  put_digits(
      number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number), 10,
      out);
}

void put_number(const ShownParam& param, const CaptureEvent& event, unsigned index,
                std::string& out) {
  std::uint64_t natural = event.natural(index);
  std::int64_t number = event.number(index);
  bool small = event.params[index].length <= 2;
  switch (param.format) {
    case 'h':
      // Shorter numbers are widened to 32 bits.
      if (param.kind == ParamKind::signed_number && small && number < 0)
        natural = static_cast<std::uint32_t>(number);
      return put_digits(natural, 16, out);
    case 'o':
      if (natural) out += '0';
      return put_digits(natural, 8, out);
    default:
      // Numbers of 32 and 64 bits are always printed as signed.
      if (param.kind == ParamKind::unsigned_number && small) return put_digits(natural, 10, out);
      return put_signed(number, out);
  }
}

void put_bytes(std::string_view bytes, std::string& out) {
  for (char c : bytes) out += c >= ' ' && c <= '~' ? c : '.';
}

void put_tuple(std::string_view bytes, bool swapped, std::string& out) {
  SocketTuple tuple = read_tuple(bytes, swapped);
  // An IPv4 pair written as IPv6 is shown as IPv4.
  bool v6 = tuple.family == 10 && !unmap(tuple.ends);
  if (tuple.family == 1)
    out += unix_text(tuple.source, tuple.dest, tuple.path);
  else if (tuple.family == 2 || tuple.family == 10)
    out += pair_text(tuple.ends, v6);
  else
    out += "family " + std::to_string(static_cast<unsigned char>(bytes[0]));
}

// Calls `use` with number and flags of each entry of a list of descriptors.
template <typename Use>
void each_listed(std::string_view bytes, bool swapped, Use use) {
  auto at = [&](std::size_t offset, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; i++) {
      std::size_t from = swapped ? size - 1 - i : i;
      value |= std::uint64_t{static_cast<unsigned char>(bytes[offset + from])} << (8 * i);
    }
    return value;
  };
  if (bytes.size() < 2) return;
  std::uint64_t count = at(0, 2);
  for (std::size_t i = 0; i < count && 2 + 10 * (i + 1) <= bytes.size(); i++)
    use(static_cast<std::int64_t>(at(2 + 10 * i, 8)), at(2 + 10 * i + 8, 2));
}

void put_fd_list(const ShownEvent& view, std::string_view bytes, std::string& out) {
  bool first = true;
  each_listed(bytes, view.lookup->swapped(), [&](std::int64_t number, std::uint64_t flags) {
    if (!first) out += ' ';
    first = false;
    out += std::to_string(static_cast<std::uint64_t>(number));
    out += ':';
    const FdInfo* fd =
        view.context->thread ? view.lookup->fd_of(*view.context->thread, number) : nullptr;
    out += fd ? type_letter(fd->type) : '?';
    char text[8];
    out.append(text, std::to_chars(text, text + sizeof text, flags, 16).ptr);
  });
}

void put_time(std::uint64_t time, std::string& out) {
  auto seconds = static_cast<std::time_t>(time / second);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[64];
  std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S.", &parts);
  out.append(text, length);
  std::snprintf(text, sizeof text, "%09llu", static_cast<unsigned long long>(time % second));
  out += text;
}

// A parameter that contains its own kind, in its first byte.
struct Chosen {
  CaptureEvent event;
  ShownParam param;
};
bool choose(const ShownEvent& view, const ShownParam& param, unsigned index, Chosen& out) {
  std::string_view bytes = view.event->bytes(index);
  if (bytes.empty()) return false;
  unsigned row = static_cast<unsigned char>(bytes[0]);
  using Kind = ParamKind;
  static constexpr Kind socket_options[] = {Kind::bytes, Kind::error, Kind::unsigned_number,
                                            Kind::unsigned_number, Kind::time_span};
  static constexpr Kind traced[] = {Kind::unsigned_number, Kind::signal};
  static constexpr Kind made[] = {Kind::fd, Kind::error};
  static constexpr Kind keys[] = {Kind::signed_number, Kind::text};
  auto take = [&](const auto& kinds) {
    if (row >= std::size(kinds)) return false;
    out.param.kind = kinds[row];
    return true;
  };
  out.param = param;
  bool known = param.table == "sockopt_dynamic_param"  ? take(socket_options)
               : param.table == "ptrace_dynamic_param" ? take(traced)
               : param.table == "bpf_dynamic_param"    ? take(made)
                                                       : take(keys);
  out.event.type = view.event->type;
  out.event.count = 1;
  out.event.params[0] = {bytes.data() + 1, static_cast<std::uint32_t>(bytes.size() - 1)};
  return known;
}

void put_plain_as(const ShownEvent& view, const ShownParam& param, unsigned index,
                  std::string& out) {
  const CaptureEvent& event = *view.event;
  switch (param.kind) {
    case ParamKind::text:
    case ParamKind::path:
    case ParamKind::relative_path: out += event.path(index); return;
    case ParamKind::bytes: return put_bytes(event.bytes(index), out);
    case ParamKind::sockaddr:
      out += address_text(read_address(event.bytes(index), view.lookup->swapped()));
      return;
    case ParamKind::socktuple: return put_tuple(event.bytes(index), view.lookup->swapped(), out);
    case ParamKind::fd_list: return put_fd_list(view, event.bytes(index), out);
    case ParamKind::time: return put_time(event.natural(index), out);
    case ParamKind::time_span:
      if (event.natural(index) == never)
        out += "none";
      else
        put_signed(event.number(index), out);
      return;
    case ParamKind::flags:
    case ParamKind::one_of: return put_digits(event.natural(index), 10, out);
    case ParamKind::mode:
      if (event.natural(index)) out += '0';
      return put_digits(event.natural(index), 8, out);
    case ParamKind::unsigned_number:
    case ParamKind::signed_number: return put_number(param, event, index, out);
    case ParamKind::unknown: out += "(n.a.)"; return;
    case ParamKind::syscall_id:
    case ParamKind::signal:
    case ParamKind::signal_set: return put_digits(event.natural(index), 10, out);
    default: return put_signed(event.number(index), out);
  }
}

void put_fd(const ShownEvent& view, std::int64_t number, std::string& out) {
  if (number == at_fdcwd) {
    out += "AT_FDCWD";
  } else if (number < 0) {
    out += error_name(number);
  } else if (const Thread* thread = view.context->thread) {
    const FdInfo* fd = view.lookup->fd_of(*thread, number);
    if (!fd) return;
    out += '<';
    out += type_letter(fd->type);
    // The protocol of a socket counts only once its peer is known.
    if (fd->ip_server() || fd->role != Role::none || fd->l4() == L4::raw) {
      switch (fd->l4()) {
        case L4::tcp: out += 't'; break;
        case L4::udp: out += 'u'; break;
        case L4::icmp: out += 'i'; break;
        case L4::raw: out += 'r'; break;
        default: break;
      }
    }
    out += '>';
    out += fd->name;
  }
}

void put_user(const ShownEvent& view, bool group, std::uint32_t id, std::string& out) {
  const Thread* thread = view.context->thread;
  // The users of a container are unknown, even user 0.
  bool host = !thread || thread->container_id.empty();
  std::string_view name;
  if (host) name = group ? view.lookup->group(id) : view.lookup->user(id);
  if (id == ~0u) {
    out += "<NONE>";
  } else if (name.data()) {
    out += name;
  } else {
    out += id == 0 && host ? "root" : "<NA>";
  }
}

void put_signals(std::uint64_t set, std::string& out) {
  bool first = true;
  for (unsigned signal = 1; signal <= 32; signal++) {
    if (!(set >> (signal - 1) & 1)) continue;
    std::string_view name = number_name("signal", signal);
    if (name.empty()) continue;
    if (!first) out += ' ';
    first = false;
    out += name;
  }
}

void put_meaning_as(const ShownEvent& view, const ShownParam& param, unsigned index,
                    std::string& out) {
  const CaptureEvent& event = *view.event;
  switch (param.kind) {
    case ParamKind::error:
      if (event.number(index) < 0) out += error_name(event.number(index));
      return;
    case ParamKind::fd: return put_fd(view, event.number(index), out);
    case ParamKind::pid: {
      out += view.lookup->comm_of(event.number(index));
      return;
    }
    case ParamKind::path:
    case ParamKind::relative_path:
      if (!event.null(index) && !event.text(index).starts_with('/')) out += full_path(view, index);
      return;
    case ParamKind::syscall_id: out += number_name("ppm_sc", event.natural(index)); return;
    case ParamKind::signal: out += number_name("signal", event.natural(index)); return;
    case ParamKind::signal_set: return put_signals(event.natural(index), out);
    case ParamKind::time_span: {
      if (event.natural(index) == never) return;
      char text[32];
      std::snprintf(text, sizeof text, "%lgs",
                    static_cast<double>(event.number(index)) / static_cast<double>(second));
      out += text;
      return;
    }
    case ParamKind::flags: return append_flag_names(param.table, event.natural(index), out);
    case ParamKind::one_of: return append_number_names(param.table, event.natural(index), out);
    case ParamKind::mode: return append_mode_names(param.table, event.natural(index), out);
    case ParamKind::user: return put_user(view, false, event.u32(index), out);
    case ParamKind::group: return put_user(view, true, event.u32(index), out);
    default: return;
  }
}

}  // namespace

void put_plain(const ShownEvent& view, unsigned index, std::string& out) {
  const ShownParam& param = shown_type(view.event->type).params[index];
  if (!view.event->has(index)) {
    bool block = param.kind == ParamKind::bytes || param.kind == ParamKind::socktuple ||
                 param.kind == ParamKind::fd_list || param.kind == ParamKind::chosen;
    out += block ? "NULL" : "<NA>";
    return;
  }
  if (param.kind != ParamKind::chosen) return put_plain_as(view, param, index, out);
  Chosen chosen;
  if (!choose(view, param, index, chosen)) return;
  put_plain_as({&chosen.event, view.context, view.lookup}, chosen.param, 0, out);
}

void put_meaning(const ShownEvent& view, unsigned index, std::string& out) {
  const ShownParam& param = shown_type(view.event->type).params[index];
  if (!view.event->has(index)) return;
  if (param.kind != ParamKind::chosen) return put_meaning_as(view, param, index, out);
  Chosen chosen;
  if (!choose(view, param, index, chosen)) return;
  put_meaning_as({&chosen.event, view.context, view.lookup}, chosen.param, 0, out);
}

void list_descriptors(const ShownEvent& view, unsigned index, std::vector<std::int64_t>& out) {
  const ShownParam& param = shown_type(view.event->type).params[index];
  Chosen chosen;
  if (param.kind == ParamKind::fd) {
    out.push_back(view.event->number(index));
  } else if (param.kind == ParamKind::fd_list) {
    each_listed(view.event->bytes(index), view.lookup->swapped(),
                [&](std::int64_t number, std::uint64_t) { out.push_back(number); });
  } else if (param.kind == ParamKind::chosen && choose(view, param, index, chosen)) {
    if (chosen.param.kind == ParamKind::fd) out.push_back(chosen.event.number(0));
  }
}

const std::string* directory_of(const ShownEvent& view, std::int64_t fd, std::string& buffer) {
  const Thread* thread = view.context->thread;
  if (!thread) return nullptr;
  if (fd == at_fdcwd) {
    buffer = view.lookup->cwd_of(*thread);
    return &buffer;
  }
  const FdInfo* known = view.lookup->fd_of(*thread, fd);
  if (!known) return nullptr;
  buffer = known->name;
  if (!buffer.empty() && buffer.back() != '/') buffer += '/';
  return &buffer;
}

std::string full_path(const ShownEvent& view, unsigned index) {
  const ShownParam& param = shown_type(view.event->type).params[index];
  std::string_view path = view.event->path(index);
  if (path.starts_with('/')) return join_path("", path);
  std::string buffer;
  bool relative = param.kind == ParamKind::relative_path;
  std::int64_t fd = relative ? view.event->number(param.directory) : at_fdcwd;
  const std::string* base = directory_of(view, fd, buffer);
  if (!base && !relative) return {};
  return join_path(base ? std::string_view(*base) : std::string_view(), path);
}

}  // namespace saker::scap
