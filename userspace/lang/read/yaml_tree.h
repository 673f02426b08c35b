// SPDX-License-Identifier: Apache-2.0
// A YAML file as a tree in which every node knows its place. Built from yaml-cpp's events, not from
// its nodes, so that an alias stays a reference and cannot multiply nodes, and nodes can be counted
// while reading. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/read/sources.h"

namespace saker::lang {

struct YamlLimits {
  std::size_t bytes = 16u << 20;
  std::size_t nodes = 4u << 20;
};

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, sequence, map } kind = Kind::null;
  SourcePlace origin;                // of its first byte
  std::string value;                 // scalar
  std::vector<std::uint32_t> items;  // sequence: elements; map: key, value, key, value, ...
};

struct YamlError {
  std::string message, hint;
  SourcePlace origin;
};

class YamlTree {
 public:
  // Parses text `source` of `sources`. After an error, the documents before it stay usable.
  static YamlTree parse(const Sources& sources, SourceId source, const YamlLimits& limits = {});

  const YamlNode& node(std::uint32_t id) const { return nodes_[id]; }
  const std::vector<std::uint32_t>& documents() const { return documents_; }
  const std::optional<YamlError>& error() const { return error_; }
  // The value of a key; nullptr if the map does not have it. If a key is given twice, the first one
  // counts.
  const YamlNode* find(const YamlNode& map, std::string_view key) const;

 private:
  friend class YamlTreeBuilder;
  std::vector<YamlNode> nodes_;
  std::vector<std::uint32_t> documents_;
  std::optional<YamlError> error_;
};

// A scalar's text, with the place of every byte in the file, through quotes, escapes, folding and
// indentation.
MappedText map_scalar(const Sources& sources, const YamlNode& scalar);

}  // namespace saker::lang
