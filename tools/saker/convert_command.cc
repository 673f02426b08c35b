// SPDX-License-Identifier: Apache-2.0
// saker convert: converts a capture, or a recording, to a recording.
#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <string>

#include "command.h"
#include "progress.h"
#include "recording/builder.h"
#include "recording/encoder.h"
#include "recording/output.h"
#include "recording/schema.h"
#include "scap/section_writer.h"
#include "service/event_file.h"

namespace saker::cli {
namespace {

// There is time to pack well, and unpacking does not get slower. Above this level, packing takes a
// third more time for 0.3 % less space.
constexpr int level = 9;

constexpr Option options[] = {
    {'q', "quiet", "", "no progress and no totals"},
};

constexpr std::string_view text =
    "Writes the events of FILE that rules can ask for, with their processes, to the new\n"
    "recording TO. Its replay gives the same alerts as a replay of FILE. FILE is a .scap\n"
    "capture, plain or gzip, or a recording. Exit status 1: FILE was damaged.\n";

bool same_file(const std::string& a, const std::string& b) {
  struct stat one, other;
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

struct Written {
  std::uint64_t events = 0, bytes = 0;
};

Result<Written> convert(service::EventFile& from, const std::string& to, Progress& progress) {
  recording::Description description;
  description.host = from.host();
  description.program = "saker convert";
  Result<recording::Output> output = recording::Output::create(to, recording::encode(description));
  if (!output) return output.error();
  Written written;
  // The seed protects nothing here: the user who converts a file can read it anyway.
  recording::Builder builder(0, scap::SectionWriter::make);
  auto flush = [&]() -> Result<void> {
    if (builder.events() == 0) return {};
    return output->append(recording::encode(*builder.take(), level));
  };
  from.watch([&] { progress.step(from.position(), from.totals().events); });
  service::EventFile::Types all;
  all.set();
  while (const service::EventFile::Step* step = from.next(all)) {
    if (!step->shown) continue;
    builder.add(step->event);
    written.events++;
    if (!builder.full()) continue;
    if (Result<void> flushed = flush(); !flushed) return flushed.error();
  }
  if (Result<void> flushed = flush(); !flushed) return flushed.error();
  written.bytes = output->size();
  return written;
}

int failed(const std::string& message) {
  std::fprintf(stderr, "saker convert: %s\n", message.c_str());
  return exit_failed;
}

int run(const Arguments& arguments) {
  if (arguments.words.size() != 2) return usage_error(convert_command, "which file, and where to?");
  const std::string &path = arguments.words[0], &to = arguments.words[1];
  if (same_file(path, to)) return failed(path + " and " + to + " are the same file");
  Result<std::unique_ptr<service::EventFile>> file = service::EventFile::open(path);
  if (!file) return failed(file.error().message);
  bool quiet = arguments.has("quiet");
  Progress progress(!quiet);
  progress.begin(path, (*file)->size());
  Result<Written> written = convert(**file, to, progress);
  progress.clear();
  if (!written) return failed(written.error().message);
  for (const std::string& message : (*file)->damage()) failed(message);
  if (!quiet) {
    std::uint64_t read = (*file)->totals().events;
    std::fprintf(
        stderr, "%llu of %llu events written, %llu bytes, %.1f an event, %s\n",
        static_cast<unsigned long long>(written->events), static_cast<unsigned long long>(read),
        static_cast<unsigned long long>(written->bytes),
        written->events ? static_cast<double>(written->bytes) / static_cast<double>(written->events)
                        : 0.0,
        progress.total(read).c_str());
    if (std::uint64_t skipped = (*file)->totals().skipped)
      std::fprintf(stderr, "%llu blocks or events of unknown types skipped\n",
                   static_cast<unsigned long long>(skipped));
  }
  return (*file)->damage().empty() ? exit_ok : exit_failed;
}

}  // namespace

const Command convert_command = {
    .name = "convert",
    .synopsis = "FILE TO",
    .summary = "convert a capture to a recording",
    .text = text,
    .options = options,
    .run = run,
};

}  // namespace saker::cli
