// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <saker/version.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "service/daemon.h"
#include "service/falco_arguments.h"
#include "service/load.h"

namespace saker {
namespace {

int check(const service::DaemonArguments& arguments) {
  Result<service::LoadedConfig> loaded = service::load_all(arguments);
  if (!loaded) {
    std::fputs(loaded.error().message.c_str(), stderr);
    return 1;
  }
  std::fputs((loaded->warnings + loaded->generation->warnings).c_str(), stderr);
  std::printf("configuration and rules are valid: %zu rules, %zu of them enabled\n",
              loaded->generation->rules_total, loaded->generation->rules_enabled);
  return 0;
}

// saker in the directory of this program, otherwise in PATH.
int hand_over(const std::vector<std::string>& words) {
  std::vector<std::string> all = {"saker"};
  all.insert(all.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : all) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::error_code error;
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const std::filesystem::path& path : {here / "saker", here.parent_path() / "bin" / "saker"})
    ::execv(path.c_str(), argv.data());
  ::execvp("saker", argv.data());
  std::string line;
  for (const std::string& word : all) line += (line.empty() ? "" : " ") + word;
  std::fprintf(stderr, "sakerd: %s does this, but the command saker was not found\n", line.c_str());
  return 1;
}

int start(int argc, char** argv) {
  Result<service::DaemonArguments> arguments = service::parse_arguments(argc, argv);
  if (!arguments) {
    std::fprintf(stderr, "sakerd: %s\n", arguments.error().message.c_str());
    return 2;
  }
  if (arguments->help) {
    std::fputs(service::usage, stdout);
    return 0;
  }
  if (arguments->version) {
    std::puts("sakerd " SAKER_VERSION);
    return 0;
  }
  for (const std::string& note : arguments->notes)
    std::fprintf(stderr, "sakerd: warning: %s\n", note.c_str());
  if (const std::vector<std::string> words = service::command_of(*arguments); !words.empty())
    return hand_over(words);
  if (arguments->check) return check(*arguments);

  Log log(LogLevel::info, Log::stderr_is_journal());
  service::Daemon daemon(std::move(*arguments), log);
  Result<void> ran = daemon.run();
  if (ran) return 0;
  log.error(ran.error().message);
  return daemon.exit_status();
}

}  // namespace
}  // namespace saker

int main(int argc, char** argv) {
  // One heap for all threads: they allocate little, and separate heaps would stay resident.
  ::mallopt(M_ARENA_MAX, 1);
  return saker::start(argc, argv);
}
