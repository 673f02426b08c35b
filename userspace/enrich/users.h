// SPDX-License-Identifier: Apache-2.0
// Names of users and groups, from /etc/passwd and /etc/group at one point in time. Immutable once
// loaded, so any thread may read it. The daemon loads a new object when the files change, and frees
// the old one when no batch uses it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace saker::enrich {

class Users {
 public:
  struct User {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string name, home, shell;
    bool operator==(const User&) const = default;
  };
  struct Group {
    std::uint32_t gid = 0;
    std::string name;
    bool operator==(const Group&) const = default;
  };

  // Reads the files below `root` ("" for "/"). A file that cannot be read leaves its part empty; a
  // malformed line is skipped.
  static Users load(const std::string& root);
  static Users parse(std::string_view passwd, std::string_view group);
  static Users of(std::vector<User> users, std::vector<Group> groups);

  // Null if the number has no name. If two lines have the same number, the first one counts, as in
  // getpwuid(3).
  const User* user(std::uint32_t uid) const;
  const Group* group(std::uint32_t gid) const;
  // Sorted by number.
  std::span<const User> users() const { return users_; }
  std::span<const Group> groups() const { return groups_; }

 private:
  std::vector<User> users_;  // sorted by number
  std::vector<Group> groups_;
};

}  // namespace saker::enrich
