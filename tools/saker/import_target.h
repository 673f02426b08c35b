// SPDX-License-Identifier: Apache-2.0
// The saker.toml that `saker import` makes: its keys with a comment each, by section, and the keys
// that have no counterpart, with the reason. What Saker's own reader refuses becomes a comment, so
// that what is written can be read. One thread.
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

// A key of the file that is imported.
struct ImportedKey {
  std::string from;        // its path there
  std::uint32_t line = 0;  // there
  Fate fate = Fate::kept;
  std::string section;  // of saker.toml; "": before the first. "output#1": the first [[output]]
  std::string key;      // in the section; "": none
  std::string value;    // in TOML
  std::string as_text;  // likewise with all scalars as text, where the value is refused
  std::string note;     // why it has no counterpart, or what is different
};

struct ImportCounts {
  std::size_t kept = 0, renamed = 0, absent = 0, unknown = 0, refused = 0;
};

class ImportTarget {
 public:
  void add(ImportedKey key) { keys_.push_back(std::move(key)); }
  // A value for `to`, "section.key" or "key", of what stands at `node`.
  void take(const lang::YamlTree& tree, const lang::YamlNode& node, ImportedKey key,
            std::string_view to);
  // Whether a key of that path in saker.toml has been given.
  bool has(std::string_view to) const;
  // A sentence for the person, beside what the file says.
  void warn(std::string sentence) { warnings_.push_back(std::move(sentence)); }
  const std::vector<std::string>& warnings() const { return warnings_; }

  // The file. `head`: its first lines, without '#'.
  std::string render(const std::string& head);
  ImportCounts counts() const;

 private:
  struct Place {
    std::size_t first, last, key;  // lines, and which key stands there
  };
  std::string write(const std::string& head);
  void write_header(const std::string& section, std::string& out);
  void write_key(const ImportedKey& key, std::size_t index, std::string& out);
  bool mend(const std::string& text);

  std::vector<ImportedKey> keys_;
  std::vector<std::string> warnings_;
  std::vector<Place> places_;
  // Of an output that cannot work as it stands: why. It is written with `enabled = false`.
  std::map<std::string, std::string> disabled_;
  std::map<std::size_t, std::string> headers_;  // by line
};

}  // namespace saker::cli
