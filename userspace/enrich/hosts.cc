// SPDX-License-Identifier: Apache-2.0
#include "enrich/hosts.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/file.h"

namespace saker::enrich {
namespace {

constexpr std::size_t largest = 16 << 20;  // size of a file in bytes
constexpr std::string_view blanks = " \t\r";

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  std::string_view word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

// As bytes; empty if it is not an address.
std::string read_address(std::string_view text) {
  unsigned char bytes[16];
  std::string closed(text);
  for (auto [family, size] : {std::pair{AF_INET, 4u}, std::pair{AF_INET6, 16u}})
    if (inet_pton(family, closed.c_str(), bytes) == 1)
      return {reinterpret_cast<const char*>(bytes), size};
  return {};
}

}  // namespace

Result<Hosts> Hosts::read(const std::string& path, std::span<const std::string_view> asked) {
  Result<std::string> text = read_file(path, largest);
  if (!text) return text.error();
  return of(*text, asked);
}

Hosts Hosts::of(std::string_view text, std::span<const std::string_view> asked) {
  Hosts made;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find('#'));
    std::string address = read_address(next_word(line));
    if (address.empty()) continue;
    for (std::string_view name = next_word(line); !name.empty(); name = next_word(line))
      if (std::find(asked.begin(), asked.end(), name) != asked.end())
        made.names_[address].emplace_back(name);
  }
  return made;
}

std::span<const std::string> Hosts::names(std::string_view address) const {
  auto found = names_.find(std::string(address));
  return found == names_.end() ? std::span<const std::string>() : std::span(found->second);
}

}  // namespace saker::enrich
