// SPDX-License-Identifier: Apache-2.0
#include "web/explainer_process.h"

#include <cap-ng.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.h"
#include "web/explainer.h"

namespace saker::web {
namespace {

using Json = nlohmann::json;

constexpr std::string_view extension = ".skr";
constexpr std::uint64_t patience_ns = 20'000'000'000;
constexpr std::size_t most_out = 4u << 20, most_errors = 2000, longest_request = 64u << 10;
// Of the command; the unit's MemoryMax has room for it beside the page.
constexpr rlim_t most_memory = 384u << 20, most_seconds = 20;

std::string error_json(std::string_view why) {
  return Json{{"error", why}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Beside this program, or where packages install it.
std::string command_path() {
  std::error_code error;
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const std::filesystem::path& path : {here / "saker", here.parent_path() / "bin" / "saker"})
    if (::access(path.c_str(), X_OK) == 0) return path;
  return "/usr/bin/saker";
}

// A descriptor from which `text` is read.
Fd input_of(const std::string& text) {
  Fd fd(::memfd_create("alert", MFD_CLOEXEC));
  const bool written =
      fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written || ::lseek(fd.get(), 0, SEEK_SET) < 0) fd.reset();
  return fd;
}

struct Pipe {
  Fd read, write;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) < 0) return;
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
};

pid_t spawn(const std::vector<std::string>& words, int in, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  char* environment[] = {nullptr};
  pid_t pid = -1;
  if (::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environment) != 0) pid = -1;
  ::posix_spawn_file_actions_destroy(&actions);
  return pid;
}

// So that a large recording ends this command, and not the page.
void limit(pid_t pid) {
  const rlimit seconds{most_seconds, most_seconds};
  (void)::prlimit(pid, RLIMIT_CPU, &seconds, nullptr);
#ifndef __SANITIZE_ADDRESS__  // which reserves far more than it uses
  const rlimit memory{most_memory, most_memory};
  (void)::prlimit(pid, RLIMIT_AS, &memory, nullptr);
#endif
}

// Reads both until they end. False: it took too long, or there was too much.
bool gather(const Fd& out, std::string& text, const Fd& err, std::string& errors) {
  const std::uint64_t until = boot_ns() + patience_ns;
  pollfd fds[] = {{out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    const std::uint64_t now = boot_ns();
    if (now >= until || text.size() > most_out) return false;
    if (::poll(fds, 2, static_cast<int>((until - now) / 1'000'000) + 1) < 0 && errno != EINTR)
      return false;
    for (pollfd& each : fds) {
      if (each.fd < 0 || !each.revents) continue;
      char buffer[65536];
      const ssize_t got = ::read(each.fd, buffer, sizeof(buffer));
      std::string& to = &each == &fds[0] ? text : errors;
      if (got > 0 && (&each == &fds[0] || errors.size() < most_errors))
        to.append(buffer, static_cast<std::size_t>(got));
      if (got == 0 || (got < 0 && errno != EINTR)) each.fd = -1;
    }
  }
  return true;
}

std::string explain(const std::string& request, const ExplainerOptions& options,
                    const std::string& command) {
  const Json asked = Json::parse(request, nullptr, false);
  const auto recording = asked.is_object() ? asked.find("recording") : asked.end();
  if (!asked.is_object() || recording == asked.end() || !recording->is_string() ||
      !is_recording_in(recording->get_ref<const std::string&>(), options.directory))
    return error_json("the request is not sound");
  std::vector<std::string> words = {command, "explain", "--json", "--alert", "-"};
  words.insert(words.end(), options.words.begin(), options.words.end());
  words.push_back(recording->get<std::string>());
  const Fd in = input_of(request + "\n");
  Pipe out, err;
  if (!in || !out.write || !err.write) return error_json("there is no descriptor left");
  const pid_t pid = spawn(words, in.get(), out.write.get(), err.write.get());
  if (pid > 0) limit(pid);
  out.write.reset();
  err.write.reset();
  if (pid < 0) return error_json(command + " cannot be run");
  std::string text, errors;
  const bool whole = gather(out.read, text, err.read, errors);
  if (!whole) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  // A newline of its layout, never one of a text: those are escaped.
  std::erase(text, '\n');
  if (whole && Json::accept(text)) return text;
  if (!whole) return error_json("it takes longer than 20 seconds: run saker explain on the host");
  errors.resize(std::min(errors.size(), most_errors));
  while (errors.ends_with('\n')) errors.pop_back();
  return error_json(errors.empty() ? "saker explain ended without an answer" : errors);
}

// It reads files of its own user, and needs nothing else.
void restrict_process() {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::capng_clear(CAPNG_SELECT_CAPS);
  (void)::capng_apply(CAPNG_SELECT_CAPS);
  (void)::setpriority(PRIO_PROCESS, 0, 10);
}

}  // namespace

bool is_recording_in(std::string_view path, std::string_view directory) {
  while (directory.ends_with('/')) directory.remove_suffix(1);
  if (directory.empty() || !path.starts_with(directory)) return false;
  path.remove_prefix(directory.size());
  if (!path.starts_with('/') || path.find('\0') != path.npos) return false;
  path.remove_prefix(1);
  return path.size() > extension.size() && path.ends_with(extension) && !path.starts_with('.') &&
         path.find('/') == path.npos;
}

int run_explainer(Fd requests, const ExplainerOptions& options) {
  restrict_process();
  const std::string command = command_path();
  std::string in;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::recv(requests.get(), buffer, sizeof(buffer), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || in.size() > longest_request * ExplainerLink::most_asked) return 0;
    in.append(buffer, static_cast<std::size_t>(got));
    for (std::size_t end; (end = in.find('\n')) != std::string::npos;) {
      const std::string answer = explain(in.substr(0, end), options, command) + "\n";
      in.erase(0, end + 1);
      for (std::size_t sent = 0; sent < answer.size();) {
        const ssize_t wrote =
            ::send(requests.get(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (wrote < 0 && errno != EINTR) return 0;
        sent += wrote > 0 ? static_cast<std::size_t>(wrote) : 0;
      }
    }
  }
}

}  // namespace saker::web
