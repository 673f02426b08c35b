// SPDX-License-Identifier: Apache-2.0
#include "scap/path.h"

namespace saker::scap {
namespace {

constexpr std::size_t longest = 1024;
constexpr std::string_view too_long = "/DIR_TOO_LONG/FILENAME_TOO_LONG";
constexpr std::string_view deleted = " (deleted)";

// Removes the last component; the root stays.
void drop_component(std::string& out) {
  if (out.size() <= 1) return;
  if (out.back() == '/') out.pop_back();
  std::size_t slash = out.rfind('/');
  out.resize(slash == std::string::npos ? 0 : slash + 1);
}

// "." and ".." count only after a slash or at the very beginning: "<UNKNOWN>" and "../x" give
// "<UNKNOWN>../x".
bool at_border(const std::string& out) { return out.empty() || out.back() == '/'; }

}  // namespace

std::string join_path(std::string_view base, std::string_view path) {
  if (base.size() + path.size() + 1 > longest) return std::string(too_long);
  std::string out;
  if (!path.empty() && path.front() != '/') out = base;
  out.reserve(out.size() + path.size() + 1);
  if (!path.empty() && path.front() == '/') out += '/';
  std::size_t at = 0;
  while (at < path.size()) {
    std::size_t end = path.find('/', at);
    if (end == std::string_view::npos) end = path.size();
    std::string_view part = path.substr(at, end - at);
    bool closed = end < path.size();
    at = end + 1;
    if (part.empty()) continue;
    if (at_border(out) && part == ".") continue;
    if (at_border(out) && part == "..") {
      drop_component(out);
      continue;
    }
    out += part;
    if (closed) out += '/';
  }
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

std::string_view without_deleted(std::string_view path) {
  if (path.ends_with(deleted)) path.remove_suffix(deleted.size());
  return path;
}

}  // namespace saker::scap
