// SPDX-License-Identifier: Apache-2.0
// An exception written as a rule file that adds it to a rule. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace saker::lang {

struct NewException {
  std::string rule, name;
  std::vector<std::string> fields, comps;
  // Tuples, one entry for each field; an entry is one value, or a list if the operator takes one.
  std::vector<std::vector<std::vector<std::string>>> values;
};

// Whether a rule file can contain the value: it must be UTF-8 text.
bool writable(std::string_view value);

// "- rule: ... override: exceptions: append". Every value is writable().
std::string exception_yaml(const NewException& exception);

}  // namespace saker::lang
