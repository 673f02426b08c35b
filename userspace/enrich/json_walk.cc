// SPDX-License-Identifier: Apache-2.0
#include "enrich/json_walk.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace saker::enrich {
namespace {

// No runtime nests deeper.
constexpr std::size_t max_depth = 64;

using Json = nlohmann::json;

}  // namespace

bool JsonPath::is(std::initializer_list<std::string_view> keys) const {
  if (keys.size() != steps_.size()) return false;
  const Step* step = steps_.data();
  return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
    const Step& at = *step++;
    return key == "*" || (!at.array && at.key == key);
  });
}

class JsonWalk final : public nlohmann::json_sax<Json> {
 public:
  explicit JsonWalk(const std::function<void(const JsonLeaf&)>& leaf) : leaf_(leaf) {}

  bool null() override { return passed(); }
  bool number_integer(number_integer_t) override { return passed(); }
  bool number_unsigned(number_unsigned_t) override { return passed(); }
  bool number_float(number_float_t, const string_t&) override { return passed(); }
  bool binary(binary_t&) override { return false; }
  bool boolean(bool value) override {
    if (path_.steps_.empty()) return false;
    leaf_({path_, "", false, value});
    return passed();
  }
  bool string(string_t& value) override {
    if (path_.steps_.empty()) return false;
    leaf_({path_, value, true, false});
    return passed();
  }
  bool key(string_t& value) override {
    path_.steps_.back().key = std::move(value);
    return true;
  }
  bool start_object(std::size_t) override { return deeper(false); }
  bool start_array(std::size_t) override { return deeper(true); }
  bool end_object() override { return up(); }
  bool end_array() override { return up(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool deeper(bool array) {
    if (path_.steps_.size() >= max_depth) return false;
    path_.steps_.push_back({array, 0, {}});
    return true;
  }
  bool up() {
    path_.steps_.pop_back();
    return path_.steps_.empty() || passed();
  }
  // A value has ended. A value that is the whole text is not an object or array, so it is not used.
  bool passed() {
    if (path_.steps_.empty()) return false;
    if (path_.steps_.back().array) path_.steps_.back().index++;
    return true;
  }

  const std::function<void(const JsonLeaf&)>& leaf_;
  JsonPath path_;
};

bool walk_json(std::string_view json, const std::function<void(const JsonLeaf&)>& leaf) {
  JsonWalk walk(leaf);
  return Json::sax_parse(json.begin(), json.end(), &walk);
}

}  // namespace saker::enrich
