// SPDX-License-Identifier: Apache-2.0
#include "target.h"

#include <algorithm>

#include "service/config/config.h"
#include "value.h"

namespace saker::cli {
namespace {

constexpr std::string_view file_name = "saker.toml";

// Text of the imported file may contain anything; in a comment it becomes one line.
std::string in_comment(std::string_view text) {
  constexpr std::size_t longest = 300;
  std::string out(text.substr(0, longest));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text.size() > longest ? out + "..." : out;
}

std::string described(const ImportedKey& key) {
  switch (key.fate) {
    case Fate::kept: return "kept";
    case Fate::renamed: return "renamed, was " + key.from;
    case Fate::absent: return "no counterpart";
    case Fate::unknown: return "not known";
    default: return "refused";
  }
}

std::string header(const std::string& section) {
  const std::size_t number = section.find('#');
  return number == section.npos ? "[" + section + "]" : "[[" + section.substr(0, number) + "]]";
}

std::size_t lines_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

void ImportTarget::take(const lang::YamlTree& tree, const lang::YamlNode& node, ImportedKey key,
                        std::string_view to) {
  const std::size_t dot = to.rfind('.');
  if (key.section.empty() && dot != to.npos) key.section = to.substr(0, dot);
  key.key = to.substr(dot == to.npos ? 0 : dot + 1);
  const Result<std::string> value = toml_value(tree, node, false),
                            text = toml_value(tree, node, true);
  if (value && text) {
    key.value = *value;
    key.as_text = *text;
  } else {
    key.fate = Fate::refused;
    key.note = (value ? text : value).error().message;
  }
  add(std::move(key));
}

bool ImportTarget::has(std::string_view to) const {
  return std::ranges::any_of(keys_, [&](const ImportedKey& key) {
    return !key.key.empty() &&
           (key.section.empty() ? key.key : key.section + "." + key.key) == std::string(to);
  });
}

void ImportTarget::write_key(const ImportedKey& key, std::size_t index, std::string& out) {
  std::string comment = described(key);
  if (key.key.empty() || key.fate == Fate::refused) comment = key.from + ": " + comment;
  if (key.line) comment += " (line " + std::to_string(key.line) + ")";
  if (!key.note.empty()) comment += ": " + key.note;
  out += "# " + in_comment(comment) + "\n";
  if (key.fate == Fate::refused && !key.value.empty())
    out += "#" + in_comment(toml_key(key.key) + " = " + key.value) + "\n";
  if (key.key.empty() || key.fate == Fate::refused) return;
  const std::size_t first = lines_in(out) + 1;
  out += toml_key(key.key) + " = " + key.value + "\n";
  places_.push_back({first, lines_in(out), index});
}

void ImportTarget::write_header(const std::string& section, std::string& out) {
  headers_[lines_in(out) + 2] = section;
  out += "\n" + header(section) + "\n";
  const auto off = disabled_.find(section);
  if (off == disabled_.end()) return;
  out += "# refused as it is: " + in_comment(off->second) + "\nenabled = false\n";
}

std::string ImportTarget::write(const std::string& head) {
  places_.clear();
  headers_.clear();
  std::string out;
  for (std::size_t at = 0; at < head.size();) {
    const std::size_t end = std::min(head.find('\n', at), head.size());
    out += "# " + in_comment(std::string_view(head).substr(at, end - at)) + "\n";
    at = end + 1;
  }
  // The sections that are not empty; in TOML, keys without a section come first.
  std::vector<std::string> sections = {""};
  for (const ImportedKey& key : keys_)
    if (!key.key.empty() && std::ranges::find(sections, key.section) == sections.end())
      sections.push_back(key.section);
  for (const std::string& section : sections) {
    if (!section.empty()) write_header(section, out);
    for (std::size_t i = 0; i < keys_.size(); i++) {
      if (keys_[i].key.empty() || keys_[i].section != section) continue;
      if (section.empty()) out += "\n";
      write_key(keys_[i], i, out);
    }
  }
  out += "\n";
  for (std::size_t i = 0; i < keys_.size(); i++)
    if (keys_[i].key.empty()) write_key(keys_[i], i, out);
  return out;
}

// A key that the reader refuses is tried as text, and then becomes a comment. False: no key is
// refused, or the refused key is not ours.
bool ImportTarget::mend(const std::string& text) {
  const service::ConfigResult read = service::parse_config(std::string(file_name), text, {});
  bool changed = false;
  for (const service::ConfigDiagnostic& error : read.errors) {
    const auto place = std::ranges::find_if(places_, [&](const Place& each) {
      return each.first <= error.line && error.line <= each.last;
    });
    const std::string why = error.message + (error.hint.empty() ? "" : "; " + error.hint);
    if (place == places_.end()) {
      const auto section = headers_.find(error.line);
      if (section != headers_.end() && section->second.find('#') != std::string::npos)
        changed |= disabled_.try_emplace(section->second, why).second;
      continue;
    }
    ImportedKey& key = keys_[place->key];
    changed = true;
    if (key.value != key.as_text && key.fate != Fate::refused) {
      key.value = key.as_text;
      break;  // The other errors may belong to this key, too.
    }
    key.fate = Fate::refused;
    key.note = why;
  }
  return changed;
}

std::string ImportTarget::render(const std::string& head) {
  // Each round changes a key, and no key changes more than twice.
  for (std::size_t turns = 2 * keys_.size() + 1; turns > 0; turns--)
    if (!mend(write(head))) break;
  for (const auto& [section, why] : disabled_) warn(section + " is off: " + why);
  const std::string text = write(head);
  for (const service::ConfigDiagnostic& error :
       service::parse_config(std::string(file_name), text, {}).errors)
    warn(error.message + (error.hint.empty() ? "" : "; " + error.hint));
  return text;
}

ImportCounts ImportTarget::counts() const {
  ImportCounts out;
  for (const ImportedKey& key : keys_) {
    if (key.fate == Fate::kept) out.kept++;
    if (key.fate == Fate::renamed) out.renamed++;
    if (key.fate == Fate::absent) out.absent++;
    if (key.fate == Fate::unknown) out.unknown++;
    if (key.fate == Fate::refused) out.refused++;
  }
  return out;
}

}  // namespace saker::cli
