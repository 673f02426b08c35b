// SPDX-License-Identifier: Apache-2.0
// Every field at an event of a file with any kind of damage: none reads out of bounds. One thread.
#pragma once

#include <string>
#include <vector>

#include "fields/extract.h"
#include "fields/field.h"

namespace saker::fuzz {

inline const std::vector<fields::FieldRef>& every_field() {
  static const std::vector<fields::FieldRef> all = [] {
    std::vector<fields::FieldRef> out;
    for (const fields::FieldDef& field : fields::all_fields()) {
      if (!field.arg_required) out.push_back(fields::field_ref(field.name, false, ""));
    }
    for (const char* name : {"evt.arg", "evt.rawarg"})
      for (const char* arg :
           {"0", "1", "2", "3", "name", "fd", "res", "fds", "data", "addr", "tuple"})
        out.push_back(fields::field_ref(name, true, arg));
    return out;
  }();
  return all;
}

inline void show_every_field(const fields::Event& event) {
  static fields::Scratch scratch;
  scratch.use(event.users);
  std::string text;
  for (const fields::FieldRef& field : every_field()) {
    scratch.reset();
    text.clear();
    fields::append_text(text, field, fields::extract(field, event, fields::View::named, scratch));
  }
}

}  // namespace saker::fuzz
