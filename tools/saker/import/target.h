// SPDX-License-Identifier: Apache-2.0
// The saker.toml that `saker import` makes: its keys, each with a comment, by section, and the keys
// without a counterpart, with the reason. Values that Saker's own reader refuses become comments,
// so that the result can be read. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lang/read/yaml_tree.h"

namespace saker::cli {

enum class Fate : std::uint8_t { kept, renamed, absent, unknown, refused };

// A key of the imported file.
struct ImportedKey {
  std::string from;        // its path there
  std::uint32_t line = 0;  // in that file
  Fate fate = Fate::kept;
  // section of saker.toml; "": before the first. "output#1": the first [[output]]
  std::string section;
  std::string key;      // in the section; "": none
  std::string value;    // in TOML
  std::string as_text;  // the same with all scalars as text, if the value is refused
  std::string note;     // why it has no counterpart, or what is different
};

struct ImportCounts {
  std::size_t kept = 0, renamed = 0, absent = 0, unknown = 0, refused = 0;
};

class ImportTarget {
 public:
  void add(ImportedKey key) { keys_.push_back(std::move(key)); }
  // Adds a value for `to`, "section.key" or "key", from `node`.
  void take(const lang::YamlTree& tree, const lang::YamlNode& node, ImportedKey key,
            std::string_view to);
  // Whether saker.toml already has a key with that path.
  bool has(std::string_view to) const;
  // A sentence for the user, in addition to the comments in the file.
  void warn(std::string sentence) { warnings_.push_back(std::move(sentence)); }
  const std::vector<std::string>& warnings() const { return warnings_; }

  // The file. `head`: its first lines, without '#'.
  std::string render(const std::string& head);
  ImportCounts counts() const;

 private:
  struct Place {
    std::size_t first, last, key;  // lines, and the key in them
  };
  std::string write(const std::string& head);
  void write_header(const std::string& section, std::string& out);
  void write_key(const ImportedKey& key, std::size_t index, std::string& out);
  bool mend(const std::string& text);

  std::vector<ImportedKey> keys_;
  std::vector<std::string> warnings_;
  std::vector<Place> places_;
  // Outputs that cannot work as they are, and why. They are written with `enabled = false`.
  std::map<std::string, std::string> disabled_;
  std::map<std::size_t, std::string> headers_;  // by line
};

}  // namespace saker::cli
