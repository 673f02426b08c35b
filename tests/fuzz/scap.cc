// SPDX-License-Identifier: Apache-2.0
// Any bytes as a capture: it is read to its end or to an error, and every record made from it is
// complete.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "decode/record.h"
#include "every_field.h"
#include "scap/images.h"
#include "scap/origin.h"
#include "scap/reader.h"
#include "scap/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace scap = saker::scap;
  static const int file = memfd_create("capture", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  saker::Result<std::unique_ptr<scap::CaptureReader>> opened = scap::CaptureReader::open(path);
  if (!opened) return 0;
  scap::CaptureReader& reader = **opened;
  saker::scap::ThreadImages images(reader.state());
  scap::CaptureOrigin origin;
  for (;;) {
    saker::Result<const scap::CaptureStep*> next = reader.next();
    if (!next || !*next) return 0;
    if ((*next)->record_type == 0) continue;
    std::span<const std::byte> record = reader.record();
    if (saker::decode::check(record) != record.size()) std::abort();
    // Every parameter can be shown, whatever it contains.
    // A type that is never shown has no parameters to show, whatever its event has.
    const scap::ShownEvent& view = (*next)->view;
    const std::size_t shown = scap::shown_type(view.event->type).params.size();
    for (unsigned i = 0; i < view.event->count && i < shown; i++) scap::full_path(view, i);
    const saker::enrich::Process* process = images.at((*next)->thread);
    saker::fuzz::show_every_field({.record = saker::decode::Record(record.data()),
                                   .process = process,
                                   .time = (*next)->time,
                                   .number = (*next)->number,
                                   .users = images.users((*next)->thread),
                                   .origin = origin.of((*next)->view)});
    // Every walk up the ancestors ends.
    for (int depth = 0; process; process = process->parent)
      if (++depth > 300000) std::abort();
  }
}
