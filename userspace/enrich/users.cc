// SPDX-License-Identifier: Apache-2.0
#include "enrich/users.h"

#include <algorithm>

#include "base/file.h"
#include "enrich/colon_lines.h"

namespace saker::enrich {
namespace {

// A larger site keeps its users in a directory service, not in a file.
constexpr std::size_t max_bytes = 16u << 20;

}  // namespace

Users Users::parse(std::string_view passwd, std::string_view group) {
  Users out;
  each_line(passwd, [&](std::string_view line) {
    auto f = split<7>(line);
    if (!f) return;
    auto uid = number((*f)[2]), gid = number((*f)[3]);
    if (!uid || !gid) return;
    out.users_.push_back(
        {*uid, *gid, std::string((*f)[0]), std::string((*f)[5]), std::string((*f)[6])});
  });
  each_line(group, [&](std::string_view line) {
    auto f = split<4>(line);
    if (!f) return;
    if (auto gid = number((*f)[2])) out.groups_.push_back({*gid, std::string((*f)[0])});
  });
  return of(std::move(out.users_), std::move(out.groups_));
}

Users Users::of(std::vector<User> users, std::vector<Group> groups) {
  Users out;
  out.users_ = std::move(users);
  out.groups_ = std::move(groups);
  // Stable: of two lines with the same number, the first one stays first.
  std::stable_sort(out.users_.begin(), out.users_.end(),
                   [](const User& a, const User& b) { return a.uid < b.uid; });
  std::stable_sort(out.groups_.begin(), out.groups_.end(),
                   [](const Group& a, const Group& b) { return a.gid < b.gid; });
  return out;
}

Users Users::load(const std::string& root) {
  auto text = [&](const char* name) {
    Result<std::string> got = read_file(root + name, max_bytes);
    return got ? std::move(*got) : std::string();
  };
  return parse(text("/etc/passwd"), text("/etc/group"));
}

const Users::User* Users::user(std::uint32_t uid) const {
  auto at = std::lower_bound(users_.begin(), users_.end(), uid,
                             [](const User& u, std::uint32_t n) { return u.uid < n; });
  return at != users_.end() && at->uid == uid ? &*at : nullptr;
}

const Users::Group* Users::group(std::uint32_t gid) const {
  auto at = std::lower_bound(groups_.begin(), groups_.end(), gid,
                             [](const Group& g, std::uint32_t n) { return g.gid < n; });
  return at != groups_.end() && at->gid == gid ? &*at : nullptr;
}

}  // namespace saker::enrich
