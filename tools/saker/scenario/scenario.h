// SPDX-License-Identifier: Apache-2.0
// The generator's scenarios: real actions that a shipped rule must detect. Each runs in its own
// child process, as the table in scenario.cc lists them: it makes what it needs, acts once, and
// removes everything again, whether or not the action worked. A scenario never harms the host: it
// changes only a file, a process or a namespace that it made itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace saker::cli {

struct Action;  // action.h

// Shared with the parent: the child fills it in.
struct Outcome {
  enum class State : std::uint32_t { running, done, skipped, failed };
  std::atomic<State> state{State::running};
  std::atomic<std::uint64_t> returned_boot{0};  // CLOCK_BOOTTIME when the action returned
  char message[400] = {};                       // why it was skipped or failed
};

// The environment of a scenario. `tag` is unique to each run and part of every name that it makes.
class Stage {
 public:
  Stage(Outcome& outcome, std::string tag, std::string self, const Action* action)
      : outcome_(outcome), tag_(std::move(tag)), self_(std::move(self)), action_(action) {}

  const std::string& tag() const { return tag_; }
  const std::string& self() const { return self_; }  // path of this program
  const Action* action() const { return action_; }   // null: the scenario is not in action.h

  // Call it directly after the system call that the rule is about.
  void returned();
  // Ends the scenario: it is not possible here; says why. Not a failure of the sensor, but not a
  // success either.
  void skip(std::string_view why);
  // Ends the scenario: the action failed; `what` with errno's text.
  void fail(std::string_view what, int errnum = 0);
  bool ended() const { return outcome_.state.load() != Outcome::State::running; }

 private:
  void end(Outcome::State state, std::string_view text);

  Outcome& outcome_;
  std::string tag_, self_;
  const Action* action_;
};

struct Scenario {
  std::string_view name;
  std::string_view rule;     // the rule that must alert
  std::string_view summary;  // what the scenario does
  // The action is a program that continues after it was started, or that another program starts: it
  // never returns to the generator, so the time of the kernel's record is used instead.
  bool time_of_record;
  bool risky;  // changes something outside its own namespaces, even if only for a moment
  void (*act)(Stage& stage);
  const Action* action = nullptr;
};

std::span<const Scenario> scenarios();
// From these, or from actions() (action.h).
const Scenario* find_scenario(std::string_view name);

// One per file: scenario_*.cc.
void act_script(Stage& stage);
void act_read_sensitive_file(Stage& stage);
void act_write_below_etc(Stage& stage);
void act_write_below_binary_dir(Stage& stage);
void act_modify_binary_dir(Stage& stage);
void act_read_secrets(Stage& stage);
void act_fileless_execution(Stage& stage);
void act_ptrace(Stage& stage);
void act_reverse_shell(Stage& stage);
void act_mining_port(Stage& stage);
void act_load_module(Stage& stage);
void act_release_agent(Stage& stage);
void act_container_as_root(Stage& stage);
void act_disallowed_container(Stage& stage);
void act_terminal_shell(Stage& stage);
void act_outbound_connection(Stage& stage);
void act_drop_and_execute(Stage& stage);

}  // namespace saker::cli
