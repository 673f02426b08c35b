// SPDX-License-Identifier: Apache-2.0
// The container of a cgroup path. Runtimes put an id of 64 hexadecimal digits between their own
// prefix and suffix; its first 12 digits name the container.
#include <algorithm>
#include <cctype>

#include "scap/state/state.h"

namespace saker::scap {
namespace {

constexpr std::size_t full_id = 64, short_id = 12;

struct Pattern {
  std::string_view prefix, suffix;
};

// In the order in which runtimes are tried.
constexpr Pattern patterns[] = {
    {"/libpod-", ".scope"},
    {"/libpod-", ".scope/container"},
    {"/libpod-", ""},
    {"/libpod-payload-", ".scope"},
    {"/libpod-payload-", ".scope/container"},
    {"/libpod-payload-", ""},
    {"/", ""},
    {"/docker-", ".scope"},
    {"/crio-", ""},
    {"/cri-containerd-", ".scope"},
    {"/crio-", ".scope"},
    {":cri-containerd:", ""},
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

// A path that ends in NAME.libvirt-lxc, systemd's scope machine-lxc\x2dNUMBER\x2dNAME.scope, or
// /libvirt/lxc/NAME.
std::string_view libvirt_id(std::string_view path) {
  constexpr std::string_view ending = ".libvirt-lxc", scope = "-lxc\\x2", old = "/libvirt/lxc/";
  if (path.ends_with(ending)) {
    path.remove_suffix(ending.size());
    return path.substr(path.rfind('/') + 1);
  }
  std::size_t at = path.find(scope);
  if (at != std::string_view::npos) {
    for (std::string_view end : {".scope", ".scope/libvirt"}) {
      std::size_t start = at + scope.size();
      if (path.ends_with(end) && path.size() > start + end.size())
        return path.substr(start, path.size() - end.size() - start);
    }
  }
  at = path.find(old);
  if (at == std::string_view::npos) return {};
  std::string_view id = path.substr(at + old.size());
  return id.substr(0, id.find('/'));
}

std::string_view bpm_id(std::string_view path) {
  constexpr std::string_view prefix = "bpm-";
  std::size_t at = path.find(prefix);
  if (at == std::string_view::npos) return {};
  std::string_view id = path.substr(at + prefix.size());
  id = id.substr(0, id.rfind(".scope"));
  bool good =
      std::all_of(id.begin(), id.end(), [](char c) { return word(c) || c == '.' || c == '-'; });
  return good ? id : std::string_view();
}

ContainerMatch match_path(std::string_view path) {
  for (const Pattern& pattern : patterns)
    if (std::string_view id = between(path, pattern); !id.empty()) return {std::string(id), {}};
  if (std::string_view id = containerd_id(path); !id.empty()) return {std::string(id), {}};
  if (std::string_view id = lxc_id(path); !id.empty()) return {std::string(id), "lxc"};
  if (std::string_view id = libvirt_id(path); !id.empty()) return {std::string(id), "libvirt-lxc"};
  if (std::string_view id = bpm_id(path); !id.empty()) return {std::string(id), "bpm"};
  return {};
}

}  // namespace

ContainerMatch container_of(std::string_view cgroups) {
  ContainerMatch found;
  each_text(cgroups, [&](std::string_view entry) {
    std::size_t equals = entry.find('=');
    if (!found.id.empty() || equals == std::string_view::npos) return;
    std::string_view path = entry.substr(equals + 1);
    if (path.size() >= 2) found = match_path(path);
  });
  return found;
}

}  // namespace saker::scap
