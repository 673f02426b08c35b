// SPDX-License-Identifier: Apache-2.0
#include "scap/section_writer.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/hash.h"
#include "recording/bytes.h"

namespace saker::scap {

namespace {

std::uint64_t hash_words(std::span<const std::uint64_t> words) {
  return XXH3_64bits(words.data(), words.size_bytes());
}

bool is_number(std::uint32_t length) {
  return length == 0 || length == 1 || length == 2 || length == 4 || length == 8;
}

// Whether a parameter of that type is a number, whatever it contains in one event.
bool is_number(std::uint16_t type, unsigned index) {
  const unsigned size = param_size(type_info(type).params[index]);
  return size != 0 && size <= sizeof(std::uint64_t);
}

std::uint64_t bits_of(const FdInfo& fd) {
  return static_cast<unsigned>(fd.role) | (fd.connected ? descriptor_connected : 0u) |
         (fd.upper ? descriptor_upper : 0u) | (fd.lower ? descriptor_lower : 0u);
}

}  // namespace

std::uint64_t raw_refers(std::uint16_t type) {
  const std::vector<ShownParam>& params = shown_type(type).params;
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < params.size() && i < most_params; i++) {
    using Kind = ParamKind;
    const Kind kind = params[i].kind;
    if (kind == Kind::fd || kind == Kind::pid || kind == Kind::fd_list || kind == Kind::chosen)
      out |= std::uint64_t{1} << i;
  }
  return out;
}

std::uint32_t SectionWriter::find_or_add(recording::TableWriter& table, HashIndex& index,
                                         std::span<const std::uint64_t> row) {
  const std::uint32_t next = static_cast<std::uint32_t>(table.rows());
  const std::uint32_t found = index.find_or_add(hash_words(row), next, [&](std::uint32_t other) {
    return std::ranges::equal(table.row(other), row);
  });
  if (found != next) return found;
  table.add(row);
  words_ += row.size();
  return found;
}

// Row + 1.
std::uint32_t SectionWriter::descriptor(const FdInfo* fd) {
  if (!fd) return 0;
  const std::array<std::uint64_t, descriptor_columns> row{
      static_cast<std::uint64_t>(fd->type),
      bits_of(*fd),
      fd->dev,
      fd->ino,
      fd->ip() ? texts_.put(fd->area.bytes()) : 0,
      texts_.put(fd->name),
      texts_.put(fd->raw)};
  return find_or_add(descriptors_, descriptor_index_, row) + 1;
}

void SectionWriter::put_kin(const ShownEvent& view, std::span<std::uint64_t> row) {
  const Kin& kin = view.lookup->kin_of(*view.thread);
  row[thread_bits] = (kin.main ? 0u : thread_other) | (kin.main_there ? 0u : thread_no_main) |
                     (kin.parent_there ? thread_parent : 0u);
  unsigned column = thread_main;
  for (std::string_view text : {kin.main_comm, kin.main_exe, kin.main_exepath, kin.main_args})
    row[column++] = kin.main ? 0 : texts_.put(text);
  row[thread_parent_vpid] = static_cast<std::uint64_t>(kin.parent_vpid);
  row[thread_parent_began] = kin.parent_began;
  row[thread_exe_age] = kin.exe_age;
}

void SectionWriter::put_names(const ShownEvent& view, std::span<std::uint64_t> row) {
  row[thread_vpid] = static_cast<std::uint64_t>(view.thread->vpid);
  row[thread_container] = texts_.put(view.thread->container_id);
  unsigned column = thread_leaders;
  for (unsigned kind = 0; kind < leader_kinds; kind++) {
    const Leader leader = view.lookup->leader_of(*view.thread, static_cast<LeaderKind>(kind));
    for (std::string_view text : {leader.comm, leader.exe, leader.exepath})
      row[column++] = texts_.put(text);
  }
  put_kin(view, row);
}

std::uint32_t SectionWriter::actor(const fields::Event& event) {
  const ShownEvent* at = view_of(event);
  if (!at || !at->thread) return 0;
  const ShownEvent& view = *at;
  std::array<std::uint64_t, thread_columns> row{};
  const std::uint64_t changed = view.lookup->threads_changed();
  LastRow& last = last_rows_[view.thread->serial];
  const bool known = changed && last.changed == changed;
  if (known)
    std::ranges::copy(threads_.row(last.row), row.begin());
  else
    put_names(view, row);
  const Memory& memory = view.thread->memory;
  row[thread_fd_limit] = static_cast<std::uint64_t>(view.lookup->fd_limit_of(*view.thread));
  row[thread_vm_size] = memory.size;
  row[thread_vm_resident] = memory.resident;
  row[thread_vm_swapped] = memory.swapped;
  row[thread_faults_major] = memory.major_faults;
  row[thread_faults_minor] = memory.minor_faults;
  row[thread_types] = texts_.put(view.lookup->types_of(*view.thread));
  if (!known || !std::ranges::equal(threads_.row(last.row), row))
    last = {changed, find_or_add(threads_, thread_index_, row)};
  return last.row + 1;
}

std::uint64_t SectionWriter::reference(const ShownEvent& view, const FdInfo* fd) {
  if (!fd) return raw_unknown;
  return fd == view.context->fd ? std::uint64_t{raw_own}
                                : descriptor(fd) - 1 + std::uint64_t{raw_other};
}

// The reference of one parameter: a descriptor, a program's name + 1, or a text with references to
// descriptors.
std::uint64_t SectionWriter::references(const ShownEvent& view, unsigned param) {
  const ParamKind kind = shown_type(view.event->type).params[param].kind;
  if (kind == ParamKind::pid) {
    const std::string_view comm = view.lookup->comm_of(view.event->number(param));
    return comm.data() ? texts_.put(comm) + std::uint64_t{1} : 0;
  }
  const Thread* thread = view.context->thread;
  if (!thread) return 0;
  numbers_.clear();
  list_descriptors(view, param, numbers_);
  if (kind == ParamKind::fd) return reference(view, view.lookup->fd_of(*thread, numbers_[0]));
  bytes_.clear();
  for (std::int64_t number : numbers_)
    recording::put_number(bytes_, reference(view, view.lookup->fd_of(*thread, number)));
  return texts_.put(bytes_);
}

// Its index in raws_.
std::uint32_t SectionWriter::raw(const ShownEvent& view) {
  const CaptureEvent& event = *view.event;
  const EventState& context = *view.context;
  const std::size_t params = type_info(event.type).params.size();
  row_.assign(raw_first + params, 0);
  std::string shape(event.count, '\0');
  for (unsigned i = 0; i < event.count && i < params; i++) {
    const std::uint32_t length = event.params[i].length;
    const bool number = is_number(event.type, i) && is_number(length);
    shape[i] = static_cast<char>(number ? length : std::uint32_t{raw_text});
    row_[raw_first + i] = number ? event.natural(i) : texts_.put(event.bytes(i));
  }
  row_[raw_shape] = texts_.put(shape);
  row_[raw_descriptor] = descriptor(context.fd);
  row_[raw_number] = static_cast<std::uint64_t>(context.fd_number);
  row_[raw_bits] =
      (context.has_fd ? raw_has_fd : 0u) | (context.name_changed ? raw_name_changed : 0u) |
      (context.thread ? raw_has_thread : 0u) | (view.lookup->swapped() ? raw_swapped : 0u);
  if (context.thread && context.fd && context.fd->ip_pair()) {
    auto local = [&](bool source) {
      return view.lookup->local(*context.thread, *context.fd, source);
    };
    row_[raw_bits] |= unsigned{raw_says_local} | (local(true) ? raw_source_local : 0u) |
                      (local(false) ? raw_dest_local : 0u);
  }
  for (std::uint64_t left = raw_refers(event.type); left; left &= left - 1)
    row_.push_back(references(view, static_cast<unsigned>(std::countr_zero(left))));
  recording::TableWriter& table = raw_.try_emplace(event.type, row_.size()).first->second;
  const std::uint32_t next = static_cast<std::uint32_t>(raws_.size());
  const std::uint32_t found =
      raw_index_.find_or_add(hash_words(row_) + event.type, next, [&](std::uint32_t other) {
        return raws_[other].type == event.type &&
               std::ranges::equal(table.row(raws_[other].row), row_);
      });
  if (found == next) {
    raws_.push_back({event.type, table.add(row_)});
    words_ += row_.size();
  }
  return found;
}

void SectionWriter::add_interfaces(const Interfaces& from) {
  auto text = [this](const std::array<std::uint8_t, 16>& address) {
    return texts_.put({reinterpret_cast<const char*>(address.data()), address.size()});
  };
  for (const Interface& each : from.all()) {
    const std::uint64_t row[] = {each.v6, text(each.address), text(each.netmask),
                                 texts_.put(each.name)};
    interfaces_.add(row);
  }
}

void SectionWriter::add(const fields::Event& event) {
  const ShownEvent* view = view_of(event);
  std::array<std::uint64_t, view_columns> row{};
  if (!view && views_.rows() == 0) {
    before_++;
    return;
  }
  if (view) {
    // The interfaces of a machine do not change, so they are added once.
    if (interfaces_.rows() == 0) add_interfaces(view->lookup->interfaces());
    for (; before_; before_--) views_.add(row);
    row = {raw(*view) + std::uint64_t{1},
           recording::zigzag(static_cast<std::int64_t>(view->previous_time - last_time_)),
           view->first_time, texts_.put(view->lookup->host())};
  }
  views_.add(row);
  words_ += row.size();
  last_time_ = event.time;
}

void SectionWriter::put(std::string& to) const {
  if (views_.rows() == 0) return;
  recording::put_table(to, descriptors_section, descriptors_);
  recording::put_table(to, threads_section, threads_);
  recording::put_table(to, interfaces_section, interfaces_);
  // They are numbered through the tables of their types.
  std::map<std::uint16_t, std::uint32_t> first;
  std::uint32_t next = 0;
  for (const auto& [type, table] : raw_) {
    first[type] = next;
    next += static_cast<std::uint32_t>(table.rows());
    std::string bytes;
    recording::put_number(bytes, type);
    recording::put_number(bytes, type_info(type).params.size());
    recording::put_number(bytes, raw_refers(type));
    table.put(bytes);
    recording::put_section(to, raw_section, bytes);
  }
  recording::TableWriter views(view_columns);
  for (std::size_t i = 0; i < views_.rows(); i++) {
    std::array<std::uint64_t, view_columns> row;
    std::ranges::copy(views_.row(i), row.begin());
    if (row[view_raw]) {
      const Raw& raw = raws_[row[view_raw] - 1];
      row[view_raw] = first[raw.type] + raw.row + 1;
    }
    views.add(row);
  }
  recording::put_table(to, views_section, views);
}

}  // namespace saker::scap
