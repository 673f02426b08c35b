// SPDX-License-Identifier: Apache-2.0
#include "program.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace saker::cli {
namespace {

constexpr std::size_t kept_output = 4096;

[[noreturn]] void become(const std::vector<std::string>& words, const std::string& name) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  if (!name.empty()) arguments[0] = const_cast<char*>(name.c_str());
  ::execv(words[0].c_str(), arguments.data());
  ::_exit(127);
}

// Starts a child whose output can be read from `from`.
pid_t start_piped(const std::vector<std::string>& words, const std::string& name, int& from) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  pid_t child = ::fork();
  if (child == 0) {
    int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    become(words, name);
  }
  ::close(ends[1]);
  if (child < 0)
    ::close(ends[0]);
  else
    from = ends[0];
  return child;
}

pid_t start_on_terminal(const std::vector<std::string>& words, const std::string& name, int& from) {
  pid_t child = ::forkpty(&from, nullptr, nullptr, nullptr);
  if (child == 0) become(words, name);
  return child;
}

// Reads until the last writer is gone; a terminal reports that as EIO.
std::string read_all(int from) {
  std::string text;
  char bytes[1024];
  for (;;) {
    ssize_t got = ::read(from, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(bytes, static_cast<std::size_t>(got));
    if (text.size() > kept_output) text.erase(0, text.size() - kept_output);
  }
}

}  // namespace

std::string Ended::last_words() const {
  std::size_t end = output.find_last_not_of("\r\n ");
  if (end != std::string::npos) {
    std::size_t begin = output.find_last_of("\r\n", end);
    return output.substr(begin == std::string::npos ? 0 : begin + 1, end - begin);
  }
  if (status < 0) return "could not be started";
  if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

Ended run_program(const std::vector<std::string>& words, bool terminal, const std::string& name) {
  Ended ended;
  int from = -1;
  pid_t child = terminal ? start_on_terminal(words, name, from) : start_piped(words, name, from);
  if (child < 0) return ended;
  ended.output = read_all(from);
  ::close(from);
  while (::waitpid(child, &ended.status, 0) < 0 && errno == EINTR) {
  }
  return ended;
}

std::string find_program(std::initializer_list<const char*> paths) {
  for (const char* path : paths)
    if (::access(path, X_OK) == 0) return path;
  return {};
}

}  // namespace saker::cli
