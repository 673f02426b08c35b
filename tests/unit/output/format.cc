// SPDX-License-Identifier: Apache-2.0
// Printed alerts compared with tests/golden/format.txt: for each case its output text, the text
// line and the JSON line. UPDATE_GOLDEN=1 rewrites the file; check the difference before you commit
// it.
#include "output/format.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "enrich/container.h"
#include "record_builder.h"

namespace saker::output {
namespace {

constexpr char golden_path[] = "tests/golden/format.txt";
constexpr std::uint64_t moment = 1768471251668189240;

// A shell in a container that opened /etc/shadow.
struct Scene {
  enrich::Container container;
  enrich::LoneProcess init, process;
  std::array<std::string_view, 2> arguments = {"-c", "cat\t/etc/shadow"};
  RecordBuilder record;

  explicit Scene(std::string_view path) : record(SAKER_EV_openat, 12) {
    container.id = "0123456789ab";
    container.name = "web";
    container.image = "docker.io/library/nginx:1.25";
    container.image_repository = "docker.io/library/nginx";
    container.image_tag = "1.25";
    container.metadata = true;
    init.pid = 100;
    init.known = true;
    init.own.comm = "nginx";
    process.pid = 101;
    process.ppid = 100;
    process.known = true;
    process.own.comm = "sh";
    process.own.exe = "/bin/sh";
    process.own.exepath = "/bin/busybox";
    process.own.cmdline = "sh -c \"cat\t/etc/shadow\"";
    process.own.args = arguments;
    process.own.exe_flags = SAKER_EXE_UPPER;
    process.tty = 34816;
    process.parent = &init;
    process.container = &container;
    record.head().pid = process.pid;
    record.head().tid = process.pid;
    record.head().ret = 3;
    record.number(SAKER_P_open_fd, 3).number(SAKER_P_open_dirfd, -100);
    record.number(SAKER_P_open_flags, 0100001).number(SAKER_P_open_mode, 0640);
    record.number(SAKER_P_open_fdtype, SAKER_FD_FILE);
    record.text(SAKER_P_open_name, path).text(SAKER_P_open_path, path);
  }

  fields::Event event() { return {decode::Record(record.done()), &process, moment, 7}; }
};

RuleText rule(const std::string& output) {
  RuleText text;
  text.name = "Test rule";
  text.source = "syscall";
  text.priority = lang::Priority::warning;
  text.tags = {"T1555", "container"};
  lang::OutputParse parsed =
      lang::parse_output(output, lang::Scope{.static_fields = {{"site", "vienna"}}});
  for (const lang::OutputError& error : parsed.errors) MESSAGE(output, ": ", error.message);
  REQUIRE(parsed.errors.empty());
  text.output = std::move(parsed.format);
  return text;
}

FormatOptions plain_options() {
  FormatOptions options;
  options.hostname = "node1";
  return options;
}

Alert render(const RuleText& text, const FormatOptions& options, std::string_view path) {
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  Scene scene(path);
  std::vector<RuleText> rules = {text};
  Formatter formatter(rules, options);
  return formatter.render({0, false}, scene.event());
}

struct Case {
  const char* output;
  const char* path = "/etc/shadow";
};

constexpr Case cases[] = {
    {"Sensitive file opened | file=%fd.name process=%proc.name command=%proc.cmdline "
     "tty=%proc.tty"},
    {"container=%container.name image=%container.image.repository:%container.image.tag "
     "pod=%k8s.pod.name ns=%k8s.ns.name"},
    {"parent=%proc.pname grandparent=%proc.aname[2] flags=%evt.arg.flags type=%evt.type"},
    {"wide=[%12proc.name] narrow=[%4fd.name] exact=[%2proc.name] unset=[%2k8s.pod.name]"},
    {"upper=%toupper(proc.name) base=%basename(fd.name) length=%len(fd.name)"},
    {"pid=%proc.pid res=%evt.rawres upper=%proc.is_exe_upper_layer again=%proc.pid"},
    {"all of %static.site, no other field"},
    {"file=%fd.name", "/tmp/a\nb\x1b[31m\xff\"\\"},
    {"file=[%6fd.name]",
     "/\xc3\xa9\xe2\x82\xac"
     "abcdef"},
    {"no fields"},
};

std::string all_cases() {
  std::string text;
  for (const Case& one : cases) {
    Alert alert = render(rule(one.output), plain_options(), one.path);
    text.append("# ").append(one.output).append("\n").append(alert.text).append("\n");
    text.append(alert.json).append("\n");
  }
  return text;
}

TEST_CASE("alerts look as in the golden file") {
  std::string now = all_cases();
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(golden_path) << now;
  std::ifstream file(golden_path);
  std::string golden((std::istreambuf_iterator<char>(file)), {});
  REQUIRE_MESSAGE(!golden.empty(), golden_path, " is not there; the tests run in the repository");
  CHECK(now == golden);
}

TEST_CASE("every JSON alert is JSON, with Falco's keys in order") {
  for (const Case& one : cases) {
    Alert alert = render(rule(one.output), plain_options(), one.path);
    nlohmann::ordered_json object = nlohmann::ordered_json::parse(alert.json);
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    CHECK(keys == std::vector<std::string>{"hostname", "output", "output_fields", "priority",
                                           "rule", "source", "tags", "time"});
    CHECK(object["output_fields"]["evt.time"] == moment);
    CHECK(object["time"] == "2026-01-15T10:00:51.668189240Z");
    keys.clear();
    for (const auto& [key, value] : object["output_fields"].items()) keys.push_back(key);
    CHECK(std::is_sorted(keys.begin(), keys.end()));
  }
}

TEST_CASE("values keep their types in JSON") {
  RuleText text =
      rule("%proc.pid %proc.is_exe_upper_layer %k8s.pod.name %fd.name %proc.aname[2] %proc.aname");
  nlohmann::json fields =
      nlohmann::json::parse(render(text, plain_options(), "/x").json)["output_fields"];
  CHECK(fields["proc.pid"] == 101);
  CHECK(fields["proc.is_exe_upper_layer"] == true);
  CHECK(fields["k8s.pod.name"].is_null());
  CHECK(fields["fd.name"] == "/x");
  CHECK(fields["proc.aname[2]"].is_null());
  CHECK(fields["proc.aname"] == "nginx");  // all ancestors, one text
}

TEST_CASE("transformers in an output") {
  auto message = [](const char* output) {
    std::string text = render(rule(output), plain_options(), "/etc/shadow").text;
    return text.substr(text.find("Warning ") + 8);
  };
  CHECK(message("%join(\"-\",(proc.name,proc.pname,fd.num))") == "sh-nginx-3");
  // An unset value in it makes the whole unset.
  CHECK(message("%join(\"-\",(proc.name,proc.args[1],fd.sip))") == "<NA>");
  CHECK(message("%concat(proc.name,\":\",fd.name)") == "sh:/etc/shadow");
  CHECK(message("%toupper(basename(fd.name))") == "SHADOW");
  CHECK(message("%tolower(k8s.pod.name)") == "<NA>");
  CHECK(message("%fd.ip") == "<NA>");
}

TEST_CASE("only the requested members are there") {
  FormatOptions options = plain_options();
  options.include_output = options.include_tags = options.include_fields = false;
  options.include_message = true;
  options.text = false;
  Alert alert = render(rule("file=%fd.name"), options, "/x");
  CHECK(alert.text.empty());
  CHECK(alert.json ==
        R"({"hostname":"node1","message":"file=/x","priority":"Warning","rule":"Test rule",)"
        R"("source":"syscall","time":"2026-01-15T10:00:51.668189240Z"})");
}

TEST_CASE("ISO times have their own key") {
  FormatOptions options = plain_options();
  options.iso_time = true;
  Alert alert = render(rule("x"), options, "/x");
  CHECK(alert.text == "2026-01-15T10:00:51.668189240+0000: Warning x");
  CHECK(nlohmann::json::parse(alert.json)["output_fields"] ==
        nlohmann::json{{"evt.time.iso8601", moment}});
}

TEST_CASE("extra fields, raw and as text") {
  RuleText text = rule("x");
  text.extra_fields.push_back({"proc.pid", true, lang::parse_output("%proc.pid").format});
  text.extra_fields.push_back({"who", false, lang::parse_output("by %proc.name").format});
  nlohmann::json fields =
      nlohmann::json::parse(render(text, plain_options(), "/x").json)["output_fields"];
  CHECK(fields == nlohmann::json{{"evt.time", moment}, {"proc.pid", 101}, {"who", "by sh"}});
}

TEST_CASE("the sensor's own alerts") {
  FormatOptions options = plain_options();
  Alert alert = internal_alert(options, "Saker internal: records lost", lang::Priority::critical,
                               "7 records lost", moment, {{"lost", "7"}});
  CHECK(alert.rule == no_rule);
  nlohmann::json object = nlohmann::json::parse(alert.json);
  CHECK(object["source"] == "internal");
  CHECK(object["output_fields"] == nlohmann::json{{"lost", 7}});
  CHECK_FALSE(object.contains("tags"));
}

}  // namespace
}  // namespace saker::output
