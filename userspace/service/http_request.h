// SPDX-License-Identifier: Apache-2.0
// A parsed HTTP/1.x request. Whatever bytes the sender sends, a request is complete and valid, or
// has the status with which it is refused. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace saker::service {

struct HttpRequest {
  struct Field {
    std::string name;  // in lower case
    std::string_view value;
  };

  std::string_view method, path, query;  // query: after '?', as it was sent
  std::vector<Field> fields;
  std::size_t body_bytes = 0;  // announced by Content-Length
  int refusal = 0;             // the status with which it is refused; 0: none
  bool keep = true;            // the connection stays open afterwards

  // "" if there is none.
  std::string_view field(std::string_view name) const;
};

// Parses the text before the empty line; refers to `head`.
HttpRequest parse_head(std::string_view head);

// "a%20b+c" -> "a b c"; a broken escape stays as it is.
std::string url_decoded(std::string_view text);

// The value of `name` in "a=1&b=2", decoded; "" if there is none.
std::string query_value(std::string_view query, std::string_view name);

}  // namespace saker::service
