// SPDX-License-Identifier: Apache-2.0
#include "lang/describe.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/nearest.h"
#include "fields/field.h"
#include "loaded.h"

namespace saker::lang {
namespace {

using nlohmann::json;

TEST_CASE("validation as JSON, in Falco's shape") {
  const json result =
      json::parse(validation_json(loaded({rule("proc.nam = x"), "- list: l\n  items: []\n"})));
  const json& files = result["falco_load_results"];
  REQUIRE(files.size() == 2);
  CHECK(files[0]["successful"] == false);
  CHECK(files[1]["successful"] == true);
  const json& error = files[0]["errors"][0];
  CHECK(error["code"] == "LOAD_ERR_COMPILE_CONDITION");
  CHECK(error["codedesc"] == "Error compiling condition");
  CHECK(error["message"] == "nonexistent field 'proc.nam'");
  const json& place = error["context"]["locations"].back()["position"];
  CHECK(place == json{{"name", "f0.yaml"}, {"line", 1}, {"column", 13}, {"offset", 23}});
  CHECK(error["context"]["snippet"] == "  condition: proc.nam = x\n             ^\n");
  CHECK(files[1]["warnings"].empty());  // unused items cannot be determined while rules have errors
  const json good = json::parse(validation_json(loaded({"- list: l\n  items: []\n"})));
  CHECK(good["falco_load_results"][0]["warnings"][0]["code"] == "LOAD_UNUSED_LIST");
  CHECK(json::accept(validation_json(loaded({rule("proc.nam = \xff")}))));
}

TEST_CASE("the path to an error ends at its place") {
  const auto way = [](const std::string& text) {
    const json result = json::parse(validation_json(loaded({text})));
    const json& file = result["falco_load_results"][0];
    const json& first = file["errors"].empty() ? file["warnings"][0] : file["errors"][0];
    std::string steps;
    for (const json& step : first["context"]["locations"])
      steps += step["item_type"].get<std::string>() + "=" + step["item_name"].get<std::string>() +
               "@" + std::to_string(step["position"]["line"].get<int>()) + ":" +
               std::to_string(step["position"]["column"].get<int>()) + " ";
    return steps;
  };
  CHECK(way(rule("evt.type = open", "  enabled: maybe\n")) ==
        "rules content=@0:0 rule=r@0:2 value for=enabled@5:11 ");
  CHECK(
      way("- rule: r\n  condition: evt.type = open\n  output: o\n  desc: d\n  priority: loud\n") ==
      "rules content=@0:0 rule=r@0:2 rule priority=@4:12 ");
  CHECK(way(rule("evt.type = open", "  exceptions:\n    - name: e\n      fields: proc.nope\n")) ==
        "rules content=@0:0 rule=r@0:2 exception=e@6:12 value for=@7:14 ");
  CHECK(way(rule("proc.name = a")) == "rules content=@0:0 rule=r@0:2 rule condition=@1:13 ");
}

TEST_CASE("rules, macros and lists described") {
  const RuleSet set = loaded(
      {"- {list: shells, items: [sh, bash]}\n- {macro: m, condition: proc.name in (shells)}\n" +
       rule("evt.type = open and m", "  tags: [t]\n")});
  REQUIRE(set.ok());
  const json all = json::parse(describe_json(set));
  const json& details = all["rules"][0]["details"];
  CHECK(details["macros"] == json{"m"});
  CHECK(details["events"] == json{"open"});
  CHECK(details["condition_fields"] == json{"evt.type", "proc.name"});
  CHECK(details["condition_operators"] == json{"=", "in"});
  CHECK(details["condition_compiled"] == "(evt.type = open and proc.name in (sh, bash))");
  CHECK(all["macros"][0]["details"]["lists"] == json{"shells"});
  CHECK(all["lists"][0]["details"]["used"] == true);
  CHECK(json::parse(describe_json(set, "r"))["rules"].size() == 1);
  CHECK(show_item(set, "r").find("(evt.type = open and proc.name in (sh, bash))") !=
        std::string::npos);
  CHECK(show_item(set, "shells").find("sh, bash") != std::string::npos);
  CHECK(show_item(set, "shell").empty());
  CHECK(nearest_item(set, "shell") == "shells");
  CHECK(list_rules(set).find("Informational  on") != std::string::npos);
  CHECK(validation_summary(set) == "f0.yaml: Ok\n");
}

bool in_captures(std::string_view field) { return field == "evt.buffer"; }

TEST_CASE("fields and events listed") {
  const json rows = json::parse(fields_json(in_captures));
  CHECK(rows.size() == all_fields().size());
  for (const json& row : rows) CHECK((row["filled"] == true) == !row.contains("why_unset"));
  CHECK(fields_text(in_captures).find("evt.arg[N] or .NAME") != std::string::npos);
  for (const json& row : rows)
    CHECK((row["filled_in_captures"] == true) ==
          (row["filled"] == true || row["name"] == "evt.buffer"));
  CHECK(fields_text(in_captures).find("only in .scap captures: reads and writes") !=
        std::string::npos);
  CHECK(json::parse(events_json()).size() == event_names().size());
  CHECK(events_text().find("  openat2\n") != std::string::npos);
}

TEST_CASE("suggested names") {
  CHECK(edit_distance("abc", "abc", 3) == 0);
  CHECK(edit_distance("abc", "acb", 3) == 1);
  CHECK(edit_distance("abc", "xbcd", 3) == 2);
  CHECK(edit_distance("abc", "uvwxyz", 2) == 3);
  CHECK(nearest_field("proc.nmae") == "proc.name");
  // not fd.num: the written name is a prefix of fd.name
  CHECK(nearest_field("fd.nam") == "fd.name");
  CHECK(nearest_field("proc.cmd") == "proc.cmdline");
  CHECK(nearest_field("evt.abs") == "evt.abspath");
  CHECK(nearest_field("jevt.valu").empty());
  CHECK(nearest_field("zzzzzzzzzz").empty());
}

}  // namespace
}  // namespace saker::lang
