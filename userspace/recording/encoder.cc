// SPDX-License-Identifier: Apache-2.0
#include "recording/encoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "decode/record.h"
#include "recording/column.h"
#include "recording/frame.h"

namespace saker::recording {

namespace {

bool is_blob(decode::ParamType type) {
  switch (type) {
    case decode::ParamType::STR:
    case decode::ParamType::PATH:
    case decode::ParamType::ARGV:
    case decode::ParamType::SOCK:
    case decode::ParamType::ADDR: return true;
    default: return false;
  }
}

decode::Record record_of(const Block& block, const Block::Body& body) {
  return decode::Record(block.words.data() + body.at);
}

// An empty text is not the same as a missing one: its slot has an offset.
bool is_there(const decode::Record& record, unsigned slot) {
  const char* at = record.str(slot).data();
  return at && at != reinterpret_cast<const char*>(&record.head());
}

// Bodies of one type: its number, the number of slots, the table.
void put_bodies(std::string& to, Block& block, std::uint16_t type,
                const std::vector<std::uint32_t>& members) {
  const std::uint64_t blobs = blob_slots(type);
  std::size_t slots = 0;
  for (std::uint32_t member : members)
    slots = std::max<std::size_t>(slots, record_of(block, block.bodies[member]).head().nparams);
  // A reader could not interpret slots that this program's table of events does not describe.
  slots = std::min(slots, decode::event_info(type).params.size());
  const std::uint64_t used = slots < 64 ? blobs & ((std::uint64_t{1} << slots) - 1) : blobs;
  TableWriter table(body_first + slots + static_cast<std::size_t>(std::popcount(used)));
  std::vector<std::uint64_t> row;
  for (std::uint32_t member : members) {
    decode::Record record = record_of(block, block.bodies[member]);
    const saker_rec& head = record.head();
    row = {static_cast<std::uint64_t>(head.ret), head.flags,
           std::min<std::size_t>(head.nparams, slots)};
    for (unsigned slot = 0; slot < slots; slot++)
      row.push_back(blobs >> slot & 1 ? block.texts.put(record.str(slot)) : record.u64(slot));
    for (std::uint64_t left = used; left; left &= left - 1) {
      const unsigned slot = static_cast<unsigned>(std::countr_zero(left));
      row.push_back(record.blob_flags(slot) | (is_there(record, slot) ? body_blob_there : 0));
    }
    table.add(row);
  }
  std::string bytes;
  put_number(bytes, type);
  put_number(bytes, slots);
  table.put(bytes);
  put_section(to, bodies_section, bytes);
}

void put_events(std::string& to, const Block& block, const std::vector<std::uint32_t>& body_rows) {
  TableWriter table(event_columns);
  // Sequence numbers of a ring mostly increase by one: the difference from that is stored.
  std::array<std::uint32_t, 1024> next{};
  for (const Block::Occurrence& event : block.events) {
    std::uint32_t& expected = next[event.cpu % next.size()];
    const std::uint64_t row[] = {body_rows[event.body], event.context, event.ts,
                                 event.time - event.ts, event.number,  event.cpu,
                                 event.seq - expected};
    expected = event.seq + 1;
    table.add(row);
  }
  put_table(to, events_section, table);
}

BlockHead head_of(const Block& block) {
  BlockHead head;
  head.type = events_block;
  head.events = static_cast<std::uint32_t>(block.events.size());
  if (block.events.empty()) return head;
  head.first_time = head.first_number = ~std::uint64_t{0};
  for (const Block::Occurrence& event : block.events) {
    head.first_time = std::min(head.first_time, event.time);
    head.last_time = std::max(head.last_time, event.time);
    head.first_number = std::min(head.first_number, event.number);
    head.last_number = std::max(head.last_number, event.number);
  }
  return head;
}

}  // namespace

std::uint64_t blob_slots(std::uint16_t type) {
  std::span<const decode::ParamInfo> params = decode::event_info(type).params;
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < params.size() && i < 64; i++)
    if (is_blob(params[i].type)) out |= std::uint64_t{1} << i;
  return out;
}

std::string encode(Block& block, int level) {
  // Bodies are numbered through the tables of their types, in the order of the tables.
  std::map<std::uint16_t, std::vector<std::uint32_t>> by_type;
  for (std::uint32_t i = 0; i < block.bodies.size(); i++)
    by_type[record_of(block, block.bodies[i]).type()].push_back(i);
  std::string bodies;
  std::vector<std::uint32_t> rows(block.bodies.size());
  std::uint32_t next = 0;
  for (const auto& [type, members] : by_type) {
    put_bodies(bodies, block, type, members);
    for (std::uint32_t member : members) rows[member] = next++;
  }
  std::string content, texts;
  block.texts.put_all(texts);
  put_section(content, texts_section, texts);
  put_table(content, containers_section, block.containers);
  put_table(content, mounts_section, block.mounts);
  put_table(content, images_section, block.images);
  put_table(content, facts_section, block.facts);
  put_table(content, user_sets_section, block.user_sets);
  put_table(content, users_section, block.users);
  put_table(content, groups_section, block.groups);
  put_table(content, contexts_section, block.contexts);
  content += bodies;
  if (block.foreign) block.foreign->put(content);
  put_events(content, block, rows);
  return pack(head_of(block), content, level);
}

}  // namespace saker::recording
