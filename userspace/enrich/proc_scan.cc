// SPDX-License-Identifier: Apache-2.0
#include "enrich/proc_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <saker/event.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/fd.h"
#include "base/file.h"
#include "enrich/cgroup.h"

namespace saker::enrich {
namespace {

// About the maximum that exec's record holds: a process found in /proc has the same data as one
// that was seen starting.
constexpr std::size_t max_argv = 64u << 10, max_env = 4u << 10, max_small = 16u << 10;

std::uint64_t number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::string_view next_word(std::string_view& text) {
  std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  std::size_t end = std::min(text.find_first_of(" \t\n", begin), text.size());
  std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

struct Stat {
  char state = 0;
  std::uint64_t ppid = 0, pgid = 0, sid = 0, tty = 0, start_ns = 0;
  std::string comm;
};

std::optional<Stat> read_stat(int dir) {
  Result<std::string> text = read_file_at(dir, "stat", max_small);
  if (!text) return std::nullopt;
  // The name may contain anything, also spaces and parentheses; the last ')' ends it.
  std::size_t open = text->find('('), close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  Stat out;
  out.comm = text->substr(open + 1, close - open - 1);
  std::string_view rest = std::string_view(*text).substr(close + 1);
  std::string_view words[20];
  for (std::string_view& word : words) word = next_word(rest);
  if (words[0].size() != 1 || words[19].empty()) return std::nullopt;
  out.state = words[0][0];
  out.ppid = number(words[1]);
  out.pgid = number(words[2]);
  out.sid = number(words[3]);
  out.tty = number(words[4]);
  static const std::uint64_t tick_ns =
      1'000'000'000ull / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  out.start_ns = number(words[19]) * tick_ns;
  return out;
}

// The last number in a line of status: for ids the real id, for pids the one in the innermost
// namespace.
std::uint64_t last_number(std::string_view line) {
  std::string_view last;
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) last = word;
  return number(last);
}

void take_status_line(std::string_view name, std::string_view value, Image& image) {
  auto two = [&](std::uint32_t& real, std::uint32_t& effective) {
    real = static_cast<std::uint32_t>(number(next_word(value)));
    effective = static_cast<std::uint32_t>(number(next_word(value)));
  };
  if (name == "Uid")
    two(image.uid, image.euid);
  else if (name == "Gid")
    two(image.gid, image.egid);
  else if (name == "CapInh")
    image.cap_inheritable = number(next_word(value), 16);
  else if (name == "CapPrm")
    image.cap_permitted = number(next_word(value), 16);
  else if (name == "CapEff")
    image.cap_effective = number(next_word(value), 16);
  else if (name == "NSpid")
    image.vpid = static_cast<std::uint32_t>(last_number(value));
  else if (name == "NSpgid")
    image.vpgid = static_cast<std::uint32_t>(last_number(value));
}

void take_status(int dir, Image& image) {
  Result<std::string> text = read_file_at(dir, "status", max_small);
  if (!text) return;
  std::string_view rest = *text;
  while (!rest.empty()) {
    std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::size_t colon = line.find(':');
    if (colon != std::string_view::npos)
      take_status_line(line.substr(0, colon), line.substr(colon + 1), image);
  }
}

std::string read_link(int dir, const char* name) {
  char buffer[4096];
  ssize_t got = ::readlinkat(dir, name, buffer, sizeof(buffer));
  return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
}

std::uint32_t namespace_inode(int dir, const char* name) {
  struct stat st;
  return ::fstatat(dir, name, &st, 0) == 0 ? static_cast<std::uint32_t>(st.st_ino) : 0;
}

std::uint64_t ns(const statx_timestamp& t) {
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000ull +
         static_cast<std::uint64_t>(t.tv_nsec);
}

ProgramFacts read_file_of(int dir, const std::string& link, const Image& image) {
  ProgramFacts file;
  struct statx st;
  // The kernel's cached attributes of the file are enough: a file server that does not answer is
  // not queried.
  constexpr unsigned wanted =
      STATX_INO | STATX_MODE | STATX_UID | STATX_GID | STATX_CTIME | STATX_MTIME;
  if (::statx(dir, "exe", AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, wanted, &st) < 0) return file;
  file.exe_ino = st.stx_ino;
  file.exe_dev = (std::uint64_t{st.stx_dev_major} << 20) | st.stx_dev_minor;
  file.exe_ctime = ns(st.stx_ctime);
  file.exe_mtime = ns(st.stx_mtime);
  bool writable = (st.stx_mode & 0002) || ((st.stx_mode & 0200) && st.stx_uid == image.euid) ||
                  ((st.stx_mode & 0020) && st.stx_gid == image.egid);
  if (writable) file.exe_flags |= SAKER_EXE_WRITABLE;
  if (link.starts_with("/memfd:")) file.exe_flags |= SAKER_EXE_MEMFD;
  return file;
}

std::string text_or_empty(int dir, const char* name, std::size_t limit) {
  Result<std::string> text = read_file_at(dir, name, limit);
  return text ? std::move(*text) : std::string();
}

std::string without_deleted(std::string path) {
  constexpr std::string_view mark = " (deleted)";
  if (path.ends_with(mark)) path.resize(path.size() - mark.size());
  return path;
}

}  // namespace

std::unique_ptr<Image> read_process(const std::string& proc, std::uint32_t pid) {
  Fd dir(::open((proc + "/" + std::to_string(pid)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return nullptr;
  // The directory's descriptor refers to this process: if it exits, reads fail instead of showing
  // another process.
  std::optional<Stat> stat = read_stat(dir.get());
  if (!stat || stat->state == 'Z' || stat->state == 'X') return nullptr;

  auto image = std::make_unique<Image>();
  image->pid = pid;
  image->ppid = static_cast<std::uint32_t>(stat->ppid);
  image->pgid = static_cast<std::uint32_t>(stat->pgid);
  image->sid = static_cast<std::uint32_t>(stat->sid);
  image->tty = static_cast<std::uint32_t>(stat->tty);
  image->start_time = stat->start_ns;
  image->since = stat->start_ns;
  image->vpid = pid;
  image->vpgid = image->pgid;
  take_status(dir.get(), *image);
  std::string loginuid = text_or_empty(dir.get(), "loginuid", max_small);
  if (!loginuid.empty()) image->loginuid = static_cast<std::uint32_t>(number(loginuid));
  image->ns_mnt = namespace_inode(dir.get(), "ns/mnt");
  image->ns_pid = namespace_inode(dir.get(), "ns/pid");
  image->ns_net = namespace_inode(dir.get(), "ns/net");
  image->ns_user = namespace_inode(dir.get(), "ns/user");

  std::string exe = read_link(dir.get(), "exe");
  const ProgramFacts file = read_file_of(dir.get(), exe, *image);
  exe = without_deleted(std::move(exe));
  std::string cwd = without_deleted(read_link(dir.get(), "cwd"));
  std::string argv = text_or_empty(dir.get(), "cmdline", max_argv);
  std::string env = text_or_empty(dir.get(), "environ", max_env);
  std::string cgroup = text_or_empty(dir.get(), "cgroup", max_small);

  // An exec during the read would mix two programs, but its record follows and corrects that.
  if (!read_stat(dir.get())) return nullptr;
  TextBlock* block = TextBlock::make({stat->comm, exe, cwd, cgroup_path(cgroup), argv, env});
  block->take_file(file);
  image->set_text(block);
  image->known = true;
  return image;
}

std::uint32_t parent_of(const std::string& proc, std::uint32_t pid) {
  Fd dir(::open((proc + "/" + std::to_string(pid)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir) return 0;
  std::optional<Stat> stat = read_stat(dir.get());
  return stat ? static_cast<std::uint32_t>(stat->ppid) : 0;
}

std::vector<std::uint32_t> list_processes(const std::string& proc) {
  std::vector<std::uint32_t> out;
  DIR* dir = ::opendir(proc.c_str());
  if (!dir) return out;
  while (const dirent* entry = ::readdir(dir)) {
    std::string_view name = entry->d_name;
    std::uint32_t pid = 0;
    auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) out.push_back(pid);
  }
  ::closedir(dir);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace saker::enrich
