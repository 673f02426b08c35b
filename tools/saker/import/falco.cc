// SPDX-License-Identifier: Apache-2.0
// Falco's configuration, key by key: keys that Saker has too are kept, some are renamed, and for
// the others service/config/falco.cc says why there is no counterpart.
#include "service/config/falco.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "lang/read/yaml_values.h"
#include "service/config/config.h"
#include "source.h"
#include "value.h"

namespace saker::cli {
namespace {

using lang::YamlNode;

// In MB, by Falco's presets from 1; 4 is Falco's default.
constexpr std::array preset_mb = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
constexpr unsigned usual_preset = 4, largest_ring_mb = 64;

class FalcoImport : ImportWalk {
 public:
  using ImportWalk::ImportWalk;

  void walk(const YamlNode& map, const std::string& path) {
    each_key(source_, map, path,
             [&](const std::string& key, const YamlNode& node) { take(key, node); });
  }
  void note_engine(const YamlNode& root) {
    const YamlNode* engine = source_.tree.find(root, "engine");
    const YamlNode* kind = engine ? source_.tree.find(*engine, "kind") : nullptr;
    if (kind) engine_ = kind->value;
  }

 private:
  void take(const std::string& path, const YamlNode& node) {
    if (take_renamed(path, node)) return;
    const bool map = node.kind == YamlNode::Kind::map;
    const bool section = service::has_config_section(path) || service::is_falco_section(path);
    if (map && (section || path.ends_with("_output"))) return walk(node, path + ".");
    if (service::has_config_key(path) || of_output(path)) {
      if (node.kind == YamlNode::Kind::null) return absent(path, node, "it has no value");
      if (target_.has(path)) return absent(path, node, "it is there twice");
      return target_.take(source_.tree, node, imported(path, node, Fate::kept), path);
    }
    if (const service::FalcoKey* falco = service::find_falco_key(path)) {
      if (map && !node.items.empty()) return walk(node, path + ".");
      return absent(path, node, std::string(falco->why));
    }
    target_.add(imported(path, node, Fate::unknown,
                         map ? "Falco has no such section" : "Falco has no such key"));
    target_.warn(prefix_ + path + " (line " + std::to_string(source_.line(node)) +
                 ") is not a key of Falco");
  }

  // "http_output.url": part of a section that is read as a whole.
  static bool of_output(const std::string& path) {
    const std::size_t dot = path.find('.');
    return dot != path.npos && path.substr(0, dot).ends_with("_output") &&
           service::has_config_key(path.substr(0, dot));
  }

  bool take_renamed(const std::string& path, const YamlNode& node) {
    if (path == "rules_files" || path == "rules_file" || path == "rule_files")
      return take_rules_files(path, node);
    if (path == "config_files") {
      absent(path, node, "saker import makes a file of each, and config_files takes those");
      return true;
    }
    if (path.ends_with("buf_size_preset")) return take_preset(path, node);
    if (path == "capture.enabled") return rename(path, node, "flight_recorder.enabled", "");
    if (path == "capture.mode") {
      const bool every = node.value == "all_rules";
      return rename(
          path, node, "flight_recorder.priority",
          every ? "every alert leaves a recording"
                : "alerts of rules with `capture: true` leave one, and so do more severe ones",
          every ? "\"debug\"" : "\"emergency\"");
    }
    if (path == "capture.default_duration")
      return rename(path, node, "flight_recorder.after",
                    "the events before the alert are recorded, too (flight_recorder.before)",
                    toml_string(node.value + "ms"));
    return false;
  }

  // Under another name, with a given value or the node's.
  bool rename(const std::string& path, const YamlNode& node, const std::string& to,
              const std::string& note, const std::string& value = "", Fate fate = Fate::renamed) {
    ImportedKey key = imported(path, node, fate, note);
    if (value.empty()) {
      target_.take(source_.tree, node, std::move(key), to);
      return true;
    }
    const std::size_t dot = to.rfind('.');
    key.section = dot == to.npos ? "" : to.substr(0, dot);
    key.key = to.substr(dot == to.npos ? 0 : dot + 1);
    key.value = key.as_text = value;
    target_.add(std::move(key));
    return true;
  }

  bool take_preset(const std::string& path, const YamlNode& node) {
    unsigned preset = 0;
    std::from_chars(node.value.data(), node.value.data() + node.value.size(), preset);
    const bool of_other = path.starts_with("engine.") && !engine_.empty() &&
                          path != "engine." + engine_ + ".buf_size_preset";
    if (of_other || target_.has("rings.event")) {
      absent(path, node, "it belongs to an engine that is not selected");
    } else if (preset < 1 || preset > preset_mb.size()) {
      absent(path, node, "it is not a preset of Falco");
    } else if (preset == usual_preset) {
      absent(path, node, "it is Falco's default; rings.event is 4MiB for each CPU");
    } else {
      const auto wanted = static_cast<unsigned>(preset_mb[preset - 1]);
      rename(path, node, "rings.event", "the ring of each CPU",
             toml_string(std::to_string(std::min(wanted, largest_ring_mb)) + "MiB"));
    }
    return true;
  }

  // Falco skips rule files that do not exist. Here a missing file is an error, because a sensor
  // without rules would be silent. So such files are left out, unless none exists: then the
  // configuration belongs to another host.
  bool take_rules_files(const std::string& path, const YamlNode& node) {
    const Fate fate = path == "rules_files" ? Fate::kept : Fate::renamed;
    std::vector<std::string> files, missing;
    if (node.kind == YamlNode::Kind::scalar) files = {node.value};
    for (const std::uint32_t id : node.items) files.push_back(source_.tree.node(id).value);
    for (const std::string& file : files)
      if (file.find("${") == file.npos && ::access(file.c_str(), F_OK) != 0)
        missing.push_back(file);
    const bool elsewhere = !files.empty() && missing.size() == files.size();
    if (target_.has("rules_files") || files.empty()) {
      absent(path, node, files.empty() ? "it names no file" : "it is there twice");
      return true;
    }
    for (const std::string& file : missing)
      target_.warn(file + " is not on this host" +
                   (elsewhere ? "" : ": it is left out, as Falco skips it"));
    std::string value = "[\n";
    for (const std::string& file : files) {
      const bool left_out = !elsewhere && std::ranges::find(missing, file) != missing.end();
      value += (left_out ? "  # not on this host: " : "  ") + toml_string(file) + ",\n";
    }
    return rename(path, node, "rules_files", "", value + "]", fate);
  }

  std::string engine_;
};

}  // namespace

void import_falco(const ImportSource& source, const YamlNode& map, const std::string& prefix,
                  ImportTarget& target) {
  FalcoImport import(source, prefix, target);
  import.note_engine(map);
  import.walk(map, "");
}

}  // namespace saker::cli
