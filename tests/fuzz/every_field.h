// SPDX-License-Identifier: Apache-2.0
// Every field at an event of a file that may be damaged in any way: none reads beyond what is
// there. One thread.
#pragma once

#include <string>
#include <vector>

#include "lang/field.h"
#include "match/extract.h"

namespace saker::fuzz {

inline const std::vector<match::FieldRef>& every_field() {
  static const std::vector<match::FieldRef> all = [] {
    std::vector<match::FieldRef> out;
    for (const lang::FieldDef& field : lang::fields()) {
      if (!field.arg_required) out.push_back(match::field_ref(field.name, false, ""));
    }
    for (const char* name : {"evt.arg", "evt.rawarg"})
      for (const char* arg :
           {"0", "1", "2", "3", "name", "fd", "res", "fds", "data", "addr", "tuple"})
        out.push_back(match::field_ref(name, true, arg));
    return out;
  }();
  return all;
}

inline void show_every_field(const match::Event& event) {
  static match::Scratch scratch;
  scratch.use(event.users);
  std::string text;
  for (const match::FieldRef& field : every_field()) {
    scratch.reset();
    text.clear();
    match::append_text(text, field, match::extract(field, event, match::View::named, scratch));
  }
}

}  // namespace saker::fuzz
