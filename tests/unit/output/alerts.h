// SPDX-License-Identifier: Apache-2.0
// Alerts for tests, and what sinks under test need.
#pragma once

#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "output/alert.h"
#include "output/sink.h"

namespace saker::test {

inline output::SharedAlert alert(const std::string& text,
                                 lang::Priority priority = lang::Priority::notice) {
  auto made = std::make_shared<output::Alert>();
  made->text = text;
  made->json = "{\"" + text + "\"}";
  made->rule_name = "a rule";
  made->priority = priority;
  return made;
}

// A separate directory for each test, deleted at its end.
class Directory {
 public:
  Directory() {
    char name[] = "/tmp/saker-output-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::string content(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Waits until the condition is true, ten seconds at most.
template <typename Condition>
bool await(Condition condition) {
  for (int i = 0; i < 5000; i++) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return condition();
}

class Announced {
 public:
  output::Announce announce() {
    return [this](std::string_view line) {
      std::lock_guard guard(lock_);
      lines_.emplace_back(line);
    };
  }
  std::vector<std::string> lines() {
    std::lock_guard guard(lock_);
    return lines_;
  }

 private:
  std::mutex lock_;
  std::vector<std::string> lines_;
};

}  // namespace saker::test
