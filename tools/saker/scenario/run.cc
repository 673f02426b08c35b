// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "../control.h"

namespace saker::cli {
namespace {

// The page shared by parent and child.
class SharedOutcome {
 public:
  SharedOutcome() {
    void* at =
        ::mmap(nullptr, sizeof(Outcome), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at != MAP_FAILED) outcome_ = ::new (at) Outcome;
  }
  ~SharedOutcome() {
    if (outcome_) ::munmap(outcome_, sizeof(Outcome));
  }
  SharedOutcome(const SharedOutcome&) = delete;
  SharedOutcome& operator=(const SharedOutcome&) = delete;
  Outcome* get() { return outcome_; }

 private:
  Outcome* outcome_ = nullptr;
};

std::string own_path() {
  char path[4096];
  ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : std::string();
}

// A keyboard interrupt is for the parent: the child always finishes, so that it leaves nothing
// behind.
[[noreturn]] void run_child(const Scenario& scenario, const std::string& tag, Outcome& outcome) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGINT, SIG_IGN);
  Stage stage(outcome, tag, own_path(), scenario.action);
  scenario.act(stage);
  if (!stage.ended()) outcome.state.store(Outcome::State::done);
  ::_exit(0);
}

// Whether the child ended within the limit; in any case it is gone afterwards.
bool await(pid_t child, unsigned limit_seconds) {
  bool in_time = true;
  int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  if (pidfd >= 0) {
    pollfd one{pidfd, POLLIN, 0};
    std::uint64_t end = boot_time() + limit_seconds * 1'000'000'000ull;
    int ready;
    do {
      std::uint64_t now = boot_time();
      ready = ::poll(&one, 1, now >= end ? 0 : static_cast<int>((end - now) / 1'000'000 + 1));
    } while (ready < 0 && errno == EINTR);
    in_time = ready > 0;
    if (!in_time) ::kill(child, SIGKILL);
    ::close(pidfd);
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return in_time;
}

}  // namespace

Performed perform(const Scenario& scenario, const std::string& tag, unsigned limit_seconds) {
  Performed performed;
  SharedOutcome shared;
  if (!shared.get()) {
    performed.message = "no memory to share with the child";
    return performed;
  }
  performed.started_wall = wall_time();
  pid_t child = ::fork();
  if (child == 0) run_child(scenario, tag, *shared.get());
  if (child < 0) {
    performed.message = Error::from_errno("fork").message;
    return performed;
  }
  bool in_time = await(child, limit_seconds);
  performed.state = shared.get()->state.load();
  performed.returned_boot = shared.get()->returned_boot.load();
  performed.message = shared.get()->message;
  if (performed.state == Outcome::State::running) {
    performed.state = Outcome::State::failed;
    performed.message = in_time ? "the scenario's process died"
                                : "not finished after " + std::to_string(limit_seconds) + " s";
  }
  return performed;
}

}  // namespace saker::cli
