// SPDX-License-Identifier: Apache-2.0
// The container that a cgroup path belongs to. Runtimes put an id of 64 hexadecimal digits between a prefix and a suffix
// that are their own; its first 12 digits name the container.
#include <algorithm>
#include <cctype>

#include "capture/scap_state.h"

namespace saker::capture::scap {
namespace {

constexpr std::size_t full_id = 64, short_id = 12;

struct Pattern {
  std::string_view prefix, suffix;
};

// In the order in which runtimes are asked.
constexpr Pattern patterns[] = {
    {"/libpod-", ".scope"}, {"/libpod-", ".scope/container"}, {"/libpod-", ""},
    {"/libpod-payload-", ".scope"}, {"/libpod-payload-", ".scope/container"}, {"/libpod-payload-", ""},
    {"/", ""}, {"/docker-", ".scope"},
    {"/crio-", ""}, {"/cri-containerd-", ".scope"}, {"/crio-", ".scope"}, {":cri-containerd:", ""},
    {"/nerdctl-", ".scope"},
};

bool hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c); });
}

std::string_view between(std::string_view path, const Pattern& pattern) {
  std::size_t start = path.rfind(pattern.prefix);
  if (start == std::string_view::npos) return {};
  start += pattern.prefix.size();
  std::size_t end = pattern.suffix.empty() ? path.size() : path.rfind(pattern.suffix);
  if (end == std::string_view::npos || end < start) return {};
  std::string_view id = path.substr(start, end - start);
  return id.size() == full_id && hex(id) ? id.substr(0, short_id) : std::string_view();
}

bool word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// A namespace of containerd: words joined by single '.', '_' or '-'.
bool namespace_name(std::string_view part) {
  if (part.empty() || !word(part.front()) || !word(part.back())) return false;
  for (std::size_t i = 1; i < part.size(); i++) {
    bool joint = part[i] == '.' || part[i] == '-';
    if (!word(part[i]) && (!joint || !word(part[i - 1]))) return false;
  }
  return true;
}

std::string_view containerd_id(std::string_view path) {
  for (std::string_view ending : {".service", ".slice", ".scope"})
    if (path.ends_with(ending)) return {};
  std::size_t at = 0;
  while ((at = path.find('/', at)) != std::string_view::npos) {
    std::size_t end = path.find('/', at + 1);
    if (end == std::string_view::npos) return {};
    if (namespace_name(path.substr(at + 1, end - at - 1))) {
      std::string_view id = path.substr(end + 1);
      return id.empty() || id.size() > full_id ? std::string_view() : id.substr(0, short_id);
    }
    at = end;
  }
  return {};
}

std::string_view lxc_id(std::string_view path) {
  for (std::string_view prefix : {"/lxc/", "/lxc.payload/", "/lxc.payload."}) {
    std::size_t at = path.find(prefix);
    if (at == std::string_view::npos) continue;
    std::string_view id = path.substr(at + prefix.size());
    return id.substr(0, id.find('/'));
  }
  return {};
}

}  // namespace

std::string container_of(std::string_view cgroups) {
  std::string found;
  each_text(cgroups, [&](std::string_view entry) {
    std::size_t equals = entry.find('=');
    if (!found.empty() || equals == std::string_view::npos) return;
    std::string_view path = entry.substr(equals + 1);
    if (path.size() < 2) return;
    for (const Pattern& pattern : patterns) {
      found = between(path, pattern);
      if (!found.empty()) return;
    }
    found = containerd_id(path);
    if (found.empty()) found = lxc_id(path);
  });
  return found;
}

}  // namespace saker::capture::scap
