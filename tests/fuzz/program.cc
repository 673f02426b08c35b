// SPDX-License-Identifier: Apache-2.0
// Any bytes as a compiled program, with a corrected checksum so that the checks after it are
// reached; a program that loads is run. It begins with a real program, compiled here so that it is
// never out of date.
#include "lang/program.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../unit/match/record_builder.h"
#include "lang/compile.h"
#include "lang/rules.h"
#include "match/matcher.h"

namespace {

// Every kind of table: sets, tries, texts found anywhere, patterns, networks, kept bits, gates.
constexpr char rules[] = R"(
- rule: a
  desc: d
  condition: >
    evt.type in (open, openat) and fd.name startswith /etc and not proc.name in (a, b, cat)
    and (fd.name contains shadow or fd.name contains passwd or fd.name contains "/x"
    or fd.name contains tmp or fd.name endswith .so or fd.filename = x or fd.name glob "/t?p/*")
  output: o %fd.name
  priority: WARNING
- rule: b
  desc: d
  condition: >
    evt.type in (open, openat, unlink, rename, execve) and container.id = host and (proc.aname = x
    or proc.name regex "c.t" or fd.name pmatch (/tmp, "/e*/x") or evt.arg.path startswith /tmp)
    and tolower(proc.name) = cat and len(proc.cmdline) > 3
  output: o
  priority: WARNING
- rule: c
  desc: d
  condition: >
    evt.type in (connect, accept) and fd.snet in (10.0.0.0/8, "2001:db8::/32") and fd.sport in (1, 2)
    and fd.sip != 10.0.0.1 and proc.cmdline icontains cat
  output: o
  priority: WARNING
- rule: d
  desc: d
  condition: evt.type in (openat, open, unlink, execve) and fd.name startswith /tmp and user.uid = 0
  output: o
  priority: WARNING
- rule: e
  desc: d
  condition: evt.type in (openat, open, unlink, execve) and proc.name = cat and evt.rawres >= 0
  output: o
  priority: WARNING
)";

const std::vector<std::byte>& real_program() {
  static const std::vector<std::byte> bytes = [] {
    saker::lang::SourceText text{"rules.yaml", rules};
    return *saker::lang::compile(saker::lang::load_rule_texts({&text, 1}),
                                 saker::lang::RuleMatching::all);
  }();
  return bytes;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned seed) {
  const std::vector<std::byte>& real = real_program();
  if ((size < sizeof(saker::lang::program::Header) || seed % 64 == 0) && real.size() <= room) {
    std::memcpy(data, real.data(), real.size());
    return real.size();
  }
  return LLVMFuzzerMutate(data, size, room);
}

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
    // A value that repeats is stored the second time and known the third.
    for (int i = 0; i < 3; i++)
      matcher.match({decode::Record(words.data()), &process.process, 1, 1});
  }
  return 0;
}
