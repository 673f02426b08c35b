// SPDX-License-Identifier: Apache-2.0
#include "recording/images.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace saker::recording {

namespace {

// Images kept although the current block does not need them.
constexpr std::size_t most_unused = 256;
// Maximum size of the texts of one block's images, and of those that the last blocks left; writers
// stay far below.
constexpr std::size_t most_copied = 64u << 20;

void split(std::string_view text, std::vector<std::string_view>& to) {
  to.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\0')));
  while (!text.empty()) {
    std::size_t end = text.find('\0');
    to.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
}

std::size_t text_bytes(const BlockTables& tables, const TableReader& rows, std::size_t row,
                       std::size_t column, std::size_t count) {
  std::size_t bytes = 0;
  for (; count; count--) bytes += tables.texts.at(rows.at(row, column++)).size();
  return bytes;
}

}  // namespace

// A block with an image has all its ancestors too, so an image may use the texts of its parent:
// most processes have the environment of the one that started them.
struct BlockImages::Stored {
  struct List {
    std::string_view text;  // of the whole list, here or in an ancestor
    std::vector<std::string_view> items;
  };
  enrich::LoneProcess process;
  std::unique_ptr<char[]> bytes;  // the texts of `process` that its parent does not have
  std::size_t size = 0;           // of these
  List args, env;
  std::uint64_t used_in = 0;
};
struct BlockImages::StoredContainer {
  enrich::Container container;
  std::uint64_t used_in = 0;
};
struct BlockImages::StoredUsers {
  enrich::Users users;
  std::uint64_t used_in = 0;
};

BlockImages::BlockImages() = default;
BlockImages::~BlockImages() = default;

void BlockImages::clear() {
  image_rows_.clear();
  container_rows_.clear();
  user_rows_.clear();
  tables_ = nullptr;
  images_.clear();
  containers_.clear();
  users_.clear();
}

bool BlockImages::read(const BlockTables& tables) {
  tables_ = nullptr;
  context_ = facts_row_ = facts_made_of_ = no_row;
  forget_unused();
  block_++;
  room_ = most_copied;
  image_rows_.assign(tables.images.rows(), nullptr);
  if (!read_containers(tables) || !images_valid(tables) || !read_users(tables) ||
      !contexts_valid(tables))
    return false;
  tables_ = &tables;
  return true;
}

// Many rows may refer to one long text, so their total size is bounded.
bool BlockImages::reserve(std::size_t bytes) {
  if (bytes > room_) return false;
  room_ -= bytes;
  return true;
}

// A block defines everything that it needs, including ancestors, so images that the last block did
// not use are not needed.
void BlockImages::forget_unused() {
  auto unused = [this](const auto& each) { return each.second->used_in != block_; };
  if (images_.size() > image_rows_.size() + most_unused || kept_ > most_copied) {
    std::erase_if(images_, unused);
    kept_ = 0;
    for (const auto& [id, stored] : images_) kept_ += stored->size;
  }
  if (containers_.size() > container_rows_.size() + most_unused) {
    std::erase_if(images_, unused);
    std::erase_if(containers_, unused);
  }
  if (users_.size() > user_rows_.size() + most_unused / 64) std::erase_if(users_, unused);
}

bool BlockImages::read_containers(const BlockTables& tables) {
  const TableReader& rows = tables.containers;
  container_rows_.clear();
  std::vector<bool> fresh;
  for (std::size_t row = 0; row < rows.rows(); row++) {
    std::unique_ptr<StoredContainer>& place = containers_[rows.at(row, container_id)];
    fresh.push_back(!place);
    if (!place) {
      place = std::make_unique<StoredContainer>();
      [[maybe_unused]] enrich::Container& to = place->container;
      const std::size_t numbers = rows.at(row, container_number_count);
      std::size_t column = container_first;
      const std::size_t end = column + std::min<std::size_t>(numbers, TableReader::most_columns);
      if (!reserve(text_bytes(tables, rows, row, end, container_texts))) return false;
#define RECORDED_CONTAINER_NUMBER(member) \
  to.member = column < end && rows.at(row, column) != 0, column++;
#include "recording/fields.def"
      column = end;
#define RECORDED_CONTAINER_TEXT(member) to.member = tables.texts.at(rows.at(row, column++));
#include "recording/fields.def"
    }
    place->used_in = block_;
    container_rows_.push_back(place.get());
  }
  for (std::size_t row = 0; row < tables.mounts.rows(); row++) {
    const std::size_t of = tables.mounts.at(row, mount_container);
    if (of >= container_rows_.size()) return false;
    if (!fresh[of]) continue;
    if (!reserve(text_bytes(tables, tables.mounts, row, mount_source, 4) +
                 sizeof(enrich::Container::Mount)))
      return false;
    auto text = [&](unsigned column) {
      return std::string(tables.texts.at(tables.mounts.at(row, column)));
    };
    container_rows_[of]->container.mounts.push_back({text(mount_source), text(mount_dest),
                                                     text(mount_mode), text(mount_propagation),
                                                     tables.mounts.at(row, mount_rdwr) != 0});
  }
  return true;
}

bool BlockImages::images_valid(const BlockTables& tables) const {
  const TableReader& rows = tables.images;
  bool good = true;
  // A parent comes before its children, so no chain is circular.
  for (std::size_t row = 0; row < rows.rows(); row++) good &= rows.at(row, image_parent) <= row;
  return good && rows.within(image_container, 0, container_rows_.size() + 1);
}

BlockImages::Stored* BlockImages::image(std::size_t row) {
  if (image_rows_[row]) return image_rows_[row];
  open_rows_.clear();
  for (std::size_t at = row + 1; at && !image_rows_[at - 1];
       at = tables_->images.at(at - 1, image_parent))
    open_rows_.push_back(at - 1);
  for (; !open_rows_.empty(); open_rows_.pop_back()) {
    if (!(image_rows_[open_rows_.back()] = make(open_rows_.back()))) return nullptr;
  }
  return image_rows_[row];
}

// The row's parent is made already.
BlockImages::Stored* BlockImages::make(std::size_t row) {
  const TableReader& rows = tables_->images;
  const std::size_t up = rows.at(row, image_parent), in = rows.at(row, image_container);
  const Stored* parent = up ? image_rows_[up - 1] : nullptr;
  const enrich::Container* container = in ? &container_rows_[in - 1]->container : nullptr;
  std::unique_ptr<Stored>& place = images_[rows.at(row, image_id)];
  if (!place) {
    auto made = std::make_unique<Stored>();
    if (!fill(*made, row, parent)) return nullptr;
    if (parent) made->process.parent = &parent->process;
    if (container) made->process.container = container;
    place = std::move(made);
  } else if (place->process.parent.get() != (parent ? &parent->process : nullptr) ||
             place->process.container.get() != container) {
    // A number identifies an image together with all its ancestors.
    return nullptr;
  }
  place->used_in = block_;
  return place.get();
}

bool BlockImages::fill(Stored& to, std::size_t row, const Stored* parent) {
  const TableReader& rows = tables_->images;
  enrich::LoneProcess& p = to.process;
  const std::size_t end = image_first + std::min<std::size_t>(rows.at(row, image_number_count),
                                                              TableReader::most_columns);
  std::size_t column = image_first;
#define RECORDED_NUMBER(member) \
  p.member = static_cast<decltype(p.member)>(column < end ? rows.at(row, column) : 0), column++;
#define RECORDED_PROGRAM_NUMBER(member) \
  p.own.member = column < end ? rows.at(row, column) : 0, column++;
#include "recording/fields.def"
  column = end;
  std::size_t bytes = 0;
  // The parent's text if it is the same; otherwise it will be copied.
  auto text = [&](std::string_view of_parent) {
    const std::string_view from = tables_->texts.at(rows.at(row, column++));
    if (from == of_parent) return of_parent;
    bytes += from.size();
    return from;
  };
#define RECORDED_TEXT(member) \
  p.own.member = text(parent ? parent->process.own.member : std::string_view());
#define RECORDED_LIST(member) \
  to.member.text = text(parent ? parent->member.text : std::string_view());
#include "recording/fields.def"
  // A list of empty strings takes more space than its text.
  if (!reserve(bytes * (1 + sizeof(std::string_view)))) return false;
  to.size = bytes;
  kept_ += bytes;
  if (bytes) to.bytes = std::make_unique_for_overwrite<char[]>(bytes);
  char* next = to.bytes.get();
  auto keep = [&](std::string_view& text, std::string_view of_parent) {
    if (text.data() == of_parent.data()) return false;
    if (!text.empty()) std::memcpy(next, text.data(), text.size());
    text = {next, text.size()};
    next += text.size();
    return true;
  };
#define RECORDED_TEXT(member) \
  keep(p.own.member, parent ? parent->process.own.member : std::string_view());
#define RECORDED_LIST(member)                                                  \
  if (keep(to.member.text, parent ? parent->member.text : std::string_view())) \
    split(to.member.text, to.member.items), p.own.member = to.member.items;    \
  else if (parent)                                                             \
    p.own.member = parent->process.own.member;
#include "recording/fields.def"
  return true;
}

const enrich::CaptureFacts& BlockImages::facts() const {
  const TableReader& rows = tables_->facts;
  const std::size_t row = facts_row_;
  enrich::CaptureFacts& to = facts_;
  if (std::exchange(facts_made_of_, row) == row) return to;
  to.vtid = static_cast<std::int64_t>(rows.at(row, fact_vtid));
  to.threads = rows.at32(row, fact_threads);
  to.other_threads = rows.at32(row, fact_other_threads);
  to.descriptors = rows.at32(row, fact_descriptors);
  for (unsigned i = 0; i < 3; i++) {
    to.standard[i].type = rows.at32(row, fact_standard + 2 * i);
    to.standard[i].name = tables_->texts.at(rows.at(row, fact_standard + 2 * i + 1));
  }
  to.cgroups = tables_->texts.at(rows.at(row, fact_cgroups));
  return to;
}

bool BlockImages::read_users(const BlockTables& tables) {
  const TableReader &sets = tables.user_sets, &u = tables.users, &g = tables.groups;
  std::vector<std::vector<enrich::Users::User>> users(sets.rows());
  std::vector<std::vector<enrich::Users::Group>> groups(sets.rows());
  auto text = [&](const TableReader& rows, std::size_t row, unsigned column) {
    return std::string(tables.texts.at(rows.at(row, column)));
  };
  for (std::size_t row = 0; row < u.rows(); row++) {
    const std::size_t set = u.at(row, user_set);
    if (set >= users.size() || !reserve(text_bytes(tables, u, row, user_name, 3))) return false;
    users[set].push_back({u.at32(row, user_uid), u.at32(row, user_gid), text(u, row, user_name),
                          text(u, row, user_home), text(u, row, user_shell)});
  }
  for (std::size_t row = 0; row < g.rows(); row++) {
    const std::size_t set = g.at(row, group_set);
    if (set >= groups.size() || !reserve(text_bytes(tables, g, row, group_name, 1))) return false;
    groups[set].push_back({g.at32(row, group_gid), text(g, row, group_name)});
  }
  user_rows_.clear();
  for (std::size_t set = 0; set < sets.rows(); set++) {
    std::unique_ptr<StoredUsers>& place = users_[sets.at(set, 0)];
    if (!place) {
      place = std::make_unique<StoredUsers>();
      place->users = enrich::Users::of(std::move(users[set]), std::move(groups[set]));
    }
    place->used_in = block_;
    user_rows_.push_back(&place->users);
  }
  return true;
}

bool BlockImages::contexts_valid(const BlockTables& tables) const {
  const TableReader& rows = tables.contexts;
  return rows.within(context_image, 1, image_rows_.size() + 1) &&
         rows.within(context_facts, 0, tables.facts.rows() + 1) &&
         rows.within(context_users, 0, user_rows_.size() + 1);
}

// An actor is made when a caller asks for it: the caller may skip most events of a block, and many
// contexts differ only in their facts.
const Actor* BlockImages::actor(std::size_t context) {
  if (context == context_) return &actor_;
  const TableReader& rows = tables_->contexts;
  Stored* stored = image(rows.at(context, context_image) - 1);
  if (!stored) return nullptr;
  context_ = context;
  const std::size_t facts = rows.at(context, context_facts),
                    users = rows.at(context, context_users);
  if (facts) facts_row_ = facts - 1;
  actor_ = {&stored->process,
            facts ? this : nullptr,
            users ? user_rows_[users - 1] : nullptr,
            rows.at32(context, context_tid),
            rows.at32(context, context_pid),
            rows.at32(context, context_uid),
            facts ? tables_->facts.at32(facts - 1, fact_thread) : 0};
  return &actor_;
}

}  // namespace saker::recording
