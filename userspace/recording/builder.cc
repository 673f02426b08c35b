// SPDX-License-Identifier: Apache-2.0
#include "recording/builder.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/hash.h"

namespace saker::recording {
namespace {

// Images remembered across blocks; more than live at the same time.
constexpr std::size_t most_known = 1u << 16;
// No chain of ancestors is longer.
constexpr unsigned most_ancestors = 128;

std::uint64_t hash_words(std::span<const std::uint64_t> words) {
  return XXH3_64bits(words.data(), words.size_bytes());
}

// Combines numbers and the addresses of texts. As long as it stays the same for an object, the
// object's content does too, except for changes reported by forget().
std::uint64_t fingerprint(const enrich::Process& process) {
  const enrich::ProcessFacts& facts = process;
  const std::uint64_t own = XXH3_64bits(&facts, sizeof facts);
  return XXH3_64bits_withSeed(process.program, sizeof *process.program, own);
}

// Strings, each terminated by a NUL.
std::string_view join(std::span<const std::string_view> list, std::string& to) {
  to.clear();
  for (std::string_view each : list) {
    to += each;
    to += '\0';
  }
  return to;
}

}  // namespace

// Two things of different kinds may have the same number; two different things of one kind must
// not. A recorded process cannot force that, because it does not know `seed`.
std::uint64_t Builder::mix(std::uint64_t hash, std::string_view text) const {
  return XXH3_64bits_withSeed(text.data(), text.size(), hash ^ seed_);
}

Builder::Builder(std::uint64_t seed, MakeForeignWriter foreign)
    : seed_(seed), make_foreign_(foreign), block_(new_block()) {}

std::unique_ptr<Block> Builder::new_block() const {
  std::unique_ptr<Block> block = std::make_unique<Block>();
  if (make_foreign_) block->foreign = make_foreign_(block->texts);
  return block;
}

bool Builder::full() const {
  return block_->events.size() >= most_events ||
         block_->words.size() * 8 + block_->texts.bytes() +
                 block_->facts.rows() * fact_columns * 8 +
                 (block_->foreign ? block_->foreign->bytes() : 0) >=
             most_bytes ||
         block_->images.rows() >= most_events / 4;
}

std::unique_ptr<Block> Builder::take() {
  std::unique_ptr<Block> out = std::exchange(block_, new_block());
  block_->events.reserve(out->events.size());
  block_->words.reserve(out->words.size());
  block_number_++;
  image_rows_.clear();
  container_rows_.clear();
  body_index_.clear();
  fact_index_.clear();
  context_index_.clear();
  users_seen_.clear();
  if (known_.size() > most_known) known_.clear();
  return out;
}

void Builder::add(const fields::Event& event) {
  const saker_rec& head = event.record.head();
  const std::uint32_t by = context(event);
  if (block_->foreign) block_->foreign->add(event);
  block_->events.push_back(
      {head.ts, event.time, event.number, body(event.record), by, head.cpu, head.seq});
}

std::uint32_t Builder::body(const decode::Record& record) {
  const saker_rec& head = record.head();
  const char* from = reinterpret_cast<const char*>(&head);
  const std::string_view rest(from + SAKER_REC_HEAD, head.len - SAKER_REC_HEAD);
  const std::uint64_t row[] = {std::uint64_t{head.type} << 32 | head.nparams,
                               static_cast<std::uint64_t>(head.ret), head.flags, hash_bytes(rest)};
  std::vector<std::uint64_t>& words = block_->words;
  const std::uint32_t next = static_cast<std::uint32_t>(block_->bodies.size());
  std::uint32_t found = body_index_.find_or_add(hash_words(row), next, [&](std::uint32_t index) {
    const Block::Body& other = block_->bodies[index];
    const saker_rec& is = *reinterpret_cast<const saker_rec*>(words.data() + other.at);
    return is.len == head.len && is.type == head.type && is.nparams == head.nparams &&
           is.ret == head.ret && is.flags == head.flags &&
           std::string_view(reinterpret_cast<const char*>(&is) + SAKER_REC_HEAD, rest.size()) ==
               rest;
  });
  if (found != next) return found;
  const std::size_t at = words.size();
  words.resize(at + (head.len + 7) / 8);
  std::memcpy(words.data() + at, from, head.len);
  block_->bodies.push_back({at, head.len});
  return next;
}

std::uint32_t Builder::context(const fields::Event& event) {
  const saker_rec& head = event.record.head();
  const std::array<std::uint64_t, context_columns> row{
      image(*event.process, 0).row + std::uint64_t{1},
      facts(event),
      users(event.users),
      head.tid,
      head.pid,
      head.uid};
  const std::uint32_t next = static_cast<std::uint32_t>(block_->contexts.rows());
  std::uint32_t found = context_index_.find_or_add(hash_words(row), next, [&](std::uint32_t index) {
    return std::ranges::equal(block_->contexts.row(index), row);
  });
  if (found == next) block_->contexts.add(row);
  return found;
}

std::uint32_t Builder::facts(const fields::Event& event) {
  const enrich::CaptureFacts* facts = fields::facts_of(event);
  if (!facts) return 0;
  TextWriter& texts = block_->texts;
  std::array<std::uint64_t, fact_columns> row{static_cast<std::uint64_t>(facts->vtid),
                                              facts->threads, facts->other_threads,
                                              facts->descriptors};
  for (unsigned i = 0; i < 3; i++) {
    row[fact_standard + 2 * i] = facts->standard[i].type;
    row[fact_standard + 2 * i + 1] = texts.put(facts->standard[i].name);
  }
  row[fact_cgroups] = texts.put(facts->cgroups);
  if (block_->foreign) row[fact_thread] = block_->foreign->actor(event);
  const std::uint32_t next = static_cast<std::uint32_t>(block_->facts.rows());
  std::uint32_t found = fact_index_.find_or_add(hash_words(row), next, [&](std::uint32_t index) {
    return std::ranges::equal(block_->facts.row(index), row);
  });
  if (found == next) block_->facts.add(row);
  return found + 1;
}

const Builder::Known& Builder::image(const enrich::Process& process, unsigned depth) {
  Known& known = known_[&process];
  // The state also differs if another image has taken this address.
  const std::uint64_t state = process.verdicts.state();
  const bool same = known.id && known.state == state;
  if (same && known.batch == batch_ && known.block == block_number_) return known;

  const enrich::Process* up = depth < most_ancestors ? process.parent.get() : nullptr;
  const Known* parent = up && up != &process ? &image(*up, depth + 1) : nullptr;
  const enrich::Container* in = process.container;
  const std::uint64_t print = fingerprint(process), parent_id = parent ? parent->id : 0;
  if (!same || known.fingerprint != print || known.parent_id != parent_id ||
      known.container != in) {
    known.container_id = in ? container_content(*in) : 0;
    known.parent_id = parent_id;
    known.id = image_content(process, known);
  }
  known.container = in;
  known.fingerprint = print;
  known.state = state;
  known.batch = batch_;
  known.block = block_number_;
  auto at = image_rows_.find(known.id);
  if (at == image_rows_.end())
    at = image_rows_.emplace(known.id, image_row(process, known, parent ? parent->row + 1 : 0))
             .first;
  known.row = at->second;
  return known;
}

// Never 0.
std::uint64_t Builder::image_content(const enrich::Process& p, const Known& links) {
  const std::uint64_t numbers[] = {
      links.parent_id,
      links.container_id,
#define RECORDED_NUMBER(member) p.member,
#define RECORDED_PROGRAM_NUMBER(member) p.program->member,
#include "recording/fields.def"
  };
  std::uint64_t hash = mix(1, {reinterpret_cast<const char*>(numbers), sizeof numbers});
#define RECORDED_TEXT(member) hash = mix(hash, p.program->member);
#define RECORDED_LIST(member) hash = mix(hash, join(p.program->member, list_));
#include "recording/fields.def"
  return hash ? hash : 1;
}

std::uint32_t Builder::image_row(const enrich::Process& p, const Known& known,
                                 std::uint32_t parent) {
  std::uint32_t in = known.container ? container(*known.container, known.container_id) + 1 : 0;
  TextWriter& texts = block_->texts;
  const std::uint64_t row[image_columns] = {
      known.id,
      in,
      parent,
      image_numbers,
#define RECORDED_NUMBER(member) p.member,
#define RECORDED_PROGRAM_NUMBER(member) p.program->member,
#include "recording/fields.def"
#define RECORDED_TEXT(member) texts.put(p.program->member),
#define RECORDED_LIST(member) texts.put(join(p.program->member, list_)),
#include "recording/fields.def"
  };
  return block_->images.add(row);
}

std::uint64_t Builder::container_content(const enrich::Container& c) const {
  std::uint64_t hash = 2;
#define RECORDED_CONTAINER_NUMBER(member) hash = mix(hash, c.member ? "1" : "0");
#define RECORDED_CONTAINER_TEXT(member) hash = mix(hash, c.member);
#include "recording/fields.def"
  for (const enrich::Container::Mount& mount : c.mounts)
    for (std::string_view text : {std::string_view(mount.source), std::string_view(mount.dest),
                                  std::string_view(mount.mode), std::string_view(mount.propagation),
                                  std::string_view(mount.rdwr ? "1" : "0")})
      hash = mix(hash, text);
  return hash ? hash : 1;
}

std::uint32_t Builder::container(const enrich::Container& c, std::uint64_t id) {
  auto at = container_rows_.find(id);
  if (at != container_rows_.end()) return at->second;
  TextWriter& texts = block_->texts;
  const std::uint64_t row[] = {
      id,
      container_numbers,
#define RECORDED_CONTAINER_NUMBER(member) c.member,
#include "recording/fields.def"
#define RECORDED_CONTAINER_TEXT(member) texts.put(c.member),
#include "recording/fields.def"
  };
  std::uint32_t made = block_->containers.add(row);
  for (const enrich::Container::Mount& mount : c.mounts) {
    const std::uint64_t mount_row[] = {made,
                                       mount.rdwr,
                                       texts.put(mount.source),
                                       texts.put(mount.dest),
                                       texts.put(mount.mode),
                                       texts.put(mount.propagation)};
    block_->mounts.add(mount_row);
  }
  container_rows_.emplace(id, made);
  return made;
}

// Row + 1.
std::uint32_t Builder::users(const enrich::Users* users) {
  if (!users) return 0;
  const UsersSeen now{users, users->users().data(), users->groups().data(), users->users().size(),
                      users->groups().size()};
  for (const auto& [seen, row] : users_seen_)
    if (seen == now) return row;
  TextWriter& texts = block_->texts;
  const std::uint32_t set = static_cast<std::uint32_t>(block_->user_sets.rows());
  std::uint64_t hash = 3;
  for (const enrich::Users::User& user : users->users()) {
    const std::uint64_t row[] = {
        set, user.uid, user.gid, texts.put(user.name), texts.put(user.home), texts.put(user.shell)};
    block_->users.add(row);
    const std::uint64_t numbers[] = {user.uid, user.gid};
    hash = mix(hash, {reinterpret_cast<const char*>(numbers), sizeof numbers});
    for (const std::string* text : {&user.name, &user.home, &user.shell}) hash = mix(hash, *text);
  }
  for (const enrich::Users::Group& group : users->groups()) {
    const std::uint64_t row[] = {set, group.gid, texts.put(group.name)};
    block_->groups.add(row);
    hash =
        mix(mix(hash, {reinterpret_cast<const char*>(&group.gid), sizeof group.gid}), group.name);
  }
  const std::uint64_t id[] = {hash};
  block_->user_sets.add(id);
  // For one object only its last state can appear again.
  std::erase_if(users_seen_, [&](const auto& each) { return each.first.users == users; });
  users_seen_.emplace_back(now, set + 1);
  return set + 1;
}

}  // namespace saker::recording
