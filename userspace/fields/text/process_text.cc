// SPDX-License-Identifier: Apache-2.0
#include "fields/text/process_text.h"

#include <cstring>

#include "fields/text/transform.h"

namespace saker::fields {
namespace {

std::string_view join(std::string_view head, bool has_head, std::span<const std::string_view> words,
                      Scratch& scratch) {
  std::size_t room = head.size();
  for (std::string_view word : words) room += 1 + word.size();
  char* out = scratch.take(room);
  std::size_t length = 0;
  auto put = [&](std::string_view text) {
    if (!text.empty()) std::memcpy(out + length, text.data(), text.size());
    length += text.size();
  };
  if (has_head) put(head);
  bool first = !has_head;
  for (std::string_view word : words) {
    if (!first) out[length++] = ' ';
    first = false;
    put(word);
  }
  return {out, length};
}

}  // namespace

std::string_view joined(std::span<const std::string_view> words, Scratch& scratch) {
  if (words.size() == 1) return words[0];
  return join({}, false, words, scratch);
}

std::string_view with_args(std::string_view head, const enrich::Process& process,
                           Scratch& scratch) {
  return join(head, true, process.program->args, scratch);
}

std::string_view joined_args(const enrich::Process& process, Scratch& scratch) {
  // The command line is comm, a space, and these.
  std::size_t head = process.program->comm.size() + 1;
  bool whole = process.program->cmdline.size() >= head &&
               process.program->cmdline.starts_with(process.program->comm) &&
               process.program->cmdline[head - 1] == ' ' && !process.program->args.empty();
  return whole ? process.program->cmdline.substr(head) : joined(process.program->args, scratch);
}

Value variable(const enrich::Process& process, std::string_view name) {
  for (std::string_view entry : process.program->env) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return Value::of_text(entry.substr(name.size() + 1));
    }
  }
  return {};
}

Value as_one_text(const Value& value, Scratch& scratch) {
  if (value.kind != Value::Kind::list) return value;
  const Value parts[] = {Value::of_text(" "), value};
  return transform(Transform::join, parts, {}, scratch);
}

}  // namespace saker::fields
