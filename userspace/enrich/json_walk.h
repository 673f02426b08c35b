// SPDX-License-Identifier: Apache-2.0
// JSON of any size that somebody else wrote, without a tree of it: each text and each boolean is
// shown once, with its path. A file of megabytes costs no more memory than its own bytes. Pure, any
// thread.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace saker::enrich {

class JsonPath {
 public:
  // Whether it has just these keys; "*" is any key, or any place in an array.
  bool is(std::initializer_list<std::string_view> keys) const;
  std::size_t size() const { return steps_.size(); }
  // Of an object; "" of an array.
  const std::string& key(std::size_t depth) const { return steps_[depth].key; }
  // Of an array, from 0.
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
  std::string_view text;  // "" of a boolean
  bool is_text = true, yes = false;
};

// True: it was JSON to its end, and an object or array. What was shown before an error counts for
// nothing then.
bool walk_json(std::string_view json, const std::function<void(const JsonLeaf&)>& leaf);

}  // namespace saker::enrich
