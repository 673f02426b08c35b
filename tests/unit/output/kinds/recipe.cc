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

TEST_CASE("recipes: an alert that is not read gives the same request as one that is") {
  FormatOptions format;
  format.hostname = "h\"\xff";
  const Alert alert = internal_alert(format, "rule \"1\"", lang::Priority::warning,
                                     "text \xe2\x80\xae \n", 1'795'963'759'413'375'401,
                                     {{"proc.name", "\"a\\\"b\""}, {"n", "12"}, {"x", "null"}});
  std::size_t brief_ones = 0;
  for (const std::unique_ptr<const Recipe>& recipe : recipes()) {
    CAPTURE(recipe->kind().name);
    Settings settings;
    settings.type = recipe->kind().name;
    complete(*find_kind(settings.type), settings);
    const Node config = node_of(settings);
    const std::optional<Node> brief = brief_node_of(alert, recipe->names());
    if (!brief) continue;
    brief_ones++;
    const Request one = recipe->request({&*brief, 1}, config);
    const Node full = node_of(*read_document(alert), recipe->names());
    const Request other = recipe->request({&full, 1}, config);
    CHECK(one.url == other.url);
    CHECK(one.headers == other.headers);
    // The same members, perhaps in another order; what is encoded cannot be compared this way.
    const auto read = nlohmann::json::parse(one.body, nullptr, false);
    if (!read.is_discarded() && one.body.find("base64") == std::string::npos)
      CHECK(read.size() == nlohmann::json::parse(other.body, nullptr, false).size());
    if (settings.type == "webhook") CHECK(read == nlohmann::json::parse(other.body));
  }
  CHECK(brief_ones >= 20);
}

TEST_CASE("recipes: an alert without some members is read") {
  FormatOptions format;
  Alert alert = internal_alert(format, "r", lang::Priority::warning, "text", 1, {});
  const Names names = find_recipe("webhook")->names();
  CHECK(brief_node_of(alert, names));
  alert.json.replace(alert.json.find("\"output\":"), 9, "\"other\":");
  CHECK(!brief_node_of(alert, names));
  CHECK(!brief_node_of(alert, find_recipe("slack")->names()));
}

}  // namespace
}  // namespace saker::output
