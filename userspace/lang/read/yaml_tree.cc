// SPDX-License-Identifier: Apache-2.0
#include "lang/read/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <unordered_map>

namespace saker::lang {

// Builds the tree from the parser's events. It can stop the parser only by an exception of the
// parser's own type.
class YamlTreeBuilder : public YAML::EventHandler {
 public:
  YamlTreeBuilder(YamlTree& tree, SourceId source, std::uint32_t skipped, const YamlLimits& limits)
      : tree_(tree), source_(source), skipped_(skipped), limits_(limits) {}

  // From a text that begins with a stray comma or bracket, yaml-cpp makes an endless series of
  // empty documents.
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (mark.pos == last_start_)
      throw YAML::ParserException(mark, "unexpected text where an entry should begin");
    last_start_ = mark.pos;
    open_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(YamlNode::Kind::null, mark, anchor, {});
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                const std::string& value) override {
    add(YamlNode::Kind::scalar, mark, anchor, value);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw YAML::ParserException(mark, "alias without an anchor");
    for (const std::uint32_t open : open_)
      if (open == found->second)
        throw YAML::ParserException(mark, "alias to a node that contains it");
    attach(found->second);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back(add(YamlNode::Kind::sequence, mark, anchor, {}));
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back(add(YamlNode::Kind::map, mark, anchor, {}));
  }
  void OnMapEnd() override { open_.pop_back(); }

  // After an error: complete entries stay; the entry in which the parser stopped is dropped.
  void drop_incomplete() {
    if (open_.empty()) return;
    YamlNode& root = tree_.nodes_[open_.front()];
    if (root.kind != YamlNode::Kind::sequence)
      tree_.documents_.pop_back();
    else if (open_.size() > 1)
      root.items.pop_back();
    open_.clear();
  }

 private:
  std::uint32_t add(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor,
                    const std::string& value) {
    if (tree_.nodes_.size() >= limits_.nodes)
      throw YAML::ParserException(
          mark, "more than " + std::to_string(limits_.nodes) + " nodes in one file");
    const std::uint32_t id = static_cast<std::uint32_t>(tree_.nodes_.size());
    const std::uint32_t offset = mark.pos < 0 ? 0 : static_cast<std::uint32_t>(mark.pos) + skipped_;
    tree_.nodes_.push_back({kind, {source_, offset}, value, {}});
    if (anchor != 0) anchors_[anchor] = id;
    attach(id);
    return id;
  }

  // An alias adds an edge, not a node, so edges are counted too.
  void attach(std::uint32_t id) {
    if (open_.empty()) {
      tree_.documents_.push_back(id);
      return;
    }
    if (++edges_ > limits_.nodes)
      throw YAML::ParserException(YAML::Mark(), "too many aliases in one file");
    tree_.nodes_[open_.back()].items.push_back(id);
  }

  YamlTree& tree_;
  SourceId source_;
  std::uint32_t skipped_;
  const YamlLimits& limits_;
  std::size_t edges_ = 0;
  int last_start_ = -1;
  std::vector<std::uint32_t> open_;
  std::unordered_map<YAML::anchor_t, std::uint32_t> anchors_;
};

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

YamlError yaml_error(const YAML::Exception& error, SourceId source, std::uint32_t skipped) {
  YamlError result;
  result.message = error.msg;
  result.hint = "nothing after this place was read; check indentation, quotes and tabs";
  result.origin = {source,
                   error.mark.pos < 0 ? 0 : static_cast<std::uint32_t>(error.mark.pos) + skipped};
  return result;
}

}  // namespace

YamlTree YamlTree::parse(const Sources& sources, SourceId source, const YamlLimits& limits) {
  YamlTree tree;
  std::string_view text = sources.text(source);
  if (text.size() > limits.bytes) {
    tree.error_ = {"the file is larger than " + std::to_string(limits.bytes >> 20) + " MiB",
                   "split it into several files",
                   {source, 0}};
    return tree;
  }
  // yaml-cpp treats a NUL as the end of the file and would silently ignore the rest.
  if (const std::size_t nul = text.find('\0'); nul != text.npos) {
    tree.error_ = {"the file contains a NUL byte: it is not YAML text",
                   "save it as UTF-8",
                   {source, static_cast<std::uint32_t>(nul)}};
    return tree;
  }
  std::uint32_t skipped = 0;
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) skipped = byte_order_mark.size();
  std::istringstream stream{std::string(text.substr(skipped))};
  YamlTreeBuilder builder(tree, source, skipped, limits);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    builder.drop_incomplete();
    tree.error_ = yaml_error(error, source, skipped);
  }
  return tree;
}

const YamlNode* YamlTree::find(const YamlNode& map, std::string_view key) const {
  if (map.kind != YamlNode::Kind::map) return nullptr;
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
    const YamlNode& name = nodes_[map.items[i]];
    if (name.kind == YamlNode::Kind::scalar && name.value == key) return &nodes_[map.items[i + 1]];
  }
  return nullptr;
}

}  // namespace saker::lang
