// SPDX-License-Identifier: Apache-2.0
// Makes text from outside safe for one line: nobody who names a file or a process can split an
// alert, forge another one, or send control sequences to a terminal. Bytes that are not UTF-8
// become U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace saker::output {

// For a text line: escaped like a JSON string (\n, \u001b, \", \\), so that each line has one
// meaning. Characters that hide, reverse or break the surrounding text (U+202E, U+2028, U+200B) are
// written as \u202e, too.
void append_line(std::string& out, std::string_view raw);
// For JSON: with its quotes.
void append_json(std::string& out, std::string_view raw);

// For people, where the target format adds its own escapes: invisible and control characters are
// shown as \n and \u202e; quotation marks and backslashes stay.
void append_shown(std::string& out, std::string_view raw);

// A UTF-16 code unit as \u202e.
void append_unit(std::string& out, std::uint32_t unit);

// For a part of a URL: every byte except those that RFC 3986 leaves unreserved becomes %XX.
std::string url_escaped(std::string_view raw);

}  // namespace saker::output
