// SPDX-License-Identifier: Apache-2.0
#include "service/file_watch.h"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/file.h"

namespace saker::service {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t events = IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |
                                 IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
// Times of files are those of the last tick.
constexpr std::uint64_t clock_step_ns = 20'000'000;
constexpr unsigned deepest_link = 16;
constexpr std::size_t most_files = 10'000;

bool counts(const std::string& name) {
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".toml");
}

// The directories in which the path, or a link on the way to it, can be replaced.
void add_directories(std::set<std::string>& out, const fs::path& path, unsigned depth = 0) {
  std::error_code none;
  const fs::path whole = fs::absolute(path, none);
  if (depth > deepest_link || none) return;
  fs::path so_far;
  for (const fs::path& part : whole) {
    so_far /= part;
    if (!fs::is_symlink(so_far, none)) continue;
    out.insert(so_far.parent_path());
    fs::path target = fs::read_symlink(so_far, none);
    if (!none) add_directories(out, so_far.parent_path() / target, depth + 1);
  }
  out.insert(whole.parent_path());
  if (fs::is_directory(whole, none)) out.insert(whole);
}

void add_state(std::string& out, const std::string& path, std::uint64_t& newest) {
  struct stat st;
  out += path;
  if (::stat(path.c_str(), &st) != 0) {
    out += " -\n";
    return;
  }
  newest = std::max(newest, static_cast<std::uint64_t>(st.st_ctim.tv_sec) * 1'000'000'000 +
                                static_cast<std::uint64_t>(st.st_ctim.tv_nsec));
  for (const std::uint64_t value :
       {static_cast<std::uint64_t>(st.st_dev), static_cast<std::uint64_t>(st.st_ino),
        static_cast<std::uint64_t>(st.st_size), static_cast<std::uint64_t>(st.st_mtim.tv_sec),
        static_cast<std::uint64_t>(st.st_mtim.tv_nsec),
        static_cast<std::uint64_t>(st.st_ctim.tv_sec),
        static_cast<std::uint64_t>(st.st_ctim.tv_nsec)})
    out.append(" ").append(std::to_string(value));
  out += '\n';
}

// `newest`: when the last of them was changed, wall clock ns.
std::string state_of(const std::vector<std::string>& paths, std::uint64_t& newest) {
  std::string out;
  std::error_code none;
  for (const std::string& path : paths) {
    if (!fs::is_directory(path, none)) {
      add_state(out, path, newest);
      continue;
    }
    // Its own times change with files that do not count.
    out += path + "/\n";
    for (const std::string& name : names_in(path, most_files))
      if (counts(name)) add_state(out, path + "/" + name, newest);
  }
  return out;
}

}  // namespace

Result<void> FileWatch::watch(std::vector<std::string> paths, std::uint64_t read_since,
                              std::uint64_t now) {
  stop();
  fd_ = Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd_) return Error::from_errno("inotify");
  paths_ = std::move(paths);
  std::set<std::string> directories;
  for (const std::string& path : paths_) add_directories(directories, path);
  std::string failed;
  for (const std::string& directory : directories)
    if (::inotify_add_watch(fd_.get(), directory.c_str(), events) < 0 && errno != ENOENT &&
        errno != ELOOP)
      failed = Error::from_errno(directory).message;
  // After the watches: what changes from here on is seen.
  std::uint64_t newest = 0;
  state_ = state_of(paths_, newest);
  // Once: a clock that was set back makes all files new.
  const bool known = std::exchange(watched_state_, state_) == state_;
  if (newest + clock_step_ns >= read_since && !known) {
    state_.clear();
    due_ = now + quiet_ns;
  }
  if (!failed.empty()) return Error{failed};
  return {};
}

void FileWatch::stop() {
  fd_ = Fd();
  first_ = due_ = 0;
}

void FileWatch::note(std::uint64_t now) {
  alignas(inotify_event) char buffer[64 << 10];
  // As much as there was, not as much as somebody goes on making.
  if (::read(fd_.get(), buffer, sizeof buffer) <= 0) return;
  if (first_ == 0) first_ = now;
  due_ = std::min(now + quiet_ns, first_ + longest_ns);
}

bool FileWatch::changed(std::uint64_t now) {
  if (due_ == 0 || now < due_) return false;
  first_ = due_ = 0;
  std::uint64_t newest = 0;
  std::string state = state_of(paths_, newest);
  if (state == state_) return false;
  state_ = std::move(state);
  return true;
}

}  // namespace saker::service
