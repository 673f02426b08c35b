// SPDX-License-Identifier: Apache-2.0
#include "fields/path.h"

#include <string.h>

#include <cstring>

namespace saker::fields {
namespace {

// Absolute, and without a component that normalising would change.
bool is_clean(std::string_view path) {
  if (path.empty() || path[0] != '/') return false;
  if (path.size() > 1 && path.back() == '/') return false;
  for (std::size_t at = 0; at + 1 < path.size(); at++) {
    // Components are short: a loop is faster than a search for each.
    if (path[at] != '/' || (path[at + 1] != '/' && path[at + 1] != '.')) continue;
    if (path[at + 1] == '/') return false;
    std::string_view rest = path.substr(at + 2);
    if (rest.empty() || rest[0] == '/' || (rest[0] == '.' && (rest.size() == 1 || rest[1] == '/')))
      return false;
  }
  return true;
}

// Appends the components of `path` to the normalised part; returns the new length. Never writes
// more than it reads.
std::size_t append_clean(char* out, std::size_t length, std::string_view path) {
  while (!path.empty()) {
    std::size_t end = path.find('/');
    std::string_view part = path.substr(0, end);
    path.remove_prefix(end == path.npos ? path.size() : end + 1);
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      while (length > 0 && out[--length] != '/') {
      }
      continue;
    }
    out[length++] = '/';
    std::memcpy(out + length, part.data(), part.size());
    length += part.size();
  }
  return length;
}

}  // namespace

std::string_view absolute_path(std::string_view name, std::string_view base, Scratch& scratch) {
  if (name.empty() || is_clean(name)) return name;
  char* out = scratch.take(base.size() + name.size() + 2);
  std::size_t length = name[0] == '/' ? 0 : append_clean(out, 0, base);
  length = append_clean(out, length, name);
  if (length == 0) out[length++] = '/';
  return {out, length};
}

std::string_view directory_of(std::string_view path) {
  const void* at = memrchr(path.data(), '/', path.size());
  if (!at) return {};
  auto slash = static_cast<std::size_t>(static_cast<const char*>(at) - path.data());
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view filename_of(std::string_view path) {
  const void* at = memrchr(path.data(), '/', path.size());
  return at ? path.substr(static_cast<std::size_t>(static_cast<const char*>(at) - path.data()) + 1)
            : path;
}

std::string_view raw_path(const Event& event, const PathSlots& slots) {
  return slots.name < 0 ? std::string_view() : event.record.str(static_cast<unsigned>(slots.name));
}

std::string_view base_of(const Event& event, const PathSlots& slots) {
  std::string_view base =
      slots.base < 0 ? std::string_view() : event.record.str(static_cast<unsigned>(slots.base));
  return base.empty() && event.process->known ? event.process->program->cwd : base;
}

std::string_view path_at(const Event& event, const PathSlots& slots, View view, Scratch& scratch) {
  std::string_view resolved = slots.resolved < 0
                                  ? std::string_view()
                                  : event.record.str(static_cast<unsigned>(slots.resolved));
  std::string_view name = raw_path(event, slots);
  // A call on a descriptor alone names nothing; a failed call resolved nothing.
  if (!resolved.empty() && (view == View::resolved || name.empty() || name == resolved))
    return resolved;
  return absolute_path(name, base_of(event, slots), scratch);
}

bool views_differ(const Event& event, Scratch& scratch) {
  for (PathSlots slots : {first_path(event.record), second_path(event.record)}) {
    if (slots.name < 0 || slots.resolved < 0) continue;
    std::string_view resolved = event.record.str(static_cast<unsigned>(slots.resolved));
    if (resolved.empty()) continue;
    // The same bytes if nothing had to be changed, which is the usual case.
    std::string_view named = path_at(event, slots, View::named, scratch);
    if (named.data() != resolved.data() && named != resolved) return true;
  }
  return false;
}

}  // namespace saker::fields
