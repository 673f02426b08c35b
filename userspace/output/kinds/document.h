// SPDX-License-Identifier: Apache-2.0
// An alert parsed again, for sinks that send more than its line: read from its JSON, whose values
// the formatter escaped; here every value is unescaped. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "output/alert.h"
#include "output/kinds/settings.h"

namespace saker::output {

struct Field {
  std::string key;
  std::string json;  // as in JSON: "\"nginx\"", "42", "null"
  std::string text;  // as text: nginx, 42, empty
};

struct Document {
  // Derived from the alert's content: the same alert has the same uuid in every output and each
  // time it is sent.
  std::string uuid;
  std::string hostname, output, rule, source, time;
  lang::Priority priority = lang::Priority::debug;
  std::uint64_t time_ns = 0;
  std::vector<std::string> tags;
  std::vector<Field> fields;  // output_fields, by key
  std::vector<Field> more;    // any other member: message, recording

  const Field* find(std::string_view key) const;
  // Falco's JSON alert with `uuid`, one line.
  std::string json() const;
};

// The document's uuid, without reading it.
std::string uuid_of(const Alert& alert);

// Fails if the alert's JSON was not rendered, or is invalid.
Result<Document> read_document(const Alert& alert);

}  // namespace saker::output
