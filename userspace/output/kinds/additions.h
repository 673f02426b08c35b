// SPDX-License-Identifier: Apache-2.0
// What an output adds to every alert: custom fields, templated fields, tags, another text of the
// message, field names without brackets. Names and meaning are Falcosidekick's. One thread at a
// time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "output/kinds/document.h"
#include "output/kinds/kind.h"
#include "output/kinds/template.h"

namespace saker::output {

// The keys that every kind has, except kinds that send only lines.
std::vector<Key> addition_keys();
// The errors in their values.
void check_additions(const Settings& settings, std::vector<Problem>& out);

class Additions {
 public:
  // `settings` must be checked.
  explicit Additions(const Settings& settings);

  void apply(Document& document) const;
  bool empty() const {
    return custom_.empty() && templated_.empty() && tags_.empty() && output_format_.empty() &&
           bracket_replacer_.empty();
  }

 private:
  std::string message(const Document& document, const std::string& custom,
                      const std::string& templated) const;

  Pairs custom_;
  std::vector<std::pair<std::string, Template>> templated_;
  Texts tags_;
  std::string output_format_, bracket_replacer_;
};

// The data of an alert that templates can use; only members with these names.
Node node_of(const Document& document, const Names& names = {.used = {}, .any = true});
// The same without reading the alert's JSON, if that is complete and none of its members is looked
// up by itself: much faster. Nothing: it has to be read.
std::optional<Node> brief_node_of(const Alert& alert, const Names& names);
// ... and the output's settings, as .Config.
Node node_of(const Settings& settings);

}  // namespace saker::output
