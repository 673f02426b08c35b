// SPDX-License-Identifier: Apache-2.0
#include "enrich/cgroup.h"

#include <algorithm>
#include <array>

namespace saker::enrich {
namespace {

struct Form {
  std::string_view prefix, suffix, type;
};

// How a runtime names a container's group under systemd. Longer prefixes stand before those they begin with.
constexpr Form scopes[] = {
    {"cri-containerd-", ".scope", "containerd"},
    {"nerdctl-", ".scope", "containerd"},
    {"containerd-", ".scope", "containerd"},
    {"docker-", ".scope", "docker"},
    {"crio-", ".scope", "cri-o"},
    {"libpod-", ".scope", "podman"},
};

constexpr std::string_view bare_docker = "docker";

bool is_id(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// Of CRI-O: "crio-ID", where the cgroupfs driver is in use; likewise podman.
constexpr Form bare_forms[] = {
    {"crio-", "", "cri-o"},
    {"libpod-", "", "podman"},
    {"docker-", "", "docker"},
};

bool cut(std::string_view& text, const Form& form) {
  if (!text.starts_with(form.prefix) || !text.ends_with(form.suffix) ||
      text.size() < form.prefix.size() + form.suffix.size())
    return false;
  text.remove_prefix(form.prefix.size());
  text.remove_suffix(form.suffix.size());
  return true;
}

// systemd writes what may not stand in a unit's name as \xNN.
std::string unescape(std::string_view text) {
  auto digit = [](char c) -> int {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); i++) {
    if (i + 3 < text.size() && text[i] == '\\' && text[i + 1] == 'x' && digit(text[i + 2]) >= 0 &&
        digit(text[i + 3]) >= 0) {
      out += static_cast<char>(digit(text[i + 2]) * 16 + digit(text[i + 3]));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The name of an nspawn machine, "" if the segment is none. A virtual machine (machine-qemu\x2d...) is no container.
std::string machine_name(std::string_view segment, bool below_machine_slice) {
  for (std::string_view prefix : {"machine-", "systemd-nspawn@"}) {
    std::string_view suffix = prefix == "machine-" ? ".scope" : ".service";
    std::string_view name = segment;
    if (!cut(name, {prefix, suffix, ""}) || name.empty()) continue;
    if (prefix == "machine-" && !below_machine_slice) continue;
    std::string plain = unescape(name);
    return plain.starts_with("qemu-") || plain.starts_with("lxc-") ? "" : plain;
  }
  return "";
}

std::optional<CgroupContainer> of_segment(std::string_view segment, std::string_view parent,
                                          bool kubepods, bool machine_slice) {
  for (const Form& form : scopes) {
    std::string_view id = segment;
    if (cut(id, form) && is_id(id)) return CgroupContainer{std::string(id), form.type};
  }
  for (const Form& form : bare_forms) {
    std::string_view id = segment;
    if (cut(id, form) && is_id(id)) return CgroupContainer{std::string(id), form.type};
  }
  // containerd's CRI plugin without a path of its own: "SLICE:cri-containerd:ID".
  std::size_t colon = segment.rfind(':');
  if (colon != std::string_view::npos && is_id(segment.substr(colon + 1)))
    return CgroupContainer{std::string(segment.substr(colon + 1)),
                           segment.find("crio") != std::string_view::npos ? "cri-o" : "containerd"};
  if (is_id(segment)) {
    // By whom is in the segment before it; below kubepods it may be any runtime of CRI.
    std::string_view type = parent == bare_docker  ? std::string_view("docker")
                            : parent == "libpod_parent" ? std::string_view("podman")
                            : kubepods             ? std::string_view("")
                                                   : std::string_view("containerd");
    return CgroupContainer{std::string(segment), type};
  }
  if (std::string machine = machine_name(segment, machine_slice); !machine.empty())
    return CgroupContainer{machine, "systemd-nspawn"};
  return std::nullopt;
}

}  // namespace

std::optional<CgroupContainer> container_of_cgroup(std::string_view path) {
  std::optional<CgroupContainer> found;
  std::string_view parent;
  bool kubepods = false, machine_slice = false;
  while (!path.empty()) {
    std::size_t slash = std::min(path.find('/'), path.size());
    std::string_view segment = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (segment.empty()) continue;
    // The innermost one counts: a container in a container. But what systemd makes below an nspawn machine is not
    // another machine.
    if (auto here = of_segment(segment, parent, kubepods, machine_slice)) found = std::move(here);
    kubepods = kubepods || segment.starts_with("kubepods");
    machine_slice = machine_slice || segment == "machine.slice";
    parent = segment;
  }
  return found;
}

std::string_view cgroup_path(std::string_view text) {
  std::string_view unified, other;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::size_t first = line.find(':');
    std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    std::string_view path = line.substr(second + 1);
    if (line.starts_with("0::")) unified = path;
    else if (path != "/" && other.empty()) other = path;
  }
  return (unified.empty() || unified == "/") && !other.empty() ? other : unified;
}

}  // namespace saker::enrich
