// SPDX-License-Identifier: Apache-2.0
#include "enrich/proc_scan.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"

namespace saker::enrich {
namespace {

TEST_CASE("scan: this process, compared with what it knows about itself") {
  std::uint32_t self = static_cast<std::uint32_t>(::getpid());
  auto image = read_process("/proc", self);
  REQUIRE(image);
  CHECK(image->known);
  CHECK(image->ppid == static_cast<std::uint32_t>(::getppid()));
  CHECK(image->pgid == static_cast<std::uint32_t>(::getpgrp()));
  CHECK(image->euid == ::geteuid());
  CHECK(image->program->exepath.find("/unit") != std::string_view::npos);
  CHECK(image->program->cmdline.starts_with(image->program->comm));
  CHECK(image->program->cwd.ends_with('/'));
  CHECK(image->program->env.size() > 0);
  CHECK(image->ns_mnt != 0);
  CHECK(image->program->exe_ino != 0);
  CHECK(image->start_time > 0);
  CHECK(image->start_time < boot_ns());
}

TEST_CASE("scan: zombies and unused numbers are not processes") {
  pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  CHECK(read_process("/proc", static_cast<std::uint32_t>(child)) == nullptr);
  ::waitpid(child, nullptr, 0);
  CHECK(read_process("/proc", static_cast<std::uint32_t>(child)) == nullptr);
  CHECK(read_process("/nonexistent", 1) == nullptr);
}

TEST_CASE("scan: all processes, in order") {
  std::vector<std::uint32_t> all = list_processes("/proc");
  CHECK(std::is_sorted(all.begin(), all.end()));
  CHECK(std::binary_search(all.begin(), all.end(), static_cast<std::uint32_t>(::getpid())));
  CHECK(list_processes("/nonexistent").empty());
}

}  // namespace
}  // namespace saker::enrich
