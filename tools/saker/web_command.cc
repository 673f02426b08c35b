// SPDX-License-Identifier: Apache-2.0
// The page is a program of its own, saker-web: what it links, no other command needs.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "command.h"

namespace saker::cli {
namespace {

constexpr Option options[] = {
    {'c', "config", "FILE", "configuration (/etc/saker/saker.toml)"},
    {'o', "option", "KEY=VALUE", "sets a key, as in the configuration; may be repeated"},
    {0, "alerts", "FILE", "show these alerts, lines of JSON, not the daemon's (-: stdin)"},
};

int run(const Arguments& arguments) {
  std::vector<std::string> words = {"saker-web"};
  words.insert(words.end(), arguments.words.begin(), arguments.words.end());
  const auto add = [&](std::string_view name, const char* option) {
    for (const std::string& value : arguments.values(name)) {
      words.emplace_back(option);
      words.push_back(value);
    }
  };
  add("config", "-c");
  add("option", "-o");
  add("alerts", "--alerts");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::error_code error;
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const std::filesystem::path& path :
       {here / "saker-web", here.parent_path() / "sbin" / "saker-web"})
    ::execv(path.c_str(), argv.data());
  ::execvp("saker-web", argv.data());
  std::fprintf(stderr, "saker: saker-web cannot be run: %s\n", std::strerror(errno));
  return exit_failed;
}

}  // namespace

const Command web_command = {
    "web",
    "serve | password [FILE]",
    "a page in the browser: live and past alerts, charts, health",
    "serve: the page at http://127.0.0.1:8766, until it is stopped; [web] in the configuration "
    "sets\n"
    "the address, the access and the size of the history. As a service:\n"
    "systemctl enable --now saker-web.\n"
    "password: asks for the page's password and writes its hash to FILE, or to stdout.\n",
    options,
    run};

}  // namespace saker::cli
