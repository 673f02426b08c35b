// SPDX-License-Identifier: Apache-2.0
// The labels of a container as one text: pairs of key and value, each terminated by NUL. Pure
// functions, any thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace saker::enrich {

// The author of an image chooses its labels, and JSON can contain a NUL. It is written as U+FFFD,
// so that no text can end a pair early and turn its rest into another label.
inline void append_label_text(std::string& labels, std::string_view text) {
  for (std::size_t end; (end = text.find('\0')) != std::string_view::npos;
       text.remove_prefix(end + 1))
    labels.append(text.substr(0, end)).append("\xEF\xBF\xBD");
  labels.append(text).push_back('\0');
}

inline void append_label(std::string& labels, std::string_view key, std::string_view value) {
  append_label_text(labels, key);
  append_label_text(labels, value);
}

// Calls `call` with each text of a list in which a NUL ends each.
template <typename Call>
void each_text(std::string_view texts, Call call) {
  for (std::size_t end; !texts.empty(); texts.remove_prefix(std::min(end + 1, texts.size()))) {
    end = std::min(texts.find('\0'), texts.size());
    call(texts.substr(0, end));
  }
}

// Calls `call` with each key and value until it returns true. Accepts any bytes; a key without a
// value has an empty one.
template <typename Call>
void each_label(std::string_view labels, Call call) {
  auto next = [&labels] {
    std::string_view text = labels.substr(0, labels.find('\0'));
    labels.remove_prefix(std::min(text.size() + 1, labels.size()));
    return text;
  };
  while (!labels.empty()) {
    std::string_view key = next();
    if (call(key, next())) return;
  }
}

}  // namespace saker::enrich
