// SPDX-License-Identifier: Apache-2.0
#include "scap/section_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <type_traits>

#include "recording/bytes.h"
#include "recording/frame.h"

namespace saker::scap {

using recording::Actor, recording::ByteReader, recording::TableReader, recording::BlockTables;

namespace {

// Maximum size of texts copied for one block; writers stay far below.
constexpr std::size_t most_copied = 32u << 20;
constexpr std::size_t most_interfaces = 4096;

FdType fd_type(std::uint64_t number) {
  constexpr std::uint64_t last = static_cast<std::uint64_t>(FdType::pidfd);
  return number <= last ? static_cast<FdType>(number) : FdType::unknown;
}

Role role(std::uint64_t bits) {
  const std::uint64_t number = bits & descriptor_role;
  return number <= static_cast<std::uint64_t>(Role::server) ? static_cast<Role>(number)
                                                            : Role::none;
}

std::array<std::uint8_t, 16> address(std::string_view bytes) {
  std::array<std::uint8_t, 16> out{};
  std::memcpy(out.data(), bytes.data(), std::min(bytes.size(), out.size()));
  return out;
}

}  // namespace

SectionReader::SectionReader() {
  view_.event = &event_;
  view_.context = &context_;
  view_.lookup = this;
}

void SectionReader::clear() {
  groups_.clear();
  group_of_.clear();
  raws_.clear();
  made_.reset();
  tables_ = nullptr;
  for (recording::TableReader* table :
       {&descriptor_rows_, &thread_rows_, &interface_rows_, &view_rows_})
    table->clear();
}

recording::ForeignReader::Took SectionReader::add(std::uint64_t section, std::string_view bytes) {
  ByteReader inside(bytes);
  bool good = false;
  switch (section) {
    case descriptors_section: good = descriptor_rows_.get(inside); break;
    case threads_section: good = thread_rows_.get(inside); break;
    case interfaces_section: good = interface_rows_.get(inside); break;
    case raw_section: good = add_raw(bytes); break;
    case views_section: good = view_rows_.get(inside); break;
    default: return Took::unknown;
  }
  return good ? Took::yes : Took::damaged;
}

const fields::Origin* SectionReader::origin(std::size_t row, const Actor& actor, std::uint64_t time,
                                            std::uint64_t before, std::uint32_t cpu) {
  const ShownEvent* view = at(row, actor, time, before, cpu);
  return view ? origin_.of(*view) : &fields::own_origin;
}

bool SectionReader::add_raw(std::string_view section) {
  ByteReader from(section);
  Group group;
  const std::uint64_t type = from.number(), params = from.number();
  group.type = static_cast<std::uint16_t>(std::min<std::uint64_t>(type, type_count));
  group.params = static_cast<unsigned>(params);
  group.refers = from.number();
  group.first = static_cast<std::uint32_t>(group_of_.size());
  group.rows = TableReader::count_rows(from);
  if (!from.ok() || params > 64 || group.rows > recording::most_events - group_of_.size())
    return false;
  group.bytes = from.bytes(from.left());
  group_of_.resize(group_of_.size() + group.rows, static_cast<std::uint16_t>(groups_.size()));
  groups_.push_back(std::move(group));
  return true;
}

void SectionReader::read(const BlockTables& tables) {
  tables_ = &tables;
  descriptors_.clear();
  thread_row_ = 0;
  kin_process_ = nullptr;
  raws_.assign(group_of_.size(), nullptr);
  descriptor_at_.assign(descriptor_rows_.rows(), 0);
  room_ = most_copied;
  interfaces_.clear();
  for (std::size_t row = 0; row < std::min(interface_rows_.rows(), most_interfaces); row++) {
    auto text = [&](unsigned column) { return tables.texts.at(interface_rows_.at(row, column)); };
    interfaces_.add({interface_rows_.at(row, interface_v6) != 0, address(text(interface_address)),
                     address(text(interface_netmask)),
                     std::string(text(interface_name).substr(0, 64))});
  }
}

// Types that nobody requested are never read.
SectionReader::Raw* SectionReader::find(std::uint64_t raw) {
  damaged_ = false;
  if (raw == 0 || raw > raws_.size()) return nullptr;
  Raw*& known = raws_[raw - 1];
  if (known) return known;
  Group& group = groups_[group_of_[raw - 1]];
  if (!group.bytes.empty()) {
    ByteReader from(group.bytes);
    group.bytes = {};
    damaged_ = !group.table.get(from) || group.table.rows() != group.rows;
    if (damaged_) group.type = type_count;
  }
  return group.type < type_count ? known = make(group, raw - 1 - group.first) : nullptr;
}

SectionReader::Raw* SectionReader::make(const Group& group, std::size_t row) {
  const TableReader& from = group.table;
  static_assert(std::is_trivially_destructible_v<Raw>);
  return new (made_.take(sizeof(Raw))) Raw{&group,
                                           row,
                                           params(group, row),
                                           from.at(row, raw_bits),
                                           descriptor(from.at(row, raw_descriptor)),
                                           static_cast<std::int64_t>(from.at(row, raw_number)),
                                           KeptKey(made_)};
}

std::span<const Param> SectionReader::params(const Group& group, std::size_t row) {
  const std::string_view shape = tables_->texts.at(group.table.at(row, raw_shape));
  const std::size_t ours = type_info(group.type).params.size();
  const std::size_t count =
      std::min({shape.size(), ours, std::size_t{group.params}, std::size_t{most_params}});
  auto* params = new (made_.take(count * sizeof(Param))) Param[count];
  auto* numbers = new (made_.take(count * sizeof(std::uint64_t))) std::uint64_t[count];
  for (unsigned i = 0; i < count; i++) {
    const std::uint64_t value = group.table.at(row, raw_first + i);
    const unsigned char length = static_cast<unsigned char>(shape[i]);
    if (length <= sizeof value) {
      numbers[i] = value;
      params[i] = {reinterpret_cast<const char*>(&numbers[i]), length};
    } else {
      const std::string_view text = tables_->texts.at(value);
      params[i] = {text.data(), static_cast<std::uint32_t>(text.size())};
    }
  }
  return {params, count};
}

const ShownEvent* SectionReader::at(std::size_t row, const Actor& actor, std::uint64_t time,
                                    std::uint64_t before, std::uint32_t cpu) {
  raw_ = find(tables_ && row < view_rows_.rows() ? view_rows_.at(row, view_raw) : 0);
  if (!raw_) return nullptr;
  actor_ = &actor;
  event_.time = time;
  event_.tid = static_cast<std::int32_t>(actor.tid);
  event_.cpu = static_cast<std::uint16_t>(cpu);
  event_.type = raw_->group->type;
  event_.count = static_cast<unsigned>(raw_->params.size());
  std::copy(raw_->params.begin(), raw_->params.end(), event_.params.begin());
  view_.thread = thread(actor.thread);
  context_.thread = raw_->bits & raw_has_thread ? thread(actor.thread) : nullptr;
  context_.fd = raw_->fd;
  context_.fd_number = raw_->fd_number;
  context_.has_fd = raw_->bits & raw_has_fd;
  context_.name_changed = raw_->bits & raw_name_changed;
  host_ = tables_->texts.at(view_rows_.at(row, view_host));
  view_.first_time = view_rows_.at(row, view_first);
  view_.previous_time = before + recording::unzigzag(view_rows_.at(row, view_previous));
  view_.path_key = &raw_->key;
  return &view_;
}

// By row + 1. Null: there is none, or too much was copied for this block already.
FdInfo* SectionReader::descriptor(std::uint64_t row) const {
  if (row == 0 || row > descriptor_at_.size()) return nullptr;
  std::uint32_t& place = descriptor_at_[row - 1];
  if (place) return &descriptors_[place - 1];
  const TableReader& from = descriptor_rows_;
  const std::string_view name = tables_->texts.at(from.at(row - 1, descriptor_name)),
                         raw = tables_->texts.at(from.at(row - 1, descriptor_raw));
  if (name.size() + raw.size() > room_) return nullptr;
  room_ -= name.size() + raw.size();
  FdInfo& fd = descriptors_.emplace_back();
  place = static_cast<std::uint32_t>(descriptors_.size());
  const std::uint64_t bits = from.at(row - 1, descriptor_bits);
  fd.type = fd_type(from.at(row - 1, descriptor_type));
  fd.role = role(bits);
  fd.connected = bits & descriptor_connected;
  fd.upper = bits & descriptor_upper;
  fd.lower = bits & descriptor_lower;
  fd.dev = from.at32(row - 1, descriptor_dev);
  fd.ino = from.at(row - 1, descriptor_ino);
  fd.area.set_bytes(tables_->texts.at(from.at(row - 1, descriptor_area)));
  fd.name = name;
  fd.raw = raw;
  return &fd;
}

// By row + 1. One object for all: an event is used before the next one is read.
Thread* SectionReader::thread(std::uint32_t row) {
  if (row == 0 || row > thread_rows_.rows()) return nullptr;
  if (row == thread_row_) return &thread_;
  thread_row_ = row;
  const TableReader& from = thread_rows_;
  Thread& thread = thread_;
  thread.container_id = tables_->texts.at(from.at(row - 1, thread_container)).substr(0, 64);
  thread.vpid = static_cast<std::int64_t>(from.at(row - 1, thread_vpid));
  thread.fdlimit = static_cast<std::int64_t>(from.at(row - 1, thread_fd_limit));
  thread.memory = {from.at32(row - 1, thread_vm_size), from.at32(row - 1, thread_vm_resident),
                   from.at32(row - 1, thread_vm_swapped), from.at(row - 1, thread_faults_major),
                   from.at(row - 1, thread_faults_minor)};
  return &thread;
}

const FdInfo* SectionReader::referred(std::uint64_t reference) const {
  if (reference == raw_unknown) return nullptr;
  return reference == raw_own ? context_.fd : descriptor(reference - raw_other + 1);
}

const FdInfo* SectionReader::listed(unsigned param, std::uint64_t references,
                                    std::int64_t number) const {
  std::vector<std::int64_t> numbers;
  list_descriptors(view_, param, numbers);
  ByteReader from(tables_->texts.at(references));
  for (std::int64_t each : numbers) {
    const std::uint64_t reference = from.number();
    if (each == number) return referred(reference);
  }
  return nullptr;
}

const FdInfo* SectionReader::fd_of(const Thread&, std::int64_t number) const {
  const std::vector<ShownParam>& params = shown_type(event_.type).params;
  unsigned column = raw_first + raw_->group->params;
  for (std::uint64_t left = raw_->group->refers; left; left &= left - 1, column++) {
    const unsigned param = static_cast<unsigned>(std::countr_zero(left));
    if (param >= params.size()) break;
    const std::uint64_t value = raw_->group->table.at(raw_->row, column);
    const ParamKind kind = params[param].kind;
    if (kind == ParamKind::fd) {
      if (event_.number(param) == number) return referred(value);
    } else if (kind == ParamKind::fd_list || kind == ParamKind::chosen) {
      if (const FdInfo* found = listed(param, value, number)) return found;
    }
  }
  return nullptr;
}

std::string_view SectionReader::cwd_of(const Thread&) const {
  return actor_->process->program->cwd;
}

Leader SectionReader::leader_of(const Thread&, LeaderKind what) const {
  auto text = [&](unsigned which) {
    const unsigned column = thread_leaders + 3 * static_cast<unsigned>(what) + which;
    return tables_->texts.at(thread_rows_.at(actor_->thread - 1, column));
  };
  return {text(0), text(1), text(2)};
}

const Kin& SectionReader::kin_of(const Thread&) const {
  if (kin_row_ == actor_->thread && kin_process_ == actor_->process) return kin_;
  const TableReader& from = thread_rows_;
  const std::size_t row = actor_->thread - 1;
  const std::uint64_t bits = from.at(row, thread_bits);
  auto text = [&](unsigned which) { return tables_->texts.at(from.at(row, thread_main + which)); };
  kin_row_ = actor_->thread, kin_process_ = actor_->process;
  Kin& kin = kin_;
  kin.main = !(bits & thread_other);
  kin.main_there = !(bits & thread_no_main);
  const enrich::Process& self = *actor_->process;
  kin.main_comm = kin.main ? self.program->comm : text(0);
  kin.main_exe = kin.main ? self.program->exe : text(1);
  kin.main_exepath = kin.main ? self.program->exepath : text(2);
  kin.main_args = kin.main ? std::string_view() : text(3);
  kin.parent_there = bits & thread_parent;
  kin.parent_vpid = static_cast<std::int64_t>(from.at(row, thread_parent_vpid));
  kin.parent_began = from.at(row, thread_parent_began);
  kin.exe_age = from.at(row, thread_exe_age);
  return kin;
}

std::string SectionReader::types_of(const Thread&) const {
  std::string types(
      tables_->texts.at(thread_rows_.at(actor_->thread - 1, thread_types)).substr(0, 64));
  for (char& type : types) type = static_cast<char>(fd_type(static_cast<unsigned char>(type)));
  return types;
}

// For recordings that do not have this flag: as for the host, whose interfaces they contain.
bool SectionReader::local(const Thread& thread, const FdInfo& fd, bool source) const {
  const std::uint64_t bits = raw_->bits;
  if (bits & raw_says_local) return bits & (source ? raw_source_local : raw_dest_local);
  const SocketEnds ends = fd.ends();
  return thread.container_id.empty() &&
         interfaces_.local(source ? ends.source : ends.dest, fd.v6());
}

std::string_view SectionReader::comm_of(std::int64_t tid) const {
  const std::vector<ShownParam>& params = shown_type(event_.type).params;
  unsigned column = raw_first + raw_->group->params;
  for (std::uint64_t left = raw_->group->refers; left; left &= left - 1, column++) {
    const unsigned param = static_cast<unsigned>(std::countr_zero(left));
    if (param >= params.size()) break;
    if (params[param].kind != ParamKind::pid || event_.number(param) != tid) continue;
    const std::uint64_t name = raw_->group->table.at(raw_->row, column);
    return name ? tables_->texts.at(name - 1) : std::string_view();
  }
  return {};
}

std::string_view SectionReader::user(std::uint32_t uid) const {
  const enrich::Users::User* user = actor_->users ? actor_->users->user(uid) : nullptr;
  return user ? std::string_view(user->name.c_str(), user->name.size()) : std::string_view();
}

std::string_view SectionReader::group(std::uint32_t gid) const {
  const enrich::Users::Group* group = actor_->users ? actor_->users->group(gid) : nullptr;
  return group ? std::string_view(group->name.c_str(), group->name.size()) : std::string_view();
}

}  // namespace saker::scap
