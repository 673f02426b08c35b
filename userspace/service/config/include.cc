// SPDX-License-Identifier: Apache-2.0
#include "service/config/include.h"

#include <sys/stat.h>

#include <optional>
#include <utility>

#include "base/file.h"
#include "service/config/text.h"

namespace saker::service {
namespace {

constexpr std::size_t max_bytes = 1u << 20, most_files = 1000;
constexpr unsigned deepest = 32;

enum class Strategy { append, override_keys, add_only };

struct Include {
  std::string path;
  Strategy strategy = Strategy::append;
};

class Includer {
 public:
  Includer(toml::table& tree, const std::string& name, ConfigResult& result)
      : tree_(tree), name_(name), result_(result) {}

  void run() {
    toml::node* node = tree_.get("config_files");
    if (!node) return;
    std::vector<Include> includes;
    toml::array* list = node->as_array();
    if (list)
      for (const toml::node& entry : *list) take(entry, includes);
    else
      take(*node, includes);
    for (const Include& include : includes) read(include, *node);
  }

 private:
  void wrong(const toml::node& node, std::string message, std::string hint) {
    const toml::source_position at = node.source().begin;
    result_.errors.push_back({name_, at.line, at.column, std::move(message), std::move(hint)});
  }

  // "/etc/saker/conf.d", or { path = "...", strategy = "override" }
  void take(const toml::node& entry, std::vector<Include>& out) {
    constexpr const char* example =
        "write it like config_files = [\"/etc/saker/conf.d\", "
        "{ path = \"/etc/saker/site.toml\", strategy = \"override\" }]";
    Include include;
    if (const auto* path = entry.as_string()) include.path = path->get();
    if (const toml::table* table = entry.as_table())
      for (const auto& [key, value] : *table) {
        const auto* text = value.as_string();
        if (text && key == "path")
          include.path = text->get();
        else if (text && key == "strategy" && text->get() == "override")
          include.strategy = Strategy::override_keys;
        else if (text && key == "strategy" && text->get() == "add-only")
          include.strategy = Strategy::add_only;
        else if (!text || key != "strategy" || text->get() != "append")
          return wrong(
              value,
              "config_files has \"" + std::string(key.str()) + "\" with what it may not have",
              "a path, and a strategy: append, override or add-only");
      }
    if (include.path.empty()) return wrong(entry, "config_files names no file", example);
    out.push_back(std::move(include));
  }

  void read(const Include& include, const toml::node& named) {
    struct stat st;
    if (::stat(include.path.c_str(), &st) != 0) {
      // A file that is added later is noticed (watch_config_files).
      result_.files.push_back(include.path);
      const toml::source_position at = named.source().begin;
      result_.warnings.push_back({name_, at.line, at.column,
                                  "config_files names " + include.path + ", which is not there",
                                  "make it, or take it out"});
      return;
    }
    result_.files.push_back(include.path);
    if (!S_ISDIR(st.st_mode)) return read_one(include.path, include.strategy);
    for (const std::string& name : names_in(include.path, most_files))
      if (name.ends_with(".toml")) read_one(include.path + "/" + name, include.strategy);
  }

  void read_one(const std::string& path, Strategy strategy) {
    const auto failed = [&](std::uint32_t line, std::uint32_t column, std::string message,
                            std::string hint) {
      result_.errors.push_back({path, line, column, std::move(message), std::move(hint)});
    };
    Result<std::string> text = read_input(path, max_bytes);
    if (!text) return failed(0, 0, text.error().message, "make it readable for the daemon");
    if (text->size() > max_bytes) return failed(0, 0, "is larger than 1 MiB", "split it");
    if (stray_character(*text))
      return failed(0, 0, "is no TOML: a bracket, or what is not ASCII, stands outside of strings",
                    "put values into quotation marks; nothing of the file was read");
    toml::parse_result parsed = toml::parse(*text, path);
    if (!parsed) {
      const toml::parse_error& error = parsed.error();
      return failed(error.source().begin.line, error.source().begin.column,
                    std::string(error.description()), "fix the TOML there");
    }
    toml::table table = std::move(parsed).table();
    if (const toml::node* again = table.get("config_files")) {
      failed(again->source().begin.line, again->source().begin.column,
             "a file that is included cannot include others",
             "name them in the configuration itself");
      table.erase("config_files");
    }
    merge(tree_, std::move(table), strategy, 0);
  }

  // Moved, not copied: a copy does not know its place.
  static void merge(toml::table& into, toml::table&& from, Strategy strategy, unsigned depth) {
    for (auto&& [key, value] : from) {
      toml::node* old = into.get(key);
      if (!old) {
        into.insert_or_assign(key, std::move(value));
        continue;
      }
      if (old->is_table() && value.is_table() && depth < deepest) {
        merge(*old->as_table(), std::move(*value.as_table()), strategy, depth + 1);
      } else if (strategy == Strategy::add_only) {
        continue;
      } else if (old->is_array() && value.is_array() && strategy == Strategy::append) {
        for (toml::node& item : *value.as_array()) old->as_array()->push_back(std::move(item));
      } else {
        into.insert_or_assign(key, std::move(value));
      }
    }
  }

  toml::table& tree_;
  const std::string& name_;
  ConfigResult& result_;
};

}  // namespace

void include_files(toml::table& tree, const std::string& name, ConfigResult& result) {
  Includer(tree, name, result).run();
}

}  // namespace saker::service
