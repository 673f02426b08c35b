// SPDX-License-Identifier: Apache-2.0
// What calls other than exec change about a process.
#include <doctest/doctest.h>

#include "table_fixture.h"

namespace saker::enrich {
namespace {

TEST_CASE("table: a process's directory, group, session and capabilities are followed") {
  Fixture f;
  const Process* shell = f.exec(10, 1, second, second, "sh");
  const auto call = [&](std::uint16_t type, std::uint32_t pid, std::uint64_t ts) {
    f.builder.begin(type);
    f.builder.head().pid = pid;
    f.builder.head().ts = ts;
  };
  call(SAKER_EV_chdir, 10, 2 * second);
  f.builder.blob(SAKER_P_simple_cwd, "/var/tmp");
  const Process* moved = f.take();
  REQUIRE(moved != shell);
  CHECK(moved->program->cwd == "/var/tmp/");
  CHECK(moved->program->cmdline.data() == shell->program->cmdline.data());
  CHECK(moved->program->exe_ino == shell->program->exe_ino);
  CHECK(f.table->find(10, 2 * second - 1) == shell);
  call(SAKER_EV_fchdir, 10, 3 * second);
  f.builder.blob(SAKER_P_simple_cwd, "/var/tmp");
  CHECK(f.take() == moved);  // the same directory
  call(SAKER_EV_chdir, 10, 3 * second);
  f.builder.head().ret = -2;
  CHECK(f.take() == moved);
  call(SAKER_EV_chdir, 10, 3 * second);
  f.builder.blob(SAKER_P_simple_cwd, "/");
  CHECK(f.take()->program->cwd == "/");
  // The texts outlive the image that had them first, and a child has them too.
  f.fork(10, 11, 4 * second);
  f.batches(4);
  CHECK(f.table->find(11, 5 * second)->program->cmdline == "sh -x two words");
  CHECK(f.table->find(11, 5 * second)->program->cwd == "/");

  call(SAKER_EV_setsid, 11, 6 * second);
  f.builder.number(SAKER_P_simple_arg0, 11)
      .number(SAKER_P_simple_arg2, 11)
      .number(SAKER_P_simple_arg3, 11)
      .number(SAKER_P_simple_arg4, 4);
  const Process* leader = f.take();
  CHECK((leader->sid == 11 && leader->pgid == 11 && leader->vpgid == 4 && leader->tty == 0));
  // A shell sets the group of its child: the caller stays as it is.
  call(SAKER_EV_setpgid, 10, 7 * second);
  f.builder.number(SAKER_P_simple_arg2, 11)
      .number(SAKER_P_simple_arg3, 9)
      .number(SAKER_P_simple_arg4, 3);
  CHECK(f.take() == f.table->find(10, 7 * second));
  CHECK(f.table->find(11, 7 * second)->pgid == 9);
  CHECK(f.table->find(11, 7 * second)->vpgid == 3);
  CHECK(f.table->find(11, 7 * second)->sid == 11);
  // The child is gone.
  call(SAKER_EV_setpgid, 10, 7 * second);
  CHECK(f.take() == f.table->find(10, 7 * second));
  call(SAKER_EV_setpgid, 10, 7 * second);
  f.builder.number(SAKER_P_simple_arg2, 12345);
  CHECK(f.take() == f.table->find(10, 7 * second));

  call(SAKER_EV_capset, 10, 8 * second);
  f.builder.number(SAKER_P_simple_arg1, 7).number(SAKER_P_simple_arg2, 5);
  const Process* limited = f.take();
  CHECK((limited->cap_inheritable == 0 && limited->cap_permitted == 7));
  CHECK(limited->cap_effective == 5);
}

TEST_CASE("table: a process that moves all the time costs no memory") {
  Fixture f;
  f.exec(10, 1, second, second, "sh");
  for (std::uint64_t i = 0; i < 5000; i++) {
    f.builder.begin(SAKER_EV_chdir).blob(SAKER_P_simple_cwd, i % 2 ? "/tmp" : "/var/tmp");
    f.builder.head().pid = 10;
    f.builder.head().ts = 2 * second + i;
    CHECK(f.take()->program->cwd == (i % 2 ? "/tmp/" : "/var/tmp/"));
    if (i % 100 == 0) f.batches(1);
  }
  f.batches(3);
  CHECK(f.table->images() == 1);
  CHECK(f.table->find(10, 3 * second)->program->env.size() == 2);
}

}  // namespace
}  // namespace saker::enrich
