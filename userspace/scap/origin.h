// SPDX-License-Identifier: Apache-2.0
// An event of a capture as the matcher and outputs know it: with getters of its own.
#pragma once

#include "match/event.h"
#include "match/origin.h"

namespace saker::scap {

struct View;

class CaptureOrigin final : public match::Origin {
 public:
  CaptureOrigin();
  // Until the next call the event's origin stands for `view`, which must be valid as long as it is
  // used.
  const match::Origin* of(const View& view) {
    view_ = &view;
    return this;
  }
  const View& view() const { return *view_; }

  std::string_view path_key(match::FacetKey& key, const match::Event& event,
                            const match::EventPaths& paths, match::Scratch& scratch) const override;

 private:
  const View* view_ = nullptr;
};

// Null: the event stands in no capture.
const View* view_of(const match::Event& event);

// Whether events of captures can have a value of the field.
bool fills(lang::FieldId field);

}  // namespace saker::scap
