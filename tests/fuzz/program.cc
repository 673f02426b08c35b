// SPDX-License-Identifier: Apache-2.0
// Any bytes as a compiled program, with the checksum put right so that the checks behind it are
// reached; what loads is run.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../unit/match/record_builder.h"
#include "lang/program.h"
#include "match/matcher.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace saker;
  std::vector<std::byte> bytes(size);
  if (size) std::memcpy(bytes.data(), data, size);
  if (size >= sizeof(lang::program::Header)) {
    lang::program::Header header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    header.magic = lang::program::magic;
    header.version = lang::program::version;
    header.header_bytes = sizeof(header);
    header.bytes = size;
    std::memcpy(bytes.data(), &header, sizeof(header));
    header.checksum = lang::program::checksum(bytes);
    std::memcpy(bytes.data(), &header, sizeof(header));
  }
  Result<std::unique_ptr<match::Program>> program = match::Program::load(std::move(bytes));
  if (!program) return 0;
  testing::ProcessBox process;
  process.command("cat", "/usr/bin/cat", {"/etc/passwd"});
  match::Matcher matcher(**program);
  for (std::uint16_t type = 2; type < 80; type++) {
    if (decode::event_info(type).name.empty()) continue;
    testing::RecordBuilder record(type);
    for (unsigned slot = 0; slot < decode::event_info(type).params.size(); slot++) {
      decode::ParamType kind = decode::event_info(type).params[slot].type;
      if (kind == decode::ParamType::PATH || kind == decode::ParamType::STR)
        record.text(slot, "/etc/../tmp//x");
    }
    std::vector<std::uint64_t> words = record.build();
    matcher.match({decode::Record(words.data()), &process.process, 1, 1});
  }
  return 0;
}
