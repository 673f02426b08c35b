// SPDX-License-Identifier: Apache-2.0
#include "enrich/name_service.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace saker::enrich {
namespace {

// A group's answer lists its members; more than this is refused.
constexpr std::size_t first_bytes = 4096, most_bytes = 4u << 20;
// Much longer texts than any real account has.
constexpr std::size_t most_text = 4096;

std::string text(const char* from) { return std::string(from ? from : "").substr(0, most_text); }

// Values that mean "no such entry", as getpwuid(3) lists them.
bool means_none(int error) {
  return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

// `call(buffer, bytes, &found)` as getpwuid_r and getgrgid_r are called.
template <typename Entry, typename Call, typename Convert>
auto look_up(Call call, Convert convert)
    -> Result<std::optional<decltype(convert(std::declval<const Entry&>()))>> {
  using Out = std::optional<decltype(convert(std::declval<const Entry&>()))>;
  for (std::size_t bytes = first_bytes; bytes <= most_bytes; bytes *= 4) {
    std::string buffer(bytes, '\0');
    Entry entry{}, *found = nullptr;
    int error = EINTR;
    for (int tries = 0; error == EINTR && tries < 10; tries++)
      error = call(&entry, buffer.data(), buffer.size(), &found);
    if (found) return Out(convert(*found));
    if (means_none(error)) return Out();
    if (error != ERANGE) return Error::from_errno("the name service", error);
  }
  return Error{"the name service: an answer of more than 4 MiB"};
}

}  // namespace

Result<std::optional<Users::User>> SystemNames::user(std::uint32_t uid) {
  return look_up<passwd>(
      [uid](passwd* entry, char* buffer, std::size_t bytes, passwd** found) {
        return ::getpwuid_r(uid, entry, buffer, bytes, found);
      },
      [uid](const passwd& entry) {
        return Users::User{uid, entry.pw_gid, text(entry.pw_name), text(entry.pw_dir),
                           text(entry.pw_shell)};
      });
}

Result<std::optional<Users::Group>> SystemNames::group(std::uint32_t gid) {
  return look_up<::group>(
      [gid](::group* entry, char* buffer, std::size_t bytes, ::group** found) {
        return ::getgrgid_r(gid, entry, buffer, bytes, found);
      },
      [gid](const ::group& entry) {
        return Users::Group{gid, text(entry.gr_name)};
      });
}

}  // namespace saker::enrich
