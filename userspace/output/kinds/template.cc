// SPDX-License-Identifier: Apache-2.0
#include "output/kinds/template.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/nearest.h"
#include "output/kinds/template_functions.h"

namespace saker::output {
namespace {

constexpr std::size_t longest_template = 64u << 10;
constexpr int deepest = 16;  // nested blocks and brackets

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Parses the text between {{ and }}: `end` is its end.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, std::size_t at, std::size_t end)
      : text_(text), at_(at), end_(end) {}

  Result<Template::Pipeline> whole() {
    Result<Template::Pipeline> pipeline = read_pipeline(0);
    if (pipeline && at_ != end_) return wrong("this has no meaning here");
    return pipeline;
  }
  // A keyword at the front: if, range, else, end.
  std::string_view keyword() {
    skip_blanks();
    const std::size_t start = at_;
    while (at_ < end_ && is_name(text_[at_])) at_++;
    return text_.substr(start, at_ - start);
  }
  bool done() {
    skip_blanks();
    return at_ == end_;
  }
  Error wrong(const std::string& what) const {
    return Error{"character " + std::to_string(at_ + 1) + ": " + what};
  }

 private:
  void skip_blanks() {
    while (at_ < end_ && std::isspace(static_cast<unsigned char>(text_[at_]))) at_++;
  }
  bool at_end_of_command() {
    skip_blanks();
    return at_ == end_ || text_[at_] == '|' || text_[at_] == ')';
  }

  Result<Template::Pipeline> read_pipeline(int depth) {
    if (depth > deepest) return wrong("too many nested brackets");
    Template::Pipeline out;
    for (;;) {
      Result<TemplateCommand> command = read_command(depth, !out.commands.empty());
      if (!command) return command.error();
      out.commands.push_back(std::move(*command));
      if (at_ == end_ || text_[at_] != '|') return out;
      at_++;
    }
  }

  Result<TemplateCommand> read_command(int depth, bool piped) {
    TemplateCommand out;
    skip_blanks();
    const std::size_t start = at_;
    if (at_ < end_ && std::isalpha(static_cast<unsigned char>(text_[at_])) && !is_truth()) {
      Result<std::uint32_t> function = read_function();
      if (!function) return function.error();
      out.function = *function;
    }
    while (!at_end_of_command()) {
      Result<TemplateOperand> operand = read_operand(depth);
      if (!operand) return operand.error();
      out.operands.push_back(std::move(*operand));
    }
    const TemplateFunction& row = template_functions()[out.function];
    const std::size_t count = out.operands.size() + (piped ? 1 : 0);
    if (count >= row.least && count <= row.most && !(piped && out.function == 0)) return out;
    at_ = start;
    if (out.function == 0)
      return wrong(count == 0 ? "a value is missing" : "expected the name of a function");
    return wrong(std::string(row.name) + " takes " + std::to_string(row.least) +
                 (row.most == row.least ? "" : " or more") + " values, but here are " +
                 std::to_string(count));
  }

  bool is_truth() const {
    for (const std::string_view word : {"true", "false", "nil"})
      if (text_.substr(at_, word.size()) == word &&
          (at_ + word.size() >= end_ || !is_name(text_[at_ + word.size()])))
        return true;
    return false;
  }

  Result<std::uint32_t> read_function() {
    const std::size_t start = at_;
    while (at_ < end_ && is_name(text_[at_])) at_++;
    const std::string_view name = text_.substr(start, at_ - start);
    Nearest nearest(name);
    std::uint32_t number = 0;
    for (const TemplateFunction& row : template_functions()) {
      if (row.name == name) return number;
      nearest.offer(row.name);
      number++;
    }
    at_ = start;
    return wrong(
        "there is no function \"" + std::string(name) + "\"" +
        (nearest.best().empty() ? "" : "; did you mean " + std::string(nearest.best()) + "?"));
  }

  Result<TemplateOperand> read_operand(int depth) {
    const char c = text_[at_];
    if (c == '"' || c == '`') return read_string();
    if (c == '.' || c == '$') return read_path();
    if (c == '-' || std::isdigit(static_cast<unsigned char>(c))) return read_number();
    if (is_truth()) {
      const std::string_view word = keyword();
      return TemplateOperand{.literal = word == "nil" ? Node{} : Node::of_json(std::string(word))};
    }
    if (c != '(') return wrong("expected a value: .Name, \"text\", a number or ( )");
    at_++;
    Result<Template::Pipeline> inner = read_pipeline(depth + 1);
    if (!inner) return inner.error();
    if (at_ == end_ || text_[at_] != ')') return wrong("the bracket is not closed");
    at_++;
    return TemplateOperand{.kind = TemplateOperand::Kind::pipeline, .pipeline = std::move(*inner)};
  }

  Result<TemplateOperand> read_string() {
    const char quote = text_[at_++];
    std::string out;
    for (; at_ < end_ && text_[at_] != quote; at_++) {
      if (text_[at_] != '\\' || quote == '`' || at_ + 1 >= end_) {
        out += text_[at_];
        continue;
      }
      const char escaped = text_[++at_];
      out += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
    }
    if (at_ >= end_) return wrong("the text is not closed");
    at_++;
    return TemplateOperand{.literal = Node::of(std::move(out))};
  }

  Result<TemplateOperand> read_number() {
    const std::size_t start = at_++;
    while (at_ < end_ &&
           (std::isdigit(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.'))
      at_++;
    return TemplateOperand{.literal = Node::of_json(std::string(text_.substr(start, at_ - start)))};
  }

  Result<TemplateOperand> read_path() {
    TemplateOperand out{.kind = TemplateOperand::Kind::path, .from_root = text_[at_] == '$'};
    if (out.from_root) at_++;
    if (at_ >= end_ || text_[at_] != '.') {
      if (at_ < end_ && is_name(text_[at_])) return wrong("there are no variables");
      return out;
    }
    while (at_ < end_ && text_[at_] == '.') {
      const std::size_t start = ++at_;
      while (at_ < end_ && is_name(text_[at_])) at_++;
      if (at_ > start)
        out.path.emplace_back(text_.substr(start, at_ - start));
      else if (!out.path.empty() || (at_ < end_ && text_[at_] == '.'))
        return wrong("expected a name after the dot");
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_, end_;
};

// Parses texts and actions between {{ and }}, with nested blocks.
class TemplateParser {
 public:
  explicit TemplateParser(std::string_view text) : text_(text) {}

  Result<std::vector<Template::Part>> whole() {
    if (text_.size() > longest_template) return Error{"the template is too long"};
    Result<std::vector<Template::Part>> parts = read_parts(0);
    if (parts && closed_by_)
      return Error{"character " + std::to_string(closed_at_ + 1) + ": {{ " + *closed_by_ +
                   " }} closes nothing"};
    return parts;
  }

 private:
  using Part = Template::Part;

  void add_text(std::vector<Part>& to, std::string_view text) {
    if (trim_next_) text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    trim_next_ = false;
    if (!text.empty()) to.push_back({.text = std::string(text)});
  }

  // Reads up to the end of the text, or up to an {{ end }} or {{ else }}, which is then in
  // closed_by_.
  Result<std::vector<Part>> read_parts(int depth) {
    std::vector<Part> out;
    closed_by_.reset();
    if (depth > deepest) return Error{"too many nested blocks"};
    while (at_ < text_.size()) {
      const std::size_t open = text_.find("{{", at_);
      std::string_view text = text_.substr(at_, open - at_);
      const bool trims = text_.substr(std::min(open, text_.size()), 4) == "{{- ";
      if (trims) text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
      add_text(out, text);
      if (open == text_.npos) break;
      Result<bool> goes_on = read_action(out, open + (trims ? 3 : 2), open, depth);
      if (!goes_on) return goes_on.error();
      if (!*goes_on) return out;
    }
    at_ = text_.size();
    return out;
  }

  // The end of the action: a }} inside a quoted text does not count.
  std::size_t end_of_action(std::size_t at) const {
    for (char quote = 0; at < text_.size(); at++) {
      if (quote != 0) {
        if (text_[at] == '\\' && quote == '"')
          at++;
        else if (text_[at] == quote)
          quote = 0;
      } else if (text_[at] == '"' || text_[at] == '`') {
        quote = text_[at];
      } else if (text_.substr(at, 2) == "}}") {
        return at;
      }
    }
    return text_.npos;
  }

  // False: it closes the surrounding block.
  Result<bool> read_action(std::vector<Part>& out, std::size_t begin, std::size_t open, int depth) {
    std::size_t end = end_of_action(begin);
    if (end == text_.npos)
      return Error{"character " + std::to_string(open + 1) + ": {{ is not closed by }}"};
    at_ = end + 2;
    if (end - begin >= 2 && text_.substr(end - 2, 2) == " -") {
      end -= 1;
      trim_next_ = true;
    }
    while (begin < end && std::isspace(static_cast<unsigned char>(text_[begin]))) begin++;
    if (text_.substr(begin, 2) == "/*") return true;
    while (end > begin && std::isspace(static_cast<unsigned char>(text_[end - 1]))) end--;
    ExpressionParser parser(text_, begin, end);
    const std::string word(parser.keyword());
    if (word == "end" || word == "else") {
      if (!parser.done()) return parser.wrong("nothing may follow " + word);
      closed_by_ = word;
      closed_at_ = open;
      return false;
    }
    if (word == "if" || word == "range") return read_block(out, parser, word, open, depth);
    Result<Template::Pipeline> pipeline = ExpressionParser(text_, begin, end).whole();
    if (!pipeline) return pipeline.error();
    out.push_back({.kind = Part::Kind::value, .pipeline = std::move(*pipeline)});
    return true;
  }

  Result<bool> read_block(std::vector<Part>& out, ExpressionParser& parser, const std::string& word,
                          std::size_t open, int depth) {
    const Error unclosed{"character " + std::to_string(open + 1) + ": {{ " + word +
                         " }} has no {{ end }}"};
    Part part{.kind = word == "if" ? Part::Kind::condition : Part::Kind::range};
    Result<Template::Pipeline> pipeline = parser.whole();
    if (!pipeline) return pipeline.error();
    part.pipeline = std::move(*pipeline);
    Result<std::vector<Part>> body = read_parts(depth + 1);
    if (!body) return body.error();
    if (!closed_by_) return unclosed;
    part.body = std::move(*body);
    if (*closed_by_ == "else") {
      Result<std::vector<Part>> otherwise = read_parts(depth + 1);
      if (!otherwise) return otherwise.error();
      if (closed_by_ != "end") return unclosed;
      part.otherwise = std::move(*otherwise);
    }
    closed_by_.reset();
    out.push_back(std::move(part));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0, closed_at_ = 0;
  std::optional<std::string> closed_by_;
  bool trim_next_ = false;
};

struct RenderScope {
  const Node& root;
  const Node& dot;
  Template::Escape escape = nullptr;
};

Node value_of(const Template::Pipeline& pipeline, const RenderScope& scope);

Node value_of(const TemplateOperand& operand, const RenderScope& scope) {
  if (operand.kind == TemplateOperand::Kind::literal) return operand.literal;
  if (operand.kind == TemplateOperand::Kind::pipeline) return value_of(operand.pipeline, scope);
  const Node* at = operand.from_root ? &scope.root : &scope.dot;
  for (const std::string& name : operand.path)
    if (!(at = at->find(name))) return {};
  return *at;
}

Node value_of(const Template::Pipeline& pipeline, const RenderScope& scope) {
  Node value;
  bool piped = false;
  for (const TemplateCommand& command : pipeline.commands) {
    std::vector<Node> operands;
    for (const TemplateOperand& operand : command.operands)
      operands.push_back(value_of(operand, scope));
    if (piped) operands.push_back(std::move(value));
    piped = true;
    value = command.function == 0 ? std::move(operands[0])
                                  : template_functions()[command.function].call(operands);
  }
  return value;
}

void render_parts(std::string& out, const std::vector<Template::Part>& parts,
                  const RenderScope& scope) {
  for (const Template::Part& part : parts) {
    switch (part.kind) {
      case Template::Part::Kind::text: out += part.text; break;
      case Template::Part::Kind::value: {
        const Node value = value_of(part.pipeline, scope);
        out += text_of(scope.escape ? scope.escape({&value, 1}) : value);
        break;
      }
      case Template::Part::Kind::condition:
        render_parts(out, value_of(part.pipeline, scope).truth() ? part.body : part.otherwise,
                     scope);
        break;
      case Template::Part::Kind::range: {
        const Node over = value_of(part.pipeline, scope);
        if (over.members.empty()) render_parts(out, part.otherwise, scope);
        for (const auto& [key, item] : over.members) {
          if (over.kind == Node::Kind::list) {
            render_parts(out, part.body, {scope.root, item, scope.escape});
            continue;
          }
          const Node pair{Node::Kind::map, {}, {{"Key", Node::of(key)}, {"Value", item}}};
          render_parts(out, part.body, {scope.root, pair, scope.escape});
        }
        break;
      }
    }
  }
}

void add_names(Names& to, const Template::Pipeline& pipeline) {
  for (const TemplateCommand& command : pipeline.commands)
    for (const TemplateOperand& operand : command.operands) {
      if (operand.kind == TemplateOperand::Kind::pipeline) add_names(to, operand.pipeline);
      if (operand.kind != TemplateOperand::Kind::path) continue;
      if (operand.path.empty())
        to.any = true;
      else
        to.used.insert(operand.path[0]);
    }
}

void add_names(Names& to, const std::vector<Template::Part>& parts) {
  for (const Template::Part& part : parts) {
    add_names(to, part.pipeline);
    add_names(to, part.body);
    add_names(to, part.otherwise);
  }
}

}  // namespace

void Template::add_names(Names& to) const { output::add_names(to, parts_); }

const Node* Node::find(std::string_view key) const {
  if (kind != Kind::map) return nullptr;
  for (const auto& [name, node] : members)
    if (name == key) return &node;
  return nullptr;
}

bool Node::truth() const {
  switch (kind) {
    case Kind::nothing: return false;
    case Kind::text: return !text.empty();
    case Kind::json: return text != "false" && text != "0" && text != "null" && !text.empty();
    case Kind::list:
    case Kind::map: break;
  }
  return !members.empty();
}

Result<Template> Template::parse(std::string_view text) {
  Result<std::vector<Part>> parts = TemplateParser(text).whole();
  if (!parts) return parts.error();
  Template out;
  out.parts_ = std::move(*parts);
  return out;
}

Result<Template> Template::parse_expression(std::string_view text) {
  Result<Pipeline> pipeline = ExpressionParser(text, 0, text.size()).whole();
  if (!pipeline) return pipeline.error();
  Template out;
  out.parts_.push_back({.kind = Part::Kind::value, .pipeline = std::move(*pipeline)});
  return out;
}

std::string Template::render(const Node& root, Escape escape) const {
  std::string out;
  render_parts(out, parts_, {root, root, escape});
  return out;
}

Node Template::evaluate(const Node& root) const {
  return parts_.size() == 1 ? value_of(parts_[0].pipeline, {root, root}) : Node{};
}

}  // namespace saker::output
