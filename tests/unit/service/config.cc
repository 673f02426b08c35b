// SPDX-License-Identifier: Apache-2.0
#include "service/config.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/file.h"
#include "service/generation.h"

namespace saker::service {
namespace {

using namespace std::string_view_literals;

ConfigResult parse(const std::string& text, std::vector<std::string> overrides = {}) {
  return parse_config("saker.toml", text, overrides);
}

std::string all(const ConfigResult& result) {
  std::string out;
  for (const ConfigMistake& mistake : result.mistakes) out += render(mistake);
  return out;
}

TEST_CASE("config: every key is optional") {
  ConfigResult result = parse("");
  REQUIRE(result.ok());
  CHECK(result.config.rules_files == std::vector<std::string>{"/etc/saker/rules.d"});
  CHECK(result.config.stdout_output.enabled);
  CHECK(load_config("/nonexistent/saker.toml", false, {}).ok());
}

TEST_CASE("config: values arrive") {
  ConfigResult result = parse(R"(
rules_files = ["a.yaml", "b"]
priority = "Warning"
rule_matching = "all"
json_output = true
rules = [{ disable = { rule = "*" } }, { enable = { tag = "net" } }]
append_output = [{ match = { source = "syscall", tags = ["x"] }, extra_fields = ["proc.exe", { me = "%user.name" }] }]
[static_fields]
site = "berlin"
[stdout_output]
format = "text"
[file_output]
enabled = true
filename = "/tmp/a"
[rings]
life = 131072
event = "8 MiB"
[log]
level = "debug"
)");
  INFO(all(result));
  REQUIRE(result.ok());
  const Config& c = result.config;
  CHECK(c.rules_files.size() == 2);
  CHECK(c.priority == lang::Priority::warning);
  CHECK(c.rule_matching == lang::RuleMatching::all);
  REQUIRE(c.rules.size() == 2);
  CHECK_FALSE(c.rules[0].enable);
  CHECK(c.rules[1].tag == "net");
  REQUIRE(c.append_output.size() == 1);
  CHECK(c.append_output[0].match_tags == std::vector<std::string>{"x"});
  CHECK(c.append_output[0].extra_fields[1].format == "%user.name");
  CHECK(c.static_fields.at("site") == "berlin");
  CHECK_FALSE(c.stdout_output.as_json(c.json_output));
  CHECK(c.file_output.as_json(c.json_output));
  CHECK(c.life_bytes == 131072);
  CHECK(c.event_bytes == 8u << 20);
  CHECK(c.log_level == LogLevel::debug);
}

TEST_CASE("config: every mistake is told, with line, column and remedy") {
  ConfigResult result = parse(
      "priority = \"warnig\"\n"
      "rule_maching = \"all\"\n"
      "json_output = 1\n"
      "[rings]\n"
      "event = \"3MiB\"\n"
      "  life = \"1GiB\"\n"
      "[file_output]\n"
      "enabled = true\n"
      "[nonsense]\n"
      "a = 1\n");
  std::string text = all(result);
  INFO(text);
  CHECK(result.mistakes.size() == 7);
  CHECK(text.find("saker.toml:1:12: error: priority is \"warnig\"\n  hint: did you mean \"warning\"?") !=
        std::string::npos);
  CHECK(text.find("saker.toml:2:16: error: unknown key rule_maching\n  hint: did you mean "
                  "rule_matching?") != std::string::npos);
  CHECK(text.find("saker.toml:3:15: error: json_output is a whole number, it must be true or false") !=
        std::string::npos);
  CHECK(text.find("saker.toml:5:9: error: rings.event must be a power of two") != std::string::npos);
  CHECK(text.find("saker.toml:6:10: error: rings.life") != std::string::npos);
  CHECK(text.find("unknown key nonsense") != std::string::npos);
  CHECK(text.find("file_output is enabled but names no file") != std::string::npos);
}

TEST_CASE("config: broken TOML is told with its place") {
  ConfigResult result = parse("priority = \"error\"\nrules_files = [\n");
  REQUIRE(result.mistakes.size() == 1);
  CHECK(result.mistakes[0].line >= 2);
}

TEST_CASE("config: options set keys over the file, quoted or not") {
  ConfigResult result = parse("priority = \"error\"\n",
                              {"priority=debug", "rings.event=8MiB", "json_output=true"});
  INFO(all(result));
  REQUIRE(result.ok());
  CHECK(result.config.priority == lang::Priority::debug);
  CHECK(result.config.event_bytes == 8u << 20);
  CHECK(result.config.json_output);
  CHECK(all(parse("", {"prioritty=debug"})).find("did you mean priority?") != std::string::npos);
  CHECK_FALSE(parse("", {"nonsense"}).ok());
  CHECK_FALSE(parse("", {"=x"}).ok());
}

TEST_CASE("config: a file that was named must be there") {
  ConfigResult result = load_config("/nonexistent/saker.toml", true, {});
  REQUIRE(result.mistakes.size() == 1);
  CHECK(render(result.mistakes[0]).find("/nonexistent/saker.toml: error: No such file") == 0);
}

TEST_CASE("config: every key of the example is one, with the default it shows") {
  Result<std::string> text = read_file("docs/saker.toml.example", 1u << 20);
  REQUIRE(text);
  // The example comments its keys out: "#key = value" is one (and what is indented goes with it), "# A sentence" is not.
  std::istringstream lines(*text);
  std::string on, line;
  while (std::getline(lines, line)) {
    bool key = line.starts_with("#") && (!line.starts_with("# ") || line.starts_with("#  "));
    on += (key ? line.substr(1) : line) + "\n";
  }
  ConfigResult result = parse(on);
  INFO(all(result));
  CHECK(result.ok());
  CHECK(needs_restart(Config(), result.config).empty());
  CHECK(result.config.rules_files == Config().rules_files);
  CHECK(result.config.file_output.enabled == Config().file_output.enabled);
}

TEST_CASE("config: rules know addresses by the names of a hosts file") {
  std::string directory = "/tmp/saker-hosts-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()));
  const std::string rules = directory + "/rules.yaml", hosts = directory + "/hosts";
  std::ofstream(rules) << "- rule: to the database\n  desc: d\n  condition: evt.type = connect and fd.sip.name = db.example\n"
                          "  output: o\n  priority: INFO\n";
  std::ofstream(hosts) << "192.0.2.7 db.example other.example\n";
  Config config = parse("[names]\nhosts_file = \"" + hosts + "\"\n").config;
  CHECK(config.hosts_file == hosts);
  config.rules_files = {rules};
  Result<std::unique_ptr<Generation>> generation = load_generation(config);
  REQUIRE(generation);
  std::span<const std::string> names = (*generation)->hosts.names("\xc0\0\2\7"sv);
  REQUIRE(names.size() == 1);
  CHECK(names[0] == "db.example");

  config.hosts_file = directory + "/none";
  generation = load_generation(config);
  REQUIRE_FALSE(generation);
  CHECK(generation.error().message.find("names.hosts_file: ") == 0);
  config.hosts_file = "";
  generation = load_generation(config);
  REQUIRE(generation);
  CHECK((*generation)->hosts.names("\xc0\0\2\7"sv).empty());
  std::filesystem::remove_all(directory);
}

TEST_CASE("config: what waits for the next start is named") {
  Config a, b;
  b.event_bytes *= 2;
  b.control_socket = "";
  b.priority = lang::Priority::alert;
  CHECK(needs_restart(a, b) == std::vector<std::string>{"rings.event", "control.socket"});
}

}  // namespace
}  // namespace saker::service
