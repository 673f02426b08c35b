// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "../../output/alerts.h"
#include "output/kinds/kind.h"
#include "parsed.h"
#include "run/open_sinks.h"
#include "service/config/config.h"

namespace saker::service {
namespace {

using test::all_errors;
using test::parse;

TEST_CASE("config: outputs are read, with the defaults of their kind") {
  const ConfigResult result = parse(R"(
[[output]]
type = "syslog"
protocol = "tls"
host = "logs.example"
minimumpriority = "warning"
timeout = "3s"
queue = "1MiB"
[[output]]
name = "two"
type = "file"
filename = "/tmp/x"
format = "json"
[[output]]
name = "off"
type = "journal"
enabled = false
)");
  INFO(all_errors(result));
  REQUIRE(result.ok());
  const std::vector<output::Settings> wanted = run::wanted_outputs(result.config);
  REQUIRE(wanted.size() == 3);
  CHECK(wanted[0].type == "stdout");
  CHECK(wanted[1].name == "syslog");
  CHECK(wanted[1].priority == lang::Priority::warning);
  CHECK(wanted[1].number("timeout") == 3000);
  CHECK(wanted[1].queue_bytes == 1u << 20);
  CHECK(wanted[1].text("facility") == "user");
  CHECK(wanted[1].flag("checkcert"));
  CHECK(wanted[1].format == "text");
  CHECK(wanted[2].form() == output::Form::json);
}

TEST_CASE("config: json_output decides for an output without a format") {
  const ConfigResult result = parse(
      "json_output = true\n[[output]]\ntype = \"syslog\"\n[[output]]\ntype = \"unix\"\n"
      "path = \"/x\"\nformat = \"text\"\n");
  REQUIRE(result.ok());
  const std::vector<output::Settings> wanted = run::wanted_outputs(result.config);
  CHECK(wanted[1].format == "json");
  CHECK(wanted[2].format == "text");
}

TEST_CASE("config: every error in outputs is reported with its place") {
  const std::string text = all_errors(parse(R"([[output]]
type = "syslg"
[[output]]
protocol = "tcp"
[[output]]
type = "syslog"
protocol = "tcpp"
hst = "x"
[[output]]
type = "syslog"
name = "b"
protocol = "tcp"
timeout = "0s"
[[output]]
type = "syslog"
name = "b"
certfile = "x"
format = "xml"
[[output]]
type = "file"
[[output]]
type = "syslog"
name = "c"
protocol = "udp"
)"));
  INFO(text);
  for (const char* part :
       {"saker.toml:2:8: error: there is no output \"syslg\"\n  hint: did you mean \"syslog\"?",
        "saker.toml:3:1: error: output has no type",
        "saker.toml:7:12: error: output.protocol is \"tcpp\"",
        "saker.toml:8:7: error: unknown key output.hst of an output of type syslog\n  hint: did "
        "you "
        "mean host?",
        "saker.toml:13:11: error: output.timeout must be from 1ms to 1h",
        "saker.toml:14:1: error: two outputs have the name \"b\"",
        "saker.toml:17:12: error: output.certfile has no effect alone",
        "saker.toml:18:10: error: output.format is \"xml\"",
        "saker.toml:19:1: error: an output of type file needs filename",
        "saker.toml:21:1: error: syslog by udp needs a host"})
    CHECK_MESSAGE(text.find(part) != text.npos, part);
}

TEST_CASE("config: an option changes an output of the file, or adds one") {
  const std::string file = "[[output]]\ntype = \"syslog\"\n";
  const ConfigResult changed =
      parse(file, {"output[0].minimumpriority=error", "output[]={type: file, filename: /tmp/x}"});
  INFO(all_errors(changed));
  REQUIRE(changed.ok());
  REQUIRE(changed.config.outputs.size() == 2);
  CHECK(changed.config.outputs[0].priority == lang::Priority::error);
  CHECK(changed.config.outputs[1].text("filename") == "/tmp/x");
}

TEST_CASE("config: the spool, and an output that has no use for it") {
  const ConfigResult none = parse("");
  CHECK(none.config.spool == run::SpoolConfig());
  CHECK(none.config.spool.enabled);
  const ConfigResult result = parse(
      "[spool]\ndirectory = \"/x\"\nmax_size = \"8MiB\"\nmax_age = \"2d\"\nfsync = \"always\"\n"
      "[[output]]\ntype = \"syslog\"\nspool = false\n[[output]]\ntype = \"journal\"\n");
  REQUIRE(result.ok());
  CHECK(result.config.spool.directory == "/x");
  CHECK(result.config.spool.max_size == 8u << 20);
  CHECK(result.config.spool.max_age_ns == 172'800'000'000'000);
  CHECK(result.config.spool.flush_ns == 0);
  CHECK(needs_restart(none.config, result.config) == std::vector<std::string>{"spool"});
  const std::vector<output::Settings> outputs = run::wanted_outputs(result.config);
  REQUIRE(outputs.size() == 3);
  CHECK_FALSE(run::spooled(result.config, outputs[0]));  // stdout
  CHECK_FALSE(run::spooled(result.config, outputs[1]));
  CHECK(run::spooled(result.config, outputs[2]));
  CHECK(parse("[spool]\nfsync = \"never\"\n").config.spool.flush_ns ==
        run::SpoolConfig::never_flush);
  CHECK(parse("[spool]\nfsync = \"5s\"\n").config.spool.flush_ns == 5'000'000'000);
  CHECK_FALSE(parse("[spool]\nfsync = \"sometimes\"\n").ok());
  CHECK_FALSE(parse("[spool]\nmax_size = \"1MiB\"\n").ok());
  CHECK_FALSE(parse("[[output]]\ntype = \"syslog\"\nname = \"spool\"\n").ok());
}

TEST_CASE("config: Falco's syslog_output is one more output") {
  CHECK(run::wanted_outputs(parse("[syslog_output]\n").config).size() == 1);
  const ConfigResult on = parse("[syslog_output]\nenabled = true\n");
  const std::vector<output::Settings> wanted = run::wanted_outputs(on.config);
  REQUIRE(wanted.size() == 2);
  CHECK(wanted[1].name == "syslog_output");
  CHECK(run::wanted_outputs(parse("", {"syslog_output.enabled=true"}).config).size() == 2);
  CHECK(all_errors(parse("[syslog_output]\nenabled = true\nport = -1\n")).find("saker.toml:3:8") ==
        0);
}

TEST_CASE("config: Falco's http_output and program_output have their keys") {
  const ConfigResult result = parse(R"(
[http_output]
enabled = true
url = "https://h.example/"
insecure = true
mtls = true
client_cert = "/c"
client_key = "/k"
keep_alive = false
max_consecutive_timeouts = 2
[program_output]
enabled = true
keep_alive = true
program = "cat"
)");
  INFO(all_errors(result));
  REQUIRE(result.ok());
  const std::vector<output::Settings> wanted = run::wanted_outputs(result.config);
  REQUIRE(wanted.size() == 3);
  const auto http = std::ranges::find(wanted, "http_output", &output::Settings::name);
  REQUIRE(http != wanted.end());
  CHECK(http->flag("insecure"));
  CHECK_FALSE(http->flag("keep_alive"));
  CHECK(http->number("max_consecutive_timeouts") == 2);
  CHECK(all_errors(parse("[http_output]\nenabled = true\n")).find("needs url") !=
        std::string::npos);
}

TEST_CASE("config: servers, URLs and templates of outputs are checked, and secrets are read") {
  const std::string text = all_errors(parse(R"([[output]]
type = "redis"
address = "localhost"
[[output]]
type = "slack"
webhookurl = "hooks.example"
messageformat = "{{ .Rule "
[[output]]
type = "gotify"
hostport = "http://h"
token = "@/nonexistent/token"
[[output]]
type = "stan"
)"));
  INFO(text);
  for (const char* part :
       {"saker.toml:3:11: error: output.address is \"localhost\", which is not HOST:PORT",
        "saker.toml:6:14: error: output.webhookurl is not an http or https URL",
        "saker.toml:7:17: error: output.messageformat has an error: character 1: {{ is not closed",
        "saker.toml:11:9: error: output.token: ",
        "saker.toml:13:8: error: there is no output \"stan\": "})
    CHECK_MESSAGE(text.find(part) != text.npos, part);
  test::Directory directory;
  std::ofstream(directory / "token") << "secret\n";
  const ConfigResult read =
      parse("[[output]]\ntype = \"gotify\"\nhostport = \"http://h\"\ntoken = \"@" +
            (directory / "token") + "\"\n");
  INFO(all_errors(read));
  REQUIRE(read.ok());
  CHECK(read.config.outputs[0].text("token") == "secret");
}

TEST_CASE("outputs: every kind accepts the keys of its row") {
  for (const output::Kind& kind : output::kinds()) {
    INFO(kind.name);
    CHECK(!kind.summary.empty());
    CHECK(!kind.formats.empty());
    for (const output::Key& key : kind.keys) CHECK(!key.help.empty());
  }
}

}  // namespace
}  // namespace saker::service
