// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/output_format.h"

#include <doctest/doctest.h>

#include "fields/field.h"
#include "lang/print.h"

namespace saker::lang {
namespace {

// "<literal>[value:width]", errors as "!offset".
std::string tokens(const std::string& text,
                   const std::map<std::string, std::string>& statics = {}) {
  const OutputParse parse = parse_output(text, statics);
  std::string out;
  for (const OutputToken& token : parse.format.tokens)
    out += token.kind == OutputToken::Kind::literal
               ? "<" + token.text + ">"
               : "[" + token.text + (token.width ? ":" + std::to_string(token.width) : "") + "]";
  for (const OutputError& error : parse.errors) out += "!" + std::to_string(error.offset);
  return out;
}

TEST_CASE("fields, arguments, transformers, widths") {
  CHECK(tokens("") == "");
  CHECK(tokens("plain") == "<plain>");
  CHECK(tokens("a=%proc.name b") == "<a=>[proc.name]< b>");
  CHECK(tokens("%proc.aname[2]x") == "[proc.aname[2]]<x>");
  CHECK(tokens("%20proc.name|") == "[proc.name:20]<|>");
  CHECK(tokens("%evt.arg.flags.") == "[evt.arg.flags]<.>");
  CHECK(tokens("%toupper(proc.name)") == "[toupper(proc.name)]");
  CHECK(tokens("%container.mount.dest[/proc]") == "[container.mount.dest[/proc]]");
  CHECK(tokens("*%proc.name") == "[proc.name]");
  CHECK(tokens("%static.site", {{"site", "vienna"}}) == "[static.site]");
}

TEST_CASE("the longest known name ends a field, the rest is text") {
  CHECK(tokens("%proc.name's") == "[proc.name]<'s>");
  CHECK(tokens("%proc.named") == "[proc.name]<d>");
  CHECK(tokens("%fd.name.") == "[fd.name]<.>");
  CHECK(tokens("%fd.name.zzz") == "[fd.name]<.zzz>");
  CHECK(tokens("%proc.name[0]") == "[proc.name]<[0]>");
  CHECK(tokens("%proc.aname[2") == "[proc.aname]<[2>");
}

TEST_CASE("every error in a text is reported") {
  CHECK(tokens("%") == "!0");
  CHECK(tokens("x %12") == "<x >!2");
  CHECK(tokens("100% sure %foo.bar %proc.name") == "<100 sure foo.bar >[proc.name]!3!11");
  CHECK(parse_output("%no.such").errors[0].unknown_field);
  CHECK(parse_output("%static.site").errors.size() == 1);
  CHECK(parse_output("%fd.ip").errors.empty());  // accepted, but prints nothing
  CHECK_FALSE(parse_output("%").errors[0].unknown_field);
  CHECK_FALSE(parse_output("%5").errors[0].unknown_field);
  for (const char* text : {"%evt.arg.nosuch", "%evt.arg", "%k8s.pod.label", "%tolower(proc.pid)"})
    CHECK(parse_output(text).errors[0].unknown_field);
  CHECK(parse_output("100% sure").errors[0].unknown_field);
  const OutputParse wide = parse_output("%99999999999999999999proc.name");
  REQUIRE(wide.errors.empty());
  CHECK(wide.format.tokens[0].width == widest_output);
}

TEST_CASE("fields inside transformers count as fields of the output, each once") {
  const OutputParse parse =
      parse_output("%proc.name %join(\",\", (proc.name, proc.pname)) %proc.aname[2]");
  REQUIRE(parse.errors.empty());
  std::string names;
  for (const Operand& field : output_fields(parse.format)) names += print(field) + " ";
  CHECK(names == "proc.name proc.pname proc.aname[2] ");
}

}  // namespace
}  // namespace saker::lang
