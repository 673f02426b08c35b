// SPDX-License-Identifier: Apache-2.0
#include "recording/reader.h"

#include "base/bits.h"
#include "recording/file_blocks.h"

namespace saker::recording {

namespace {

constexpr std::size_t seq_places = 1024;  // same as in the writer

}  // namespace

Result<std::unique_ptr<RecordingReader>> RecordingReader::open(
    const std::string& path, std::unique_ptr<ForeignReader> foreign) {
  Result<std::unique_ptr<FileBlocks>> input = FileBlocks::open(path);
  if (!input) return input.error();
  return std::make_unique<RecordingReader>(std::move(*input), std::move(foreign));
}

RecordingReader::RecordingReader(std::unique_ptr<Blocks> blocks,
                                 std::unique_ptr<ForeignReader> foreign)
    : input_(std::move(blocks)), foreign_(std::move(foreign)) {
  // The description comes first: the name of the host is needed before the first event.
  while (!described_ && !ahead_ && input_->next()) {
    if (input_->head().type == events_block)
      ahead_ = true;
    else
      take_other_block();
  }
}

// A block without events.
void RecordingReader::take_other_block() {
  if (input_->head().type != description_block) {
    skipped_++;
    return;
  }
  Result<Description> description = decode(input_->content(), schema_);
  described_ = static_cast<bool>(description);
  if (description)
    description_ = std::move(*description);
  else
    input_->complain(description.error().message);
  images_.clear();
}

bool RecordingReader::load() {
  row_ = row_count_ = 0;
  while (std::exchange(ahead_, false) || input_->next()) {
    if (input_->head().type != events_block)
      take_other_block();
    else if (read_events_block())
      return true;
  }
  return false;
}

bool RecordingReader::read_events_block() {
  bodies_.clear();
  if (foreign_) foreign_->clear();
  tables_.clear();
  if (!read_sections()) {
    input_->complain(
        "the tables of a block of events do not match each other; its events are lost");
    return false;
  }
  row_count_ = rows_.rows();
  body_ = rows_.column(event_body);
  cpu_ = rows_.column(event_cpu);
  seq_ = rows_.column(event_seq);
  if (foreign_) foreign_->read(tables_);
  next_seq_.assign(seq_places, 0);
  wanted_.reset();
  bodies_.build(wanted_, tables_.texts);
  return true;
}

bool RecordingReader::read_section(std::uint64_t section, std::string_view bytes) {
  ByteReader inside(bytes);
  switch (section) {
    case texts_section: return tables_.texts.get(inside);
    case containers_section: return tables_.containers.get(inside);
    case mounts_section: return tables_.mounts.get(inside);
    case images_section: return tables_.images.get(inside);
    case facts_section: return tables_.facts.get(inside);
    case user_sets_section: return tables_.user_sets.get(inside);
    case users_section: return tables_.users.get(inside);
    case groups_section: return tables_.groups.get(inside);
    case contexts_section: return tables_.contexts.get(inside);
    case bodies_section: return bodies_.add(bytes, schema_);
    case events_section: return rows_.get(inside);
    default: break;
  }
  const ForeignReader::Took took =
      foreign_ ? foreign_->add(section, bytes) : ForeignReader::Took::unknown;
  skipped_ += took == ForeignReader::Took::unknown;
  return took != ForeignReader::Took::damaged;
}

bool RecordingReader::read_sections() {
  ByteReader from(input_->content());
  bool have_events = false;
  while (from.left()) {
    const std::uint64_t section = from.number();
    const std::string_view bytes = from.bytes(from.number());
    if (!from.ok() || !read_section(section, bytes)) return false;
    have_events |= section == events_section;
  }
  if (!have_events || rows_.columns() < event_columns || !images_.read(tables_)) return false;
  return rows_.within(event_body, 0, bodies_.count()) &&
         rows_.within(event_context, 0, images_.contexts());
}

std::uint64_t RecordingReader::time_at(std::size_t row) const { return ts_[row] + wall_[row]; }

void RecordingReader::want(const Types& wanted) {
  wanted_ = wanted;
  if (!bodies_.build(wanted_, tables_.texts)) {
    input_->complain("the events of a block are damaged or too large; they are lost");
    row_ = row_count_;
  }
  if (wanted_.none()) return;
  context_ = rows_.column(event_context);
  ts_ = rows_.column(event_ts);
  wall_ = rows_.column(event_wall);
  number_ = rows_.column(event_number);
}

// The record of the next event of a requested type, which is then in the row before row_; null: the
// block has no more.
saker_rec* RecordingReader::next_record() {
  const ColumnView bodies = body_, cpus = cpu_, seqs = seq_;
  saker_rec* record = nullptr;
  std::size_t row = row_;
  while (row < row_count_ && !record) {
    const std::size_t body = bodies[row];
    const std::uint32_t cpu = cpus.at32(row);
    std::uint32_t& next_seq = next_seq_[cpu % seq_places];
    const std::uint32_t seq = next_seq + seqs.at32(row);
    next_seq = seq + 1;
    row++;
    if ((record = bodies_.record(body)))
      record->cpu = cpu, record->seq = seq;
    else
      skipped_ += bodies_.type(body) == 0;
  }
  events_ += row - row_;
  row_ = row;
  return record;
}

// False: its process is damaged.
bool RecordingReader::take(saker_rec* record, std::size_t row) {
  const Actor* actor = images_.actor(context_[row]);
  if (!actor) return false;
  record->ts = ts_[row];
  record->tid = actor->tid;
  record->pid = actor->pid;
  record->uid = actor->uid;
  const std::uint64_t time = time_at(row);
  event_.record = decode::Record(record);
  event_.process = actor->process;
  event_.facts = actor->facts;
  event_.users = actor->users;
  event_.time = time;
  event_.number = number_[row];
  if (!foreign_) return true;
  event_.origin = foreign_->origin(row, *actor, time, row ? time_at(row - 1) : 0, record->cpu);
  if (foreign_->damaged())
    input_->complain(
        "a block's data about a capture's events is damaged; only their records are used");
  return true;
}

const fields::Event* RecordingReader::next(const Types& wanted) {
  for (;;) {
    if (row_ < row_count_ && !same_bits(wanted, wanted_)) want(wanted);
    if (saker_rec* record = next_record()) {
      if (take(record, row_ - 1)) return &event_;
      input_->complain(
          "the processes of a block are damaged or too large; its other events are lost");
      row_ = row_count_;
    }
    if (!load()) return nullptr;
    if (watch_) watch_();
  }
}

}  // namespace saker::recording
