// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/template.h"

#include <doctest/doctest.h>

#include "output/kinds/template_functions.h"

namespace saker::output {
namespace {

Node list(std::initializer_list<const char*> texts) {
  Node out{.kind = Node::Kind::list};
  for (const char* text : texts) out.members.emplace_back("", Node::of(text));
  return out;
}

Node scope() {
  Node fields{Node::Kind::map,
              {},
              {{"user.name", Node::of("ro<o>t")}, {"n", Node::of_number(42)}, {"no", {}}}};
  return {Node::Kind::map,
          {},
          {{"Rule", Node::of("A rule")},
           {"Empty", Node::of("")},
           {"Tags", list({"a", "b"})},
           {"None", list({})},
           {"Severity", Node::of_number(2)},
           {"Fields", std::move(fields)}}};
}

std::string render(const std::string& text) {
  const Result<Template> parsed = Template::parse(text);
  return parsed ? parsed->render(scope()) : "error: " + parsed.error().message;
}

TEST_CASE("template: texts, values and missing values") {
  CHECK(render("") == "");
  CHECK(render("a } } { b") == "a } } { b");
  CHECK(render("<{{.Rule}}> {{ $.Rule }}") == "<A rule> A rule");
  CHECK(render("[{{ .Nothing }}{{ .Rule.deeper }}]") == "[]");
  CHECK(render("a {{- /* said to nobody */ -}} b") == "ab");
  CHECK(render("{{ \"}}\" }}{{ `a\\` }}{{ \"\\\"\\n\" }}{{ 7 }}{{ true }}") == "}}a\\\"\n7true");
}

TEST_CASE("template: functions, pipes and brackets") {
  CHECK(render("{{ index .Fields \"user.name\" }}") == "ro<o>t");
  CHECK(render("{{ index .Fields \"user.name\" | upper | html }}") == "RO&lt;O&gt;T");
  CHECK(render("{{ or (index .Fields \"x\") .Empty \"none\" }}") == "none");
  CHECK(render("{{ join \", \" .Tags }} {{ len .Tags }} {{ index .Tags 1 }}") == "a, b 2 b");
  CHECK(render("{{ default \"d\" .Empty }}{{ choose .Severity \"a\" \"b\" \"c\" \"d\" }}") == "dc");
  CHECK(render("{{ .Rule | cut 3 }}{{ replace \"A\" \"B\" .Rule }}") == "A rB rule");
  CHECK(render("{{ .Fields | json }}") == "{\"user.name\":\"ro<o>t\",\"n\":42,\"no\":null}");
  CHECK(render("{{ \"a b/\xc3\xa9\" | url }}") == "a%20b%2F%C3%A9");
  CHECK(render("{{ basic \"u\" \"p\" }}") == "Basic dTpw");
}

TEST_CASE("template: conditions and loops") {
  CHECK(
      render("{{ if .Empty }}a{{ else }}b{{ end }}{{ if eq .Rule \"x\" \"A rule\" }}c{{ end }}") ==
      "bc");
  CHECK(render("{{ range .Tags }}<{{ . }}{{ $.Rule | cut 1 }}>{{ end }}") == "<aA><bA>");
  CHECK(render("{{ range .None }}a{{ else }}nobody{{ end }}") == "nobody");
  CHECK(render("{{ range .Fields }}{{ .Key }}={{ .Value }};{{ end }}") ==
        "user.name=ro<o>t;n=42;no=;");
  CHECK(render("{{ range first 1 .Tags }}{{ if . }}{{ . }}{{ end }}{{ end }}") == "a");
  CHECK(render("{{ if and .Rule (not .Empty) }}yes{{ end }}") == "yes");
}

TEST_CASE("template: text for people cannot mention, link or hide") {
  const auto shown = [](const std::string& function, const std::string& text) {
    const Node scope{Node::Kind::map, {}, {{"x", Node::of(text)}}};
    return Template::parse("{{ .x | " + function + " }}")->render(scope);
  };
  CHECK(shown("slack", "<!channel> & <http://evil|click>") ==
        "&lt;!channel&gt; &amp; &lt;http://evil|click&gt;");
  CHECK(shown("markdown", "[a](b) *c* `d`") == "\\[a\\](b) \\*c\\* \\`d\\`");
  CHECK(shown("markdown", "@everyone") ==
        "@\xe2\x80\x8b"
        "everyone");
  CHECK(shown("telegram", "a.b_c\\") == "a\\.b\\_c\\\\");
  CHECK(shown("html", "<img src=\"x\">") == "&lt;img src=&quot;x&quot;&gt;");
  CHECK(shown("shown", "a\nb\x1b[31m\xe2\x80\xaegpj.exe") == "a\\nb\\u001b[31m\\u202egpj.exe");
  CHECK(shown("influx", "a b,c=d\\") == "a\\ b\\,c\\=d");
  CHECK(shown("label", "1k8s.ns-x") == "_1k8s_ns_x");
}

TEST_CASE("template: errors have a place and say what is expected") {
  CHECK(render("ab {{ .Rule ") == "error: character 4: {{ is not closed by }}");
  CHECK(render("{{ uper .Rule }}") ==
        "error: character 4: there is no function \"uper\"; did you mean upper?");
  CHECK(render("{{ join .Tags }}") == "error: character 4: join takes 2 values, but here are 1");
  CHECK(render("{{ }}") == "error: character 4: a value is missing");
  CHECK(render("a{{ end }}") == "error: character 2: {{ end }} closes nothing");
  CHECK(render("{{ if .Rule }}a") == "error: character 1: {{ if }} has no {{ end }}");
  CHECK(render("{{ .Rule | .Rule }}").find("expected the name of a function") != std::string::npos);
  CHECK(render("{{ (or .Rule }}").find("not closed") != std::string::npos);
  CHECK(render("{{ $x }}").find("there are no variables") != std::string::npos);
  CHECK(render("{{ .Rule \"").starts_with("error: "));
  std::string deep;
  for (int i = 0; i < 40; i++) deep += "{{ if .Rule }}";
  CHECK(render(deep).find("too many nested blocks") != std::string::npos);
  CHECK(render("{{ " + std::string(100, '(')).starts_with("error: "));
}

}  // namespace
}  // namespace saker::output
