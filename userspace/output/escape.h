// SPDX-License-Identifier: Apache-2.0
// Text from outside made safe for one line, once: nobody who names a file or a process can break an
// alert apart, forge another, or talk to a terminal. Bytes that are not UTF-8 become U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace saker::output {

// For a text line: as in a JSON text (\n, \u001b, \", \\), so that each line has one reading. What
// hides, turns or breaks what stands around it (U+202E, U+2028, U+200B) is written as \u202e, too.
void append_line(std::string& out, std::string_view raw);
// For JSON: with its quotes.
void append_json(std::string& out, std::string_view raw);

// For people, where the reader's own form needs its own escapes: what is not seen, or acts, is
// shown as \n and \u202e; quotation marks and backslashes stay.
void append_shown(std::string& out, std::string_view raw);

// Bytes as text that holds all of them (RFC 4648, with padding).
void append_base64(std::string& out, std::string_view raw);

}  // namespace saker::output
