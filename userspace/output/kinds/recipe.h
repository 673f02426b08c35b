// SPDX-License-Identifier: Apache-2.0
// An output over HTTP as data: a file of YAML says its keys, and how alerts become requests
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

// A JSON document with templates in it: whatever they render is escaped, once.
struct BodyNode {
  enum class Kind : std::uint8_t { text, raw, map, list, each, condition } kind = Kind::text;
  Template text = {};                  // text, raw; each, condition: what is walked over or asked
  Template key = {};                   // of a member of a map
  bool spread = false;                 // of a map: its members come from `text`, named by `key`
  std::vector<BodyNode> members = {};  // each: the one; condition: then, else
};

struct Request {
  std::string method, url, body;
  std::vector<std::pair<std::string, std::string>> headers;
};

class Recipe {
 public:
  // `name`: of the file, for messages. The error: every mistake, each with its line.
  static Result<Recipe> parse(const std::string& name, const std::string& text);

  const Kind& kind() const { return kind_; }
  std::size_t batch() const { return batch_; }  // alerts in one request at most
  bool succeeded(int status) const;
  // What in the answer to a request that succeeded says that it did not; "": nothing does.
  const std::string& failure_mark() const { return failure_mark_; }
  // What messageformat's values pass through; null: nothing.
  Template::Escape escape() const { return escape_; }
  // Of Amazon's signature; "": none.
  const std::string& aws_service() const { return aws_service_; }

  // `alerts`: as node_of() makes them, `batch` at most; `config`: of the settings. What is wrong
  // with templates that settings hold (messageformat) was found by check().
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

// The recipes that come with the program, as their files are: name and text.
struct RecipeFile {
  std::string_view name, text;
};
std::span<const RecipeFile> recipe_files();

// Those, read; by the name of their kind. Null: there is none.
const std::vector<std::unique_ptr<const Recipe>>& recipes();
const Recipe* find_recipe(std::string_view kind);

}  // namespace saker::output
