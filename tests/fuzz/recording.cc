// SPDX-License-Identifier: Apache-2.0
// Any bytes as a recording: it is read to its end, past any damage, and every event is complete.
// Most inputs are changed inside a block and then get correct checksums, because otherwise they
// would fail at the checksum.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "every_field.h"
#include "recording/frame.h"
#include "recording/reader.h"
#include "scap/section_reader.h"
#include "scap/show.h"

namespace {

namespace recording = saker::recording;
namespace scap = saker::scap;
using saker::recording::RecordingReader;

struct Part {
  recording::BlockHead head;
  std::size_t at = 0, bytes = 0;
  std::string content;
};

// The blocks that can be read.
std::vector<Part> blocks_of(std::string_view file) {
  std::vector<Part> out;
  for (std::size_t at = recording::file_head; at < file.size();) {
    Part part;
    part.at = at;
    const std::size_t left = file.size() - at;
    if (!recording::read_head(file.substr(at), part.head) ||
        part.head.stored > left - sizeof part.head || part.head.content > 1u << 20)
      break;
    part.bytes = sizeof part.head + part.head.stored;
    if (recording::unpack(part.head, file.substr(at + sizeof part.head, part.head.stored),
                          part.content))
      out.push_back(part);
    at += part.bytes;
  }
  return out;
}

void read_all(const saker::fields::Event& event) {
  const saker_rec& head = event.record.head();
  // A forged text may be longer than the module's limit.
  const bool whole =
      saker::decode::check({reinterpret_cast<const std::byte*>(&head), head.len}) == head.len;
  if (!whole && head.len <= SAKER_REC_MAX) std::abort();
  int depth = 0;
  // Every walk up the ancestors ends.
  for (const saker::enrich::Process* process = event.process; process; process = process->parent)
    if (++depth > 300000) std::abort();
  if (const scap::ShownEvent* view = scap::view_of(event)) {
    // A type that is never shown has no parameters to show, whatever its event has.
    const std::size_t shown = scap::shown_type(view->event->type).params.size();
    for (unsigned i = 0; i < view->event->count && i < shown; i++) scap::full_path(*view, i);
  }
  saker::fuzz::show_every_field(event);
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned seed) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  std::vector<Part> parts = blocks_of(file);
  if (seed % 8 == 0 || parts.empty()) return LLVMFuzzerMutate(data, size, room);
  Part& part = parts[seed / 8 % parts.size()];
  std::string content = part.content;
  const std::size_t most = content.size() + 64;
  content.resize(most);
  content.resize(
      LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(content.data()), part.content.size(), most));
  const std::string packed = recording::pack(part.head, content, 1);
  const std::string all = std::string(file.substr(0, part.at)) + packed +
                          std::string(file.substr(part.at + part.bytes));
  if (all.size() > room) return LLVMFuzzerMutate(data, size, room);
  std::memcpy(data, all.data(), all.size());
  return all.size();
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("recording", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  saker::Result<std::unique_ptr<RecordingReader>> opened =
      RecordingReader::open(path, std::make_unique<scap::SectionReader>());
  if (!opened) return 0;
  RecordingReader& reader = **opened;
  RecordingReader::Types all, few;
  all.set();
  few.set(SAKER_EV_openat);
  // As when rules are replaced in the middle: other types are requested.
  for (unsigned i = 0; const saker::fields::Event* event = reader.next(i % 5 == 4 ? few : all); i++)
    read_all(*event);
  if (reader.events() > 0 && reader.position() > reader.size()) std::abort();
  return 0;
}
