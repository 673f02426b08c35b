// SPDX-License-Identifier: Apache-2.0
#include "scap/convert.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace saker::scap {
namespace {

struct Row {
  std::uint16_t type;
  std::uint16_t count;
  std::uint16_t target;
  const char* recipe;
};

constexpr Row rows[] = {
#define SCAP_CONVERT(type, count, target, recipe) {type, count, target, recipe},
#include "scap/convert.def"
};

// A chain of versions is shorter than this; a table with a circular chain must end.
constexpr int most_steps = 50;

const Row* find_row(std::uint16_t type, unsigned count) {
  // Rows are sorted by type.
  const Row* row = std::lower_bound(std::begin(rows), std::end(rows), type,
                                    [](const Row& each, std::uint16_t t) { return each.type < t; });
  for (; row != std::end(rows) && row->type == type; row++)
    if (row->count == count) return row;
  return nullptr;
}

constexpr char zeros[16] = {};
constexpr char nobody[4] = {'\xff', '\xff', '\xff', '\xff'};

Param default_param(char letter) {
  if (letter == 'g') return {nobody, sizeof nobody};
  return {zeros, param_size(letter)};
}

Param cut(Param param, char letter) {
  unsigned size = param_size(letter);
  if (size && param.length > size) param.length = size;
  return param;
}

unsigned read_number(const char*& at) {
  unsigned number = 0;
  while (std::isdigit(static_cast<unsigned char>(*at)))
    number = number * 10 + static_cast<unsigned>(*at++ - '0');
  return number;
}

void append_json_text(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

bool Converter::convert(CaptureEvent& event) {
  for (int step = 0; step < most_steps; step++) {
    const TypeInfo& info = event.info();
    if (info.flags & unused) return false;
    if (!(info.flags & managed)) return !(info.flags & obsolete);
    bool complete = event.count >= info.params.size();
    if (is_exit(event.type) && complete && !(info.flags & obsolete)) return true;
    const Row* row = find_row(event.type, event.count);
    if (!row) {
      odd_++;
      return is_exit(event.type) && !(info.flags & obsolete);
    }
    std::string_view recipe = row->recipe;
    if (recipe.starts_with("store")) {
      keep(event);
      return recipe == "store pass";
    }
    if (recipe == "pass") return true;
    rewrite(event, row->target, row->recipe);
  }
  odd_++;
  return false;
}

void Converter::keep(const CaptureEvent& event) {
  Kept& kept = kept_[event.tid];
  kept.type = event.type;
  kept.count = event.count;
  kept.filled = true;
  kept.bytes.clear();
  for (unsigned i = 0; i < event.count; i++) {
    kept.lengths[i] = event.params[i].length;
    if (event.params[i].length) kept.bytes.append(event.params[i].at, event.params[i].length);
  }
}

Converter::Kept* Converter::kept_for(const CaptureEvent& event) {
  std::unordered_map<std::int64_t, Kept>::iterator found = kept_.find(event.tid);
  if (found == kept_.end() || !found->second.filled) return nullptr;
  if (found->second.type + 1 != event.type) {
    odd_++;
    return nullptr;
  }
  return &found->second;
}

std::string Converter::container_json(const CaptureEvent& event) const {
  std::string out = "{\"id\":";
  append_json_text(out, event.text(0));
  out += ",\"type\":" + std::to_string(event.u32(1)) + ",\"name\":";
  append_json_text(out, event.text(2));
  out += ",\"image\":";
  append_json_text(out, event.text(3));
  out += "}";
  out += '\0';
  return out;
}

void Converter::rewrite(CaptureEvent& event, std::uint16_t target, const char* recipe) {
  std::string_view letters = type_info(target).params;
  std::array<Param, most_params> made;
  unsigned count = 0;
  std::array<Param, most_params> enter;
  unsigned enter_count = 0;
  bool looked = false;

  for (const char* at = recipe; *at && count < letters.size();) {
    char letter = letters[count];
    if (*at == ' ') {
      at++;
    } else if (*at == 'o') {
      unsigned first = read_number(++at), last = first;
      if (*at == '-') last = read_number(++at);
      for (unsigned i = first; i <= last && count < letters.size(); i++, count++)
        made[count] = cut(i < event.count ? event.params[i] : Param{}, letters[count]);
    } else if (*at == 'e') {
      unsigned index = read_number(++at);
      bool empty_if_none = *at == '?';
      if (empty_if_none) at++;
      if (!looked) {
        looked = true;
        if (Kept* kept = kept_for(event)) {
          used_.swap(kept->bytes);
          kept->filled = false;
          std::size_t offset = 0;
          enter_count = kept->count;
          for (unsigned i = 0; i < enter_count; i++) {
            enter[i] = {used_.data() + offset, kept->lengths[i]};
            offset += kept->lengths[i];
          }
        }
      }
      if (index < enter_count)
        made[count++] = cut(enter[index], letter);
      else
        made[count++] = empty_if_none ? Param{} : default_param(letter);
    } else if (*at == '0') {
      at++;
      made[count++] = default_param(letter);
    } else if (*at == '-') {
      at++;
      made[count++] = {};
    } else {
      json_ = container_json(event);
      made[count++] = {json_.data(), static_cast<std::uint32_t>(json_.size())};
      break;
    }
  }
  event.type = target;
  event.params = made;
  event.count = count;
}

}  // namespace saker::scap
