// SPDX-License-Identifier: Apache-2.0
#include "enrich/cgroup.h"

#include <algorithm>
#include <charconv>

namespace saker::enrich {
namespace {

struct NameForm {
  std::string_view prefix, suffix, type;
};

// How runtimes name a container's group under systemd. Longer prefixes come before their own
// prefixes.
constexpr NameForm scopes[] = {
    {"cri-containerd-", ".scope", "containerd"},
    {"nerdctl-", ".scope", "containerd"},
    {"containerd-", ".scope", "containerd"},
    {"docker-", ".scope", "docker"},
    {"crio-", ".scope", "cri-o"},
    {"libpod-", ".scope", "podman"},
};
// The same for groups that the runtime makes itself, without systemd.
constexpr NameForm bare_forms[] = {
    {"crio-", "", "cri-o"},
    {"libpod-", "", "podman"},
    {"docker-", "", "docker"},
};
// Podman inside a systemd service: the service's group is split.
constexpr NameForm payload{"libpod-payload-", "", "podman"};
// Services that are runtimes: groups of containers may be inside their group.
constexpr std::string_view runtimes[] = {
    "containerd.service",  "docker.service",
    "crio.service",        "k3s.service",
    "k3s-agent.service",   "rke2-agent.service",
    "rke2-server.service", "k0scontroller.service",
    "k0sworker.service",   "snap.microk8s.daemon-containerd.service",
};

bool is_id(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool cut(std::string_view& text, const NameForm& form) {
  if (!text.starts_with(form.prefix) || !text.ends_with(form.suffix) ||
      text.size() <= form.prefix.size() + form.suffix.size())
    return false;
  text.remove_prefix(form.prefix.size());
  text.remove_suffix(form.suffix.size());
  return true;
}

// systemd writes characters that a unit's name must not contain as \xNN.
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

// A name must not look like the host, or like a container that is identified by digits.
CgroupContainer named(std::string name, std::string_view type) {
  const bool digits = name.size() >= 12 && std::all_of(name.begin(), name.end(), [](char c) {
                        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
  if (name == "host" || digits) name = std::string(type) + ":" + name;
  return {std::move(name), type, {}, true, false, {}, {}};
}

// The current position of a walk along a path.
struct Place {
  std::string_view first, parent;  // segments; "" if there is none yet
  bool slices = true;              // only slices so far: systemd makes what is here
  bool units = false;              // inside the group of a service or scope
  bool runtime = false;            // ... and that is a runtime's
  bool kubepods = false;
  std::string pod_uid;
};

std::optional<CgroupContainer> of_form(std::string_view segment, const NameForm& form) {
  if (!cut(segment, form) || !is_id(segment)) return std::nullopt;
  return CgroupContainer{std::string(segment), form.type, {}, false, false, {}, {}};
}

template <typename Forms>
std::optional<CgroupContainer> of_forms(std::string_view segment, const Forms& forms) {
  for (const NameForm& form : forms)
    if (auto found = of_form(segment, form)) return found;
  return std::nullopt;
}

// A machine of systemd-nspawn or of libvirt. A virtual machine (machine-qemu\x2d...) is not a
// container.
std::optional<CgroupContainer> of_machine(std::string_view segment, const Place& at) {
  std::string_view name = segment;
  const bool machines = at.first == "machine.slice" && at.slices;
  if (machines && cut(name, {"machine-", ".scope", ""})) {
    std::string plain = unescape(name);
    if (plain.starts_with("qemu-")) return std::nullopt;
    if (plain.starts_with("lxc-")) return named(plain.substr(4), "libvirt-lxc");
    return named(std::move(plain), "systemd-nspawn");
  }
  if ((machines || (at.first == "system.slice" && at.slices)) &&
      cut(name, {"systemd-nspawn@", ".service", ""}))
    return named(unescape(name), "systemd-nspawn");
  return std::nullopt;
}

// LXC, LXD and Incus make their groups at the top.
std::optional<CgroupContainer> of_lxc(std::string_view segment, const Place& at) {
  std::string_view name = segment;
  if (at.first.empty() && cut(name, {"lxc.payload.", "", ""}))
    return named(std::string(name), "lxc");
  const bool inside = at.parent == at.first && (at.first == "lxc" || at.first == "lxc.payload");
  if (inside && !segment.empty()) return named(std::string(segment), "lxc");
  return std::nullopt;
}

// The uid of the pod whose group this is: "pod<uid>", or "kubepods-besteffort-pod<uid>.slice" with
// "_" for "-"; or "".
std::string pod_uid_of(std::string_view segment) {
  constexpr std::size_t longest = 64;
  const bool slice = cut(segment, {"kubepods", ".slice", ""});
  const std::size_t begin = slice ? segment.rfind("-pod") : segment.find("pod");
  if (begin == std::string_view::npos || (!slice && begin != 0)) return "";
  std::string uid(segment.substr(begin + (slice ? 4 : 3)));
  std::ranges::replace(uid, '_', '-');
  const bool plain = std::ranges::all_of(
      uid, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-'; });
  return plain && uid.size() <= longest ? uid : "";
}

// containerd's CRI plugin without its own path: "SLICE:cri-containerd:ID".
std::optional<CgroupContainer> of_colons(std::string_view segment) {
  std::size_t colon = segment.rfind(':');
  if (colon == std::string_view::npos || !is_id(segment.substr(colon + 1))) return std::nullopt;
  const bool crio = segment.find("crio") != std::string_view::npos;
  return CgroupContainer{std::string(segment.substr(colon + 1)),
                         crio ? "cri-o" : "containerd",
                         {},
                         false,
                         false,
                         pod_uid_of(segment.substr(0, segment.find(':'))),
                         {}};
}

// `ctr run IMAGE NAME` in containerd's default namespace: "/default/NAME".
std::optional<CgroupContainer> of_default(std::string_view segment, const Place& at) {
  if (at.first != "default" || at.parent != "default" || is_id(segment)) return std::nullopt;
  return named(std::string(segment), "containerd");
}

// The segment before it names the runtime; below kubepods it may be any CRI runtime.
std::optional<CgroupContainer> of_bare_id(std::string_view segment, const Place& at) {
  if (!is_id(segment)) return std::nullopt;
  std::string_view type = at.parent == "docker"          ? "docker"
                          : at.parent == "libpod_parent" ? "podman"
                          : at.kubepods                  ? ""
                                                         : "containerd";
  return CgroupContainer{std::string(segment), type, {}, false, false, {}, {}};
}

std::optional<CgroupContainer> of_segment(std::string_view segment, const Place& at) {
  if (!at.units || at.runtime)
    if (auto found = of_forms(segment, scopes)) return found;
  if (auto found = of_machine(segment, at)) return found;
  if (auto found = of_lxc(segment, at)) return found;
  if (at.units && !at.runtime)
    return at.first == "system.slice" ? of_form(segment, payload) : std::nullopt;
  if (auto found = of_colons(segment)) return found;
  if (auto found = of_forms(segment, bare_forms)) return found;
  if (auto found = of_default(segment, at)) return found;
  return of_bare_id(segment, at);
}

void step(std::string_view segment, Place& at) {
  const bool unit = segment.ends_with(".service") || segment.ends_with(".scope");
  if (at.first.empty()) at.first = segment;
  if (unit && !at.units && at.slices)
    at.runtime = std::find(std::begin(runtimes), std::end(runtimes), segment) != std::end(runtimes);
  at.slices = at.slices && segment.ends_with(".slice");
  at.units = at.units || unit;
  at.kubepods = at.kubepods || segment.starts_with("kubepods");
  if (at.kubepods)
    if (std::string uid = pod_uid_of(segment); !uid.empty()) at.pod_uid = std::move(uid);
  at.parent = segment;
}

// For "user-1000.slice" or "user@1000.service".
std::optional<std::uint32_t> user_of(std::string_view segment) {
  for (const NameForm& form :
       {NameForm{"user-", ".slice", ""}, NameForm{"user@", ".service", ""}}) {
    std::string_view digits = segment;
    std::uint32_t uid = 0;
    if (!cut(digits, form)) continue;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), uid);
    if (error == std::errc() && end == digits.data() + digits.size()) return uid;
  }
  return std::nullopt;
}

// The next segment; `path` becomes the rest after it.
std::string_view next_segment(std::string_view& path) {
  std::size_t slash = std::min(path.find('/'), path.size());
  std::string_view segment = path.substr(0, slash);
  path.remove_prefix(std::min(slash + 1, path.size()));
  return segment;
}

// Below user.slice, which was passed: systemd made the first segment, and everything inside it is
// the user's.
std::optional<CgroupContainer> of_user(std::string_view path) {
  std::optional<std::uint32_t> user = user_of(next_segment(path));
  if (!user) return std::nullopt;
  while (!path.empty()) {
    std::string_view segment = next_segment(path);
    auto found = of_forms(segment, scopes);
    if (!found) found = of_form(segment, payload);
    if (!found) found = of_forms(segment, bare_forms);
    if (!found) continue;
    found->user = user;
    found->group = std::string_view(segment.data(), segment.size());
    return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<CgroupContainer> container_of_cgroup(std::string_view path) {
  const std::string_view whole = path;
  Place at;
  while (!path.empty()) {
    std::string_view segment = next_segment(path);
    // The reader's own namespace may begin further down.
    if (segment.empty() || segment == "..") continue;
    const bool user_slice = at.first.empty() && segment == "user.slice";
    std::optional<CgroupContainer> found = user_slice ? of_user(path) : of_segment(segment, at);
    if (found && !found->id.empty()) {
      found->in_pod = at.kubepods;
      if (at.kubepods) found->pod_uid = std::move(at.pod_uid);
      std::string_view last = user_slice ? found->group : segment;
      found->group =
          whole.substr(0, static_cast<std::size_t>(last.data() + last.size() - whole.data()));
      return found;
    }
    if (user_slice) return std::nullopt;
    step(segment, at);
  }
  return std::nullopt;
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
    if (line.starts_with("0::"))
      unified = path;
    else if (path != "/" && other.empty())
      other = path;
  }
  return (unified.empty() || unified == "/") && !other.empty() ? other : unified;
}

}  // namespace saker::enrich
