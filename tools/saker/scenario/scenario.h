// SPDX-License-Identifier: Apache-2.0
// The generator's scenarios: real actions that a shipped rule must answer. Each runs in a child
// process of its own, as the table in scenario.cc lists them, makes what it needs, acts once, and
// takes everything away again, whether or not the action worked. A scenario never harms the host:
// what it changes is a file of its own, a process of its own, or a namespace it made.
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
  char message[400] = {};                       // why skipped or failed
};

// What a scenario is given. `tag` is unlike that of any other run and part of every name made.
class Stage {
 public:
  Stage(Outcome& outcome, std::string tag, std::string self, const Action* action)
      : outcome_(outcome), tag_(std::move(tag)), self_(std::move(self)), action_(action) {}

  const std::string& tag() const { return tag_; }
  const std::string& self() const { return self_; }  // path of this program
  const Action* action() const { return action_; }   // null: the scenario is none of action.h

  // To be called as the very next thing after the system call that the rule is about.
  void returned();
  // Ends the scenario: not possible here, and why. Not a failure of the sensor, but not a success
  // either.
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
  std::string_view rule;     // that must answer
  std::string_view summary;  // what is done
  // The action is a program that goes on after it was started, or is started by another one: there
  // is no moment at which it returns to the generator, and the time of the kernel's own record
  // stands in.
  bool time_of_record;
  bool risky;  // changes something outside its own namespaces, if only for a moment
  void (*act)(Stage& stage);
  const Action* action = nullptr;
};

std::span<const Scenario> scenarios();
// Of these, or of actions() (action.h).
const Scenario* find_scenario(std::string_view name);

// One a file: scenario_*.cc.
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
