// SPDX-License-Identifier: Apache-2.0
// Walks JSON of any size that somebody else wrote, without building a tree: each text and each
// boolean is shown once, with its path. A file of megabytes costs no more memory than its own
// bytes. Pure, any thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace saker::enrich {

class JsonPath {
 public:
  // Whether the path has exactly these keys; "*" matches any key, or any index of an array.
  bool is(std::initializer_list<std::string_view> keys) const;
  std::size_t size() const { return steps_.size(); }
  // The key in an object; "" in an array.
  const std::string& key(std::size_t depth) const { return steps_[depth].key; }
  // The index in an array, from 0.
  std::size_t index(std::size_t depth) const { return steps_[depth].index; }

 private:
  friend class JsonWalk;
  struct Step {
    bool array = false;
    std::size_t index = 0;
    std::string key;
  };
  std::vector<Step> steps_;
};

struct JsonLeaf {
  const JsonPath& path;
  std::string_view text;  // "" for a boolean
  bool is_text = true, yes = false;
};

// True if the whole text was JSON, and an object or array. Otherwise the caller must ignore what
// was shown before the error.
bool walk_json(std::string_view json, const std::function<void(const JsonLeaf&)>& leaf);

}  // namespace saker::enrich
