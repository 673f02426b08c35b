// SPDX-License-Identifier: Apache-2.0
// Any bytes as a segment of the spool: it is read to its end, every record was in it, and a second
// read gives the same. Most inputs get correct checksums.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/crc32c.h"
#include "base/little_endian.h"
#include "output/spool/block_reader.h"
#include "output/spool/block_writer.h"
#include "output/spool/format.h"
#include "output/spool/record.h"

namespace {

using namespace saker::output;
using saker::read_le;

void set_checksums(char* bytes, std::size_t size) {
  for (std::size_t at = 0; at + spool_header_bytes <= size;) {
    const std::size_t left = spool_block_bytes - at % spool_block_bytes;
    const std::size_t content = read_le<std::uint16_t>(bytes + at + 4);
    if (left < spool_header_bytes) {
      at += left;
      continue;
    }
    if (spool_header_bytes + content > left || at + spool_header_bytes + content > size) return;
    const std::uint32_t sum = saker::crc32c({bytes + at + 6, 1 + content});
    std::memcpy(bytes + at, &sum, sizeof(sum));
    at += spool_header_bytes + content;
  }
}

std::string sample() {
  BlockWriter writer;
  std::string out;
  for (std::uint64_t number = 1; number <= 4; number++) {
    Alert alert;
    alert.rule_name = "rule";
    alert.text = std::string(number * number * 900, 't');
    alert.json = "{}";
    std::string record;
    append_record(record, alert, number, number);
    writer.append(record, out);
  }
  return out;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  if (size < spool_header_bytes) {
    const std::string made = sample();
    size = std::min(made.size(), most);
    std::memcpy(data, made.data(), size);
  }
  size = LLVMFuzzerMutate(data, size, most);
  if (seed % 8) set_checksums(reinterpret_cast<char*>(data), size);
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("segment", MFD_CLOEXEC);
  if (::ftruncate(file, 0) < 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  BlockReader reader{saker::Fd(::dup(file))};
  std::string record, same;
  std::size_t given = 0;
  while (reader.next(record)) {
    given += record.size() + spool_header_bytes;
    if (given > size) std::abort();
    const std::uint64_t end = reader.offset();
    reader.again();
    if (!reader.next(same) || same != record || reader.offset() != end) std::abort();
    const auto parsed = parse_record(record);
    if (!parsed) continue;
    const Alert& alert = *parsed->alert;
    if (parsed->number == 0 || static_cast<std::size_t>(alert.priority) >= spool_levels ||
        alert.rule_name.size() + alert.text.size() + alert.json.size() > record.size())
      std::abort();
    std::string written;
    append_record(written, alert, parsed->number, parsed->order);
    if (written != record) std::abort();
  }
  return 0;
}
