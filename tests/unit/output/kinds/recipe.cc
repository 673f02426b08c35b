// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/recipe.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "output/format.h"
#include "output/kinds/additions.h"

namespace saker::output {
namespace {

Recipe recipe(const std::string& request) {
  Result<Recipe> parsed = Recipe::parse(
      "r.yaml", "name: r\ncategory: c\nsummary: s\nrequest:\n  url: http://h\n" + request);
  if (!parsed) FAIL(parsed.error().message);
  return std::move(*parsed);
}

Node hostile(const std::string& value) {
  const Node fields{Node::Kind::map, {}, {{"a", Node::of(value)}, {"x", Node::of_number(1)}}};
  return {Node::Kind::map,
          {},
          {{"Output", Node::of(value)},
           {"OutputFields", fields},
           {"Tags", {Node::Kind::list, {}, {}}}}};
}

TEST_CASE("recipes: every recipe of the program is valid") {
  for (const RecipeFile& file : recipe_files()) {
    const Result<Recipe> parsed = Recipe::parse(std::string(file.name), std::string(file.text));
    CHECK_MESSAGE(parsed, parsed.error().message);
    if (parsed) CHECK(file.name == parsed->kind().name + ".yaml");
  }
  CHECK(recipes().size() == recipe_files().size());
  CHECK(recipes().size() >= 50);
}

TEST_CASE("recipe: no value escapes from its place in JSON, a form or a header") {
  const std::string evil = "\"},{\"x\":1}\r\nX-Evil: 1\n&a=b \xff\xe2\x80\xa8";
  const Node alerts[] = {hostile(evil)};
  const Request json =
      recipe(
          "  headers: {X-A: '{{ .Output }}', X-B: ''}\n  json: {a: '{{ .Output }}', "
          "'{{ .Output }}': [{$each: .OutputFields, $item: '{{ .Value }}'}]}\n")
          .request(alerts, {});
  const auto read = nlohmann::json::parse(json.body);
  CHECK(read.size() == 2);
  CHECK(read["a"].get<std::string>().starts_with("\"},{\"x\":1}\r\nX-Evil: 1\n&a=b \xef\xbf\xbd"));
  REQUIRE(json.headers.size() == 2);
  CHECK(json.headers[0].second.find_first_of("\r\n") == std::string::npos);
  const Request form = recipe("  form: {m: '{{ .Output }}'}\n").request(alerts, {});
  CHECK(form.body.find('&') == std::string::npos);
  CHECK(form.body.starts_with("m=%22%7D%2C%7B"));
}

TEST_CASE("recipe: members are optional, and no name occurs twice") {
  const Node alerts[] = {hostile("v")};
  const auto body = [&](const std::string& json) {
    return recipe("  json: " + json + "\n").request(alerts, {}).body;
  };
  CHECK(body("{a: {$if: .Nothing, $then: x}, b: {$if: .Output, $then: y, $else: z}}") ==
        "{\"b\":\"y\"}");
  CHECK(body("[{$if: .Nothing, $then: x}, y]") == "[\"y\"]");
  CHECK(body("{x: mine, $map: .OutputFields, $key: '{{ .Key }}', $value: '{{ .Value }}'}") ==
        "{\"x\":\"mine\",\"a\":\"v\"}");
  CHECK(body("{n: {$json: '{{ .OutputFields.x }}'}, m: {$json: '{{ .Nothing }}'}, o: }") ==
        "{\"n\":1,\"m\":null,\"o\":null}");
  CHECK(body("[]") == "[]");
}

TEST_CASE("recipe: many alerts in one request, as JSON or as lines") {
  const Node alerts[] = {hostile("a"), hostile("b")};
  const Node config{Node::Kind::map, {}, {{"k", Node::of("c")}}};
  CHECK(recipe("  json: {all: [{$each: .Alerts, $item: '{{ .Output }}{{ .Config.k }}'}]}\n")
            .request(alerts, config)
            .body == "{\"all\":[\"ac\",\"bc\"]}");
  CHECK(recipe("  lines: ['{{ .Config.k }}', '{{ .Output }}']\n").request(alerts, config).body ==
        "c\na\nc\nb\n");
}

TEST_CASE("recipe: every error has its line") {
  const Result<Recipe> wrong = Recipe::parse("r.yaml",
                                             "name: r\n"
                                             "categry: c\n"
                                             "keys:\n"
                                             "  a: {hlp: x}\n"
                                             "request:\n"
                                             "  url: '{{ foo }}'\n"
                                             "  json: [{$each: .x}]\n");
  REQUIRE_FALSE(wrong);
  const std::string& text = wrong.error().message;
  INFO(text);
  for (const char* part :
       {"r.yaml:2:1: error: unknown key \"categry\"; did you mean category?",
        "r.yaml:4:7:", "r.yaml:6:8: error: character 4: there is no function",
        "r.yaml:7:10: error: $each needs $item", "needs name, category and summary"})
    CHECK_MESSAGE(text.find(part) != text.npos, part);
  CHECK_FALSE(Recipe::parse("r.yaml", ""));
  CHECK_FALSE(Recipe::parse("r.yaml", "[a"));
}

TEST_CASE("additions: text of an alert is never treated as a token of the format") {
  Settings settings{.name = "s", .type = "webhook"};
  settings.values["outputfieldformat"] = std::string("<output> <tags>");
  settings.values["bracketreplacer"] = std::string("_");
  FormatOptions options;
  Alert alert = internal_alert(options, "r", lang::Priority::notice, "a <tags> b", 0,
                               {{"proc.aname[2]", "\"x\""}});
  Result<Document> document = read_document(alert);
  REQUIRE(document);
  Additions(settings).apply(*document);
  CHECK(document->output == "a <tags> b ");
  CHECK(document->find("proc.aname_2"));
}

}  // namespace
}  // namespace saker::output
