// SPDX-License-Identifier: Apache-2.0
#include "service/config/config.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/file.h"
#include "parsed.h"
#include "run/generation.h"

namespace saker::service {
namespace {

using namespace std::string_view_literals;

using test::all_errors;
using test::parse;

TEST_CASE("config: every key is optional") {
  ConfigResult result = parse("");
  REQUIRE(result.ok());
  CHECK(result.config.rules_files == std::vector<std::string>{"/etc/saker/rules.d"});
  CHECK(result.config.stdout_output.enabled);
  CHECK(load_config("/nonexistent/saker.toml", false, {}).ok());
}

TEST_CASE("config: values are read") {
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
  INFO(all_errors(result));
  REQUIRE(result.ok());
  const run::Config& c = result.config;
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

TEST_CASE("config: every error is reported, with line, column and hint") {
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
  std::string text = all_errors(result);
  INFO(text);
  CHECK(result.errors.size() == 7);
  CHECK(text.find(
            "saker.toml:1:12: error: priority is \"warnig\"\n  hint: did you mean \"warning\"?") !=
        std::string::npos);
  CHECK(text.find("saker.toml:2:16: error: unknown key rule_maching\n  hint: did you mean "
                  "rule_matching?") != std::string::npos);
  CHECK(text.find(
            "saker.toml:3:15: error: json_output is a whole number, it must be true or false") !=
        std::string::npos);
  CHECK(text.find("saker.toml:5:9: error: rings.event must be a power of two") !=
        std::string::npos);
  CHECK(text.find("saker.toml:6:10: error: rings.life") != std::string::npos);
  CHECK(text.find("unknown key nonsense") != std::string::npos);
  CHECK(text.find("file_output is enabled but names no file") != std::string::npos);
}

TEST_CASE("config: broken TOML is reported with its place") {
  ConfigResult result = parse("priority = \"error\"\nrules_files = [\n");
  REQUIRE(result.errors.size() == 1);
  CHECK(result.errors[0].line >= 2);
}

// U+0442 is one that makes toml++ 3.3 end the program.
TEST_CASE("config: non-ASCII characters are allowed only in strings and comments") {
  CHECK(
      parse("\xef\xbb\xbf# \xd1\x82\nstatic_fields = { a = \"\xd1\x82\", b = '\xd1\x82' }\n").ok());
  CHECK(parse("static_fields = { a = \"\\\"\xd1\x82\", b = \"\"\"\n\"\xd1\x82\"\"\" }\n").ok());
  ConfigResult result = parse("priority = \"error\"\nrule_matching = \xd1\x82\n");
  REQUIRE(result.errors.size() == 1);
  CHECK(all_errors(result).find("saker.toml:2:17: error: a character that is not ASCII") == 0);
  CHECK(parse("", {"static_fields.a=\xd1\x82"}).config.static_fields.at("a") == "\xd1\x82");
  CHECK(parse("", {"rules_files=[\xd1\x82]"}).config.rules_files[0] == "\xd1\x82");
  CHECK(parse("", {"static_fields={a=\"\xd1\x82\"}"}).config.static_fields.at("a") == "\xd1\x82");
}

TEST_CASE("config: options set keys over the file, quoted or not") {
  ConfigResult result =
      parse("priority = \"error\"\n", {"priority=debug", "rings.event=8MiB", "json_output=true"});
  INFO(all_errors(result));
  REQUIRE(result.ok());
  CHECK(result.config.priority == lang::Priority::debug);
  CHECK(result.config.event_bytes == 8u << 20);
  CHECK(result.config.json_output);
  CHECK(all_errors(parse("", {"prioritty=debug"})).find("did you mean priority?") !=
        std::string::npos);
  CHECK_FALSE(parse("", {"nonsense"}).ok());
  CHECK_FALSE(parse("", {"=x"}).ok());
}

TEST_CASE("config: options take Falco's forms of a key") {
  const std::string file =
      "rules_files = [\"a\", \"b\"]\nappend_output = [{ suggested_output = true }]\n";
  using Files = std::vector<std::string>;
  const auto files = [&](std::vector<std::string> options) {
    const ConfigResult result = parse(file, std::move(options));
    INFO(all_errors(result));
    CHECK(result.ok());
    return result.config.rules_files;
  };
  CHECK(files({"rules_files[0]=/x"}) == Files{"/x", "b"});
  CHECK(files({"rules_files[2]=/x"}) == Files{"a", "b", "/x"});
  CHECK(files({"rules_files[]=/x", "rules_files[]=/y=z"}) == Files{"a", "b", "/x", "/y=z"});
  CHECK(files({"rules_files=/x", "rules_files[]=/y"}) == Files{"/x", "/y"});
  CHECK(files({"rules_files=[]"}) == Files{});
  CHECK(files({"rules_files=[/x, /y]"}) == Files{"/x", "/y"});
  CHECK(files({"rules_files[1]=42"}) == Files{"a", "42"});
  const auto appended = [&](std::vector<std::string> options) {
    const ConfigResult result = parse(file, std::move(options));
    INFO(all_errors(result));
    CHECK(result.ok());
    return result.config.append_output;
  };
  CHECK(appended({"append_output=[]"}).empty());
  CHECK_FALSE(appended({"append_output[0].suggested_output=false"})[0].suggested_output);
  const auto both = appended(
      {R"(append_output[]={"match": {"source": "syscall"}, "extra_fields": ["evt.hostname"]})"});
  REQUIRE(both.size() == 2);
  CHECK(both[0].suggested_output);
  CHECK(both[1].match_source == "syscall");
  CHECK(both[1].extra_fields[0].key == "evt.hostname");
  CHECK(appended({"append_output[0].match.tags[]=a", "append_output[0].match.tags[]=b"})[0]
            .match_tags == Files{"a", "b"});
}

TEST_CASE("config: without a file an option changes the defaults") {
  run::Config base;
  base.append_output.emplace_back().suggested_output = true;
  const auto with = [&](const char* option) {
    return parse_config("", "", {option}, base).config.append_output;
  };
  CHECK(with("priority=error").size() == 1);
  CHECK(with("append_output=[]").empty());
  CHECK(with("append_output[]={extra_output: on %evt.cpu}").size() == 2);
  CHECK_FALSE(with("append_output[0].suggested_output=off")[0].suggested_output);
  CHECK(parse("", {"rules_files[]=/x"}).config.rules_files ==
        std::vector<std::string>{"/etc/saker/rules.d", "/x"});
}

TEST_CASE("config: text, numbers and booleans in an option are read as in YAML") {
  const ConfigResult result =
      parse("", {"json_output=Yes", "rings.wake_us=500", "static_fields={site: 7, far: no}",
                 "static_fields.rack=42", "static_fields.on=true", "static_fields.day=2026-01-15",
                 "recorder.rotate_time=90", "buffer_format_base64=on"});
  INFO(all_errors(result));
  REQUIRE(result.ok());
  CHECK(result.config.json_output);
  CHECK(result.config.base64);
  CHECK(result.config.wake_us == 500);
  CHECK(result.config.static_fields.at("rack") == "42");
  CHECK(result.config.static_fields.at("on") == "true");
  CHECK(result.config.static_fields.at("day") == "2026-01-15");
  CHECK(result.config.static_fields.at("site") == "7");
  CHECK(result.config.static_fields.at("far") == "no");
  CHECK(result.config.recorder.rotate_ns == 90'000'000'000);
  // In a file the type must match.
  CHECK_FALSE(parse("json_output = \"yes\"\n").ok());
}

TEST_CASE("config: an invalid option is refused with a reason") {
  const auto told = [](const std::string& option) {
    return all_errors(parse("rules_files = [\"a\"]\n", {option}));
  };
  const auto says = [&](const std::string& option, const std::string& text) {
    CAPTURE(option);
    INFO(told(option));
    CHECK(told(option).find(text) != std::string::npos);
  };
  says("rules_files[5]=x", "a list of 1: [] appends an entry");
  says("rules_files.x=1", "no section");
  says("json_output[0]=true", "json_output is a list, it must be true or false");
  says("a.b[0]=1", "unknown key a.b");
  says("[=x", "empty name");
  says("[0]=x", "empty name");
  says("rules[=1", "without its ]");
  says("rules_files[x]=1", "is not a number");
  says("rules_files[99999999999999999999999]=1", "is not a number");
  says("rules_files[0]x=1", "needs a dot");
  says("a..b=1", "empty name");
  says(".=1", "empty name");
  says("rings=5", "is a section");
  says("rings[0]=5", "is a section");
  says("json_output=maybe", "must be true or false");
  says("priority", "is not KEY=VALUE");
  says(std::string(40, '[') + "=1", "empty name");
  says("a" + std::string(40, '.') + "=1", "empty name");
  says("\033[2Jx=1", "?[2Jx");
  const std::string deep = "static_fields=" + std::string(100'000, '[');
  CHECK(told(deep).size() < 1000);
  CHECK(told("rules_files=" + std::string(60'000, '{')).size() < 2000);
  // A value cannot add another key.
  CHECK(parse("", {"rule_matching=\"all\"\npriority=\"error\""}).config.priority ==
        lang::Priority::debug);
}

TEST_CASE("config: a named file must exist") {
  ConfigResult result = load_config("/nonexistent/saker.toml", true, {});
  REQUIRE(result.errors.size() == 1);
  CHECK(render(result.errors[0]).find("/nonexistent/saker.toml: error: No such file") == 0);
}

TEST_CASE("config: every key of the example exists, with the default shown") {
  Result<std::string> text = read_file("docs/saker.toml.example", 1u << 20);
  REQUIRE(text);
  // The example comments out its keys: "#key = value" is a key (with the indented lines after it),
  // "# A sentence" is not.
  std::istringstream lines(*text);
  std::string on, line;
  while (std::getline(lines, line)) {
    bool key = line.starts_with("#") && (!line.starts_with("# ") || line.starts_with("#  "));
    on += (key ? line.substr(1) : line) + "\n";
  }
  ConfigResult result = parse(on);
  INFO(all_errors(result));
  CHECK(result.ok());
  CHECK(needs_restart(run::Config(), result.config).empty());
  CHECK(result.config.rules_files == run::Config().rules_files);
  CHECK(result.config.file_output.enabled == run::Config().file_output.enabled);
}

TEST_CASE("config: a key of Falco that has no effect is a warning, another an error") {
  ConfigResult result = parse(
      "[engine]\nkind = \"kmod\"\n[engine.kmod]\nbuf_size_preset = 4\n"
      "[container_engines.docker]\nenabled = true\n[[plugins]]\nname = \"x\"\n",
      {"engine.kind=kmod", "plugins[0].name=x", "file_output.keep_alive=true", "base_syscalls={}"});
  INFO(all_errors(result));
  CHECK(result.ok());
  CHECK(result.warnings.size() == 8);
  CHECK(render_warnings(result).starts_with(
      "saker.toml:2:8: warning: engine.kind is a key of Falco that has no effect here\n"
      "  hint: Saker's module"));
  CHECK_FALSE(parse("[engine]\nkmode = 1\n").ok());
  CHECK_FALSE(parse("engine = 1\n").ok());
  CHECK_FALSE(parse("", {"engine.kmod.buf=1"}).ok());
}

TEST_CASE("config: Falco's metrics, and what rules may alert") {
  const ConfigResult result = parse(
      "[metrics]\nenabled = true\ninterval = \"15m\"\noutput_file = \"/x\"\n"
      "rules_counters_enabled = false\njemalloc_stats_enabled = true\n"
      "[noise]\nmax_alerts_per_hour = 100\nfold_repeats = true\nfold_window = \"5m\"\n"
      "rules = { \"A rule\" = 5, quiet = 0 }\n",
      {"metrics.interval=100ms"});
  INFO(all_errors(result));
  CHECK(result.ok());
  CHECK(result.warnings.size() == 2);
  const run::MetricsConfig& metrics = result.config.metrics;
  CHECK(metrics.enabled);
  CHECK(metrics.interval_ns == 1'000'000'000);
  CHECK(metrics.output_file == "/x");
  CHECK_FALSE(metrics.rules_counters);
  const run::NoiseConfig& noise = result.config.noise;
  CHECK(noise.max_alerts_per_hour == 100);
  CHECK(noise.rules.at("A rule") == 5);
  CHECK(noise.fold_repeats);
  CHECK(noise.fold_window_ns == 300'000'000'000);
  CHECK(all_errors(parse("[noise]\nfold_window = \"1ms\"\n")).find("from 1s to 1d") !=
        std::string::npos);
  CHECK_FALSE(parse("[noise]\nrules = { a = \"x\" }\n").ok());
  CHECK_FALSE(parse("[noise]\nrules = [1]\n").ok());
  CHECK(parse("watch_config_files = true\n").watch_files);
}

TEST_CASE("config: Falco's log levels, with either key") {
  CHECK(parse("log_level = \"critical\"").config.log_level == LogLevel::error);
  CHECK(parse("log_level = \"notice\"").config.log_level == LogLevel::info);
  CHECK(parse("log_syslog = true").log.to_syslog);
  CHECK(parse("log_syslog = true\nlog_stderr = false").warnings.empty());
  CHECK_FALSE(parse("[log]\nstderr = false").log.to_stderr);
  // It would go nowhere: it stays where it is, and that is said.
  CHECK(parse("log_stderr = false").warnings.size() == 1);
  CHECK(parse("log_stderr = false").ok());
  CHECK(all_errors(parse("log_syslog = \"yes\"")).find("log_syslog") != std::string::npos);
  CHECK(parse("[log]\nlevel = \"debug\"").config.log_level == LogLevel::debug);
  CHECK(all_errors(parse("log_level = \"loud\"")).find("it may be error, warning") !=
        std::string::npos);
}

TEST_CASE("config: ${NAME} is replaced from the environment, in every value") {
  ::setenv("SAKER_TEST_A", "warning", 1);
  ::setenv("SAKER_TEST_N", "42", 1);
  ::unsetenv("SAKER_TEST_NONE");
  ConfigResult result = parse(
      "priority = \"${SAKER_TEST_A}\"\nrules_files = [\"/x/${SAKER_TEST_N}/$${SAKER_TEST_N}\", "
      "\"${SAKER_TEST_NONE}a${\"]\n[rings]\nwake_us = \"${SAKER_TEST_N}\"\n",
      {"static_fields.site=${SAKER_TEST_N}", "threads.drain=${SAKER_TEST_N}"});
  INFO(all_errors(result));
  REQUIRE(result.ok());
  CHECK(result.config.priority == lang::Priority::warning);
  CHECK(result.config.rules_files == std::vector<std::string>{"/x/42/${SAKER_TEST_N}", "a${"});
  CHECK(result.config.wake_us == 42);
  CHECK(result.config.drain_threads == 42);
  CHECK(render_warnings(result).find(": warning: the environment variable is not set: "
                                     "SAKER_TEST_NONE; it is replaced by \"\"\n") !=
        std::string::npos);
  CHECK(render_warnings(result).starts_with("saker.toml:2:"));
  CHECK_FALSE(parse("[rings]\nwake_us = \"42\"\n").ok());
}

TEST_CASE("config: a fraction in an option, and the web server") {
  ConfigResult result = parse("[webserver]\nenabled = true\nlisten_address = \"::1\"\n",
                              {"syscall_event_drops.threshold=0.1", "webserver.listen_port=9000",
                               "webserver.k8s_healthz_endpoint=/health"});
  INFO(all_errors(result));
  REQUIRE(result.ok());
  CHECK(result.config.syscall_event_drops.threshold == 0.1);
  CHECK(result.web.enabled);
  CHECK(result.web.listen_port == 9000);
  CHECK(result.web.k8s_healthz_endpoint == "/health");
  for (const char* wrong : {"listen_address=0.0.0.0", "listen_address=localhost",
                            "listen_port=65536", "k8s_healthz_endpoint=health"})
    CHECK_FALSE(parse("", {std::string("webserver.") + wrong}).ok());
}

TEST_CASE("config: rules use the names of addresses in a hosts file") {
  std::string directory = "/tmp/saker-hosts-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()));
  const std::string rules = directory + "/rules.yaml", hosts = directory + "/hosts";
  std::ofstream(rules) << "- rule: to the database\n  desc: d\n  condition: evt.type = connect and "
                          "fd.sip.name = db.example\n"
                          "  output: o\n  priority: INFO\n";
  std::ofstream(hosts) << "192.0.2.7 db.example other.example\n";
  run::Config config = parse("[names]\nhosts_file = \"" + hosts + "\"\n").config;
  CHECK(config.hosts_file == hosts);
  config.rules_files = {rules};
  Result<std::unique_ptr<run::Generation>> generation = run::load_generation(config);
  REQUIRE(generation);
  std::span<const std::string> names = (*generation)->hosts.names("\xc0\0\2\7"sv);
  REQUIRE(names.size() == 1);
  CHECK(names[0] == "db.example");

  config.hosts_file = directory + "/none";
  generation = run::load_generation(config);
  REQUIRE_FALSE(generation);
  CHECK(generation.error().message.find("names.hosts_file: ") == 0);
  config.hosts_file = "";
  generation = run::load_generation(config);
  REQUIRE(generation);
  CHECK((*generation)->hosts.names("\xc0\0\2\7"sv).empty());
  std::filesystem::remove_all(directory);
}

TEST_CASE("config: [kubernetes], and the fields of its pods in rules") {
  const run::KubernetesConfig usual = parse("").config.kubernetes;
  CHECK_FALSE(usual.enabled);
  CHECK(usual.token_file == "/var/run/secrets/kubernetes.io/serviceaccount/token");
  const run::KubernetesConfig& other =
      parse(
          "[kubernetes]\nenabled = true\napiserver = \"https://api.example:6443\"\n"
          "node = \"n\"\ntoken_file = \"/t\"\nca_file = \"/c\"\n")
          .config.kubernetes;
  CHECK(other == run::KubernetesConfig{true, "https://api.example:6443", "n", "/t", "/c"});
  CHECK_FALSE(parse("[kubernetes]\napiserver = \"api.example\"\n").ok());
  std::string directory = "/tmp/saker-pods-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()));
  std::ofstream(directory + "/rules.yaml")
      << "- required_plugin_versions:\n  - name: k8smeta\n    version: 0.2.0\n"
         "- rule: in a deployment\n  desc: d\n  condition: evt.type = connect and "
         "k8smeta.deployment.name = web\n  output: o\n  priority: INFO\n";
  run::Config config;
  config.rules_files = {directory + "/rules.yaml"};
  Result<std::unique_ptr<run::Generation>> generation = run::load_generation(config);
  REQUIRE_FALSE(generation);
  CHECK(generation.error().message.find("kubernetes.enabled") != std::string::npos);
  config.kubernetes.enabled = true;
  CHECK(run::load_generation(config));
  std::filesystem::remove_all(directory);
}

TEST_CASE("config: keys that wait for the next start are named") {
  run::Config a, b;
  b.event_bytes *= 2;
  b.control_socket = "";
  b.priority = lang::Priority::alert;
  CHECK(needs_restart(a, b) == std::vector<std::string>{"rings.event", "control.socket"});
}

}  // namespace
}  // namespace saker::service
