// SPDX-License-Identifier: Apache-2.0
// An output over HTTP as data: a YAML file lists its keys and says how alerts become requests
// (docs/recipes.md). Any thread, once it is made.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "output/kinds/kind.h"
#include "output/kinds/parquet.h"
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
  std::vector<ParquetColumn> table = {};  // what the body is made of, if it is a table
};

// A request whose parts are templates.
struct RequestShape {
  struct Body {
    enum class Kind : std::uint8_t { json, form, text, lines, parquet } kind = Kind::text;
    struct Column {
      std::vector<std::string> path;
      ParquetType type = ParquetType::text;
      Template value = {};
    };
    BodyNode json = {};
    std::vector<std::pair<std::string, Template>> form = {};
    std::vector<Template> texts = {};  // text: one; lines: some for each alert
    std::vector<Column> columns = {};  // parquet: an alert is a row
  };
  Template method, url;
  std::vector<std::pair<Template, Template>> headers;
  Body body;

  // `scope`: the dot; `alerts`: what `lines` and `parquet` go through.
  Request render(const Node& scope, std::span<const Node> alerts) const;
};

// What makes the Authorization header of each request, if it cannot be a template.
struct Authorization {
  enum class Kind : std::uint8_t {
    none,
    aws,     // Amazon's signature
    google,  // a token for a service account
    azure    // a shared access signature, or a token for an application
  } kind = Kind::none;
  std::string scope = {};  // aws: the service; google, azure: what the token is for
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
  // What its templates look up.
  const Names& names() const { return names_; }
  const Authorization& authorization() const { return authorization_; }

  // `alerts`: from node_of(), at most `batch`; `config`: of the settings. check() has already found
  // errors in templates that are settings (messageformat).
  Request request(std::span<const Node> alerts, const Node& config) const;
  // What the server wants once before the first alert; nothing: no such request. An answer of 400
  // or 409 means that it was done before.
  std::optional<Request> preparation(const Node& config) const;

 private:
  friend class RecipeReader;

  Kind kind_;
  std::size_t batch_ = 1;
  std::vector<int> success_;
  std::string failure_mark_;
  Names names_;
  Authorization authorization_;
  Template::Escape escape_ = nullptr;
  RequestShape shape_;
  std::optional<RequestShape> prepare_;
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
