// SPDX-License-Identifier: Apache-2.0
#include "service/arguments.h"

#include <doctest/doctest.h>

#include "service/falco_arguments.h"

namespace saker::service {
namespace {

Result<DaemonArguments> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "sakerd");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return parse_arguments(static_cast<int>(words.size()), argv.data());
}

std::string command(std::vector<std::string> words) {
  Result<DaemonArguments> arguments = parse(std::move(words));
  if (!arguments) return "error: " + arguments.error().message;
  std::string out;
  for (const std::string& word : command_of(*arguments)) out += (out.empty() ? "" : " ") + word;
  return out;
}

TEST_CASE("arguments: options with which Falco prints run the command saker") {
  CHECK(command({"-L"}) == "rules list");
  CHECK(command({"-c", "f", "-r", "a", "-r", "b", "-o", "json_output=true", "-l", "-x"}) ==
        "rules show -c f -o json_output=true -r a -r b --json -- -x");
  CHECK(command({"-V", "a", "--validate", "b"}) == "rules check a b");
  CHECK(command({"--list"}) == "fields");
  CHECK(command({"--list=syscall"}) == "fields");
  CHECK(command({"--list-syscall-events"}) == "events-list");
  CHECK(command({"-e", "x.scap"}) == "replay -- x.scap");
  CHECK(command({"-r", "a"}) == "");
}

TEST_CASE("arguments: options that the daemon handles, and options that it ignores") {
  Result<DaemonArguments> a = parse({"-U", "-A", "--cri", "/run/x", "-pk", "-p", "on %evt.hostname",
                                     "-v", "-M", "60", "-P", "/run/x.pid", "--enable-source",
                                     "syscall", "--disable-source=k8s_audit", "-b", "--dry-run"});
  REQUIRE(a);
  CHECK((a->check && a->verbose && a->suggested_output));
  CHECK(a->seconds == 60);
  CHECK(a->pid_file == "/run/x.pid");
  CHECK(a->extra_output == "on %evt.hostname");
  CHECK(a->overrides == std::vector<std::string>{"buffer_format_base64=true"});
  CHECK(a->notes.size() == 2);
  CHECK(parse({"--version"})->version);
}

TEST_CASE("arguments: other options name their replacement") {
  for (std::vector<std::string> words : {std::vector<std::string>{"-s", "f"},
                                         {"--support"},
                                         {"-i"},
                                         {"-T", "x"},
                                         {"-d"},
                                         {"--list-plugins"},
                                         {"--enable-source", "k8s_audit"},
                                         {"--disable-source=syscall"},
                                         {"-M", "1x"},
                                         {"-M", "-1"},
                                         {"-V"},
                                         {"--frobnicate"},
                                         {"word"}}) {
    INFO(words[0]);
    Result<DaemonArguments> a = parse(words);
    REQUIRE_FALSE(a);
    CHECK(a.error().message.size() > 25);
  }
  CHECK(command({"-T", "net"}).find("rules=[{disable={tag=\"TAG\"}}]") != std::string::npos);
}

}  // namespace
}  // namespace saker::service
