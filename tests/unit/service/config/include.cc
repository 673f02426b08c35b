// SPDX-License-Identifier: Apache-2.0
#include "service/config/include.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "../../output/alerts.h"
#include "parsed.h"

namespace saker::service {
namespace {

struct Fixture {
  test::Directory directory;
  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory / name) << text;
  }
  ConfigResult load(const std::string& text, const std::vector<std::string>& options = {}) {
    write("saker.toml", text);
    return load_config(directory / "saker.toml", true, options);
  }
};

std::string all(const ConfigResult& result) {
  return test::all_errors(result) + render_warnings(result);
}

TEST_CASE("config_files: lists grow, other keys are replaced, options come last") {
  Fixture f;
  std::filesystem::create_directory(f.directory / "conf.d");
  f.write("conf.d/10-a.toml",
          "priority = \"error\"\nrules_files = [\"/b\"]\n[metrics]\ninterval = \"5m\"\n");
  f.write("conf.d/20-b.toml", "rules_files = [\"/c\"]\n[noise]\nmax_alerts_per_hour = 9\n");
  f.write("conf.d/readme", "no TOML");
  const ConfigResult result =
      f.load("config_files = [\"" + f.directory / "conf.d" +
                 "\"]\nrules_files = [\"/a\"]\npriority = \"debug\"\n[metrics]\nenabled = true\n",
             {"noise.max_alerts_per_hour=7"});
  INFO(all(result));
  REQUIRE(result.ok());
  CHECK(result.warnings.empty());
  CHECK(result.config.rules_files == std::vector<std::string>{"/a", "/b", "/c"});
  CHECK(result.config.priority == lang::Priority::error);
  CHECK(result.config.metrics.enabled);
  CHECK(result.config.metrics.interval_ns == 300'000'000'000);
  CHECK(result.config.noise.max_alerts_per_hour == 7);
  CHECK(std::ranges::find(result.files, f.directory / "conf.d") != result.files.end());
  CHECK(std::ranges::find(result.files, f.directory / "saker.toml") != result.files.end());
}

TEST_CASE("config_files: a strategy of its own for a file") {
  Fixture f;
  f.write("a.toml", "priority = \"error\"\nrules_files = [\"/b\"]\njson_output = true\n");
  const auto with = [&](const std::string& strategy) {
    return f
        .load("config_files = [{ path = \"" + f.directory / "a.toml" + "\", strategy = \"" +
              strategy + "\" }]\nrules_files = [\"/a\"]\npriority = \"debug\"\n")
        .config;
  };
  CHECK(with("override").rules_files == std::vector<std::string>{"/b"});
  CHECK(with("override").priority == lang::Priority::error);
  CHECK(with("add-only").rules_files == std::vector<std::string>{"/a"});
  CHECK(with("add-only").priority == lang::Priority::debug);
  CHECK(with("add-only").json_output);
  CHECK_FALSE(f.load("config_files = [{ path = \"x\", strategy = \"guess\" }]\n").ok());
  CHECK_FALSE(f.load("config_files = [7]\n").ok());
}

TEST_CASE("config_files: an error names the included file and its line") {
  Fixture f;
  f.write("a.toml", "# a line\npriorty = \"error\"\nrules_files = [\"/b\", 7]\n");
  f.write("b.toml", "x = = 1\n");
  f.write("c.toml", "config_files = [\"/etc\"]\n");
  f.write("d.toml", "priority = \"${SAKER_NOT_SET}\"\n");
  std::string text = "config_files = [";
  for (const char* name : {"a.toml", "b.toml", "c.toml", "d.toml", "none.toml"})
    text += "\"" + f.directory / name + "\", ";
  const std::string said = all(f.load(text + "]\n[rings]\nlife = 7\n"));
  INFO(said);
  for (const char* wanted :
       {"a.toml:2:11: error: unknown key priorty", "a.toml:3:22: error", "b.toml:1:5: error",
        "c.toml:1:16: error: a file that is included cannot include others",
        "d.toml:1:12: warning: the environment variable is not set: SAKER_NOT_SET",
        "saker.toml:3:8: error", "none.toml, which is not there"})
    CHECK_MESSAGE(said.find(wanted) != said.npos, wanted);
}

}  // namespace
}  // namespace saker::service
