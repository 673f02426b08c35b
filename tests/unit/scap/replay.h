// SPDX-License-Identifier: Apache-2.0
// Fields of a small capture, or of its recording, as an output shows them.
#pragma once

#include <doctest/doctest.h>

#include <cstdio>
#include <memory>
#include <string>

#include "fields/extract.h"
#include "recording/builder.h"
#include "recording/encoder.h"
#include "recording/output.h"
#include "recording/schema.h"
#include "scap/section_writer.h"
#include "service/event_file.h"
#include "writer.h"

namespace saker::scap::test {

inline std::unique_ptr<service::EventFile> open_events(const std::string& path) {
  Result<std::unique_ptr<service::EventFile>> opened = service::EventFile::open(path);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  return std::move(*opened);
}

// The capture as a recording, with its path.
inline std::string recorded(CaptureWriter& writer) {
  std::unique_ptr<service::EventFile> from = open_events(writer.path());
  std::string to = writer.path() + ".skr";
  std::remove(to.c_str());
  Result<recording::Output> output = recording::Output::create(to, recording::encode({}));
  REQUIRE_MESSAGE(output, (output ? "" : output.error().message));
  recording::Builder builder(0, scap::SectionWriter::make);
  service::EventFile::Types all;
  all.set();
  while (const service::EventFile::Step* step = from->next(all)) {
    if (!step->shown) continue;
    builder.new_batch();
    builder.add(step->event);
  }
  REQUIRE(output->append(recording::encode(*builder.take(), 3)));
  return to;
}

class Replay {
 public:
  explicit Replay(const std::string& path) : file_(open_events(path)) { all_.set(); }
  bool next() {
    step_ = file_->next(all_);
    return step_ != nullptr;
  }
  // As an output shows it.
  std::string operator[](std::string_view written) {
    fields::FieldName name = fields::split_field_name(written.substr(0, written.find('[')));
    REQUIRE(name.id != fields::no_field);
    std::string_view arg = name.suffix;
    std::size_t open = written.find('[');
    if (open != std::string_view::npos) arg = written.substr(open + 1, written.size() - open - 2);
    fields::FieldRef field =
        fields::field_ref(fields::all_fields()[name.id].name, !arg.empty(), arg);
    fields::Scratch scratch;
    scratch.use(step_->event.users);
    std::string text;
    fields::append_text(text, field,
                        fields::extract(field, step_->event, fields::View::named, scratch));
    return text;
  }

 private:
  std::unique_ptr<service::EventFile> file_;
  service::EventFile::Types all_;
  const service::EventFile::Step* step_ = nullptr;
};

}  // namespace saker::scap::test
