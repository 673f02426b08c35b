// SPDX-License-Identifier: Apache-2.0
#include "output/spool/block_writer.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/little_endian.h"
#include "output/spool/format.h"

namespace saker::output {

void BlockWriter::append(std::string_view record, std::string& out) {
  bool first = true;
  do {
    std::size_t left = spool_block_bytes - offset_ % spool_block_bytes;
    if (left < spool_header_bytes) {
      // Too short for a fragment; a reader skips it.
      out.append(left, '\0');
      offset_ += left;
      left = spool_block_bytes;
    }
    const std::string_view content = record.substr(0, left - spool_header_bytes);
    record.remove_prefix(content.size());
    const bool last = record.empty();
    const Fragment type = first  ? (last ? Fragment::full : Fragment::first)
                          : last ? Fragment::last
                                 : Fragment::middle;
    const char byte = static_cast<char>(type);
    append_le(out, crc32c(content, crc32c({&byte, 1})));
    append_le(out, static_cast<std::uint16_t>(content.size()));
    out += byte;
    out += content;
    offset_ += spool_header_bytes + content.size();
    first = false;
  } while (!record.empty());
}

}  // namespace saker::output
