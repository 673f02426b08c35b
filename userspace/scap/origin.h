// SPDX-License-Identifier: Apache-2.0
// An event of a capture as the matcher and outputs see it: with its own getters.
#pragma once

#include "fields/event.h"
#include "fields/origin.h"

namespace saker::scap {

struct ShownEvent;

class CaptureOrigin final : public fields::Origin {
 public:
  CaptureOrigin();
  // Until the next call, the event's origin refers to `view`, which must be valid as long as it is
  // used.
  const fields::Origin* of(const ShownEvent& view) {
    view_ = &view;
    return this;
  }
  const ShownEvent& view() const { return *view_; }

  std::string_view path_key(fields::KeyBuffer& key, const fields::Event& event,
                            const fields::EventPaths& paths,
                            fields::Scratch& scratch) const override;

 private:
  const ShownEvent* view_ = nullptr;
};

// Null: the event is not from a capture.
const ShownEvent* view_of(const fields::Event& event);

// Whether events of captures can have a value of the field.
bool fills(fields::FieldId field);

}  // namespace saker::scap
