// SPDX-License-Identifier: Apache-2.0
// An output over HTTP as data: a YAML file lists its keys and says how alerts become requests
// (docs/recipes.md). Any thread, once it is made.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "output/kinds/kind.h"
#include "output/kinds/template.h"

namespace saker::output {

// A JSON document that contains templates: their results are escaped, once.
struct BodyNode {
  enum class Kind : std::uint8_t { text, raw, map, list, each, condition } kind = Kind::text;
  Template text = {};   // text, raw; each, condition: the value to iterate over or to test
  Template key = {};    // of a member of a map
  bool spread = false;  // for a map: its members come from `text`, with names from `key`
  std::vector<BodyNode> members = {};  // each: exactly one; condition: then, else
};

struct Request {
  std::string method, url, body;
  std::vector<std::pair<std::string, std::string>> headers;
};

class Recipe {
 public:
  // `name`: of the file, for messages. The error lists every error, each with its line.
  static Result<Recipe> parse(const std::string& name, const std::string& text);

  const Kind& kind() const { return kind_; }
  std::size_t batch() const { return batch_; }  // maximum number of alerts in one request
  bool succeeded(int status) const;
  // A text that marks the answer to a successful request as a failure; "": none.
  const std::string& failure_mark() const { return failure_mark_; }
  // The function applied to messageformat's values; null: none.
  Template::Escape escape() const { return escape_; }
  // The service of Amazon's signature; "": none.
  const std::string& aws_service() const { return aws_service_; }

  // `alerts`: from node_of(), at most `batch`; `config`: of the settings. check() has already found
  // errors in templates that are settings (messageformat).
  Request request(std::span<const Node> alerts, const Node& config) const;

 private:
  friend class RecipeReader;
  struct Body {
    enum class Kind : std::uint8_t { json, form, text, lines } kind = Kind::text;
    BodyNode json = {};
    std::vector<std::pair<std::string, Template>> form = {};
    std::vector<Template> texts = {};  // text: one; lines: some for each alert
  };

  Kind kind_;
  std::size_t batch_ = 1;
  std::vector<int> success_;
  std::string failure_mark_, aws_service_;
  Template::Escape escape_ = nullptr;
  Template method_, url_;
  std::vector<std::pair<Template, Template>> headers_;
  Body body_;
};

// The recipes that come with the program, as files: name and text.
struct RecipeFile {
  std::string_view name, text;
};
std::span<const RecipeFile> recipe_files();

// The parsed recipes, by the name of their kind. Null: it could not be parsed.
const std::vector<std::unique_ptr<const Recipe>>& recipes();
const Recipe* find_recipe(std::string_view kind);

}  // namespace saker::output
