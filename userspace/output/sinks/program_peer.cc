// SPDX-License-Identifier: Apache-2.0
#include "output/sinks/program_peer.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "output/line_peer.h"

namespace saker::output {
namespace {

// The shell script that handles the lines; the program is its first argument.
constexpr const char* each_line =
    "while IFS= read -r line; do printf '%s\\n' \"$line\" | /bin/sh -c \"$1\"; done";
// The first line for each process is read here, so that the end of the pipe ends the loop.
constexpr const char* all_lines =
    "while IFS= read -r line; do { printf '%s\\n' \"$line\"; exec cat; } | /bin/sh -c \"$1\"; done";

// Starts the shell with `input` as its standard input, and with default signal handling.
int spawn_shell(const char* script, const std::string& program, int input) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawnattr_init(&attributes);
  sigset_t none, ours;
  ::sigemptyset(&none);
  ::sigfillset(&ours);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &ours);
  ::posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
  const char* words[] = {"/bin/sh", "-c", script, "saker-program", program.c_str(), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, words[0], &actions, &attributes,
                                  const_cast<char* const*>(words), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

Result<std::unique_ptr<Peer>> program_peer(const std::string& program, bool keep_alive, Form form) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return Error::from_errno("pipe");
  Fd read_end(ends[0]), write_end(ends[1]);
  (void)::fcntl(write_end.get(), F_SETFL, O_NONBLOCK);
  const int error = spawn_shell(keep_alive ? all_lines : each_line, program, read_end.get());
  if (error == EPERM)
    return Error{
        "the daemon cannot start programs any more, because it has dropped its privileges; restart "
        "it"};
  if (error != 0) return Error::from_errno("/bin/sh", error);
  return pipe_peer(std::move(write_end), form);
}

}  // namespace saker::output
