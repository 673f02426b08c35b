// SPDX-License-Identifier: Apache-2.0
#include "arguments.h"

#include <cstdio>

#include "base/nearest.h"

namespace saker::cli {
namespace {

constexpr Option help_option = {'h', "help", "", "print this text"};

const Option* find_long(const Command& command, std::string_view name) {
  if (name == help_option.name) return &help_option;
  for (const Option& option : command.options)
    if (option.name == name) return &option;
  return nullptr;
}

const Option* find_letter(const Command& command, char letter) {
  if (letter == help_option.letter) return &help_option;
  for (const Option& option : command.options)
    if (option.letter != 0 && option.letter == letter) return &option;
  return nullptr;
}

// One option word, with its value from the word itself or from the next one.
class Parser {
 public:
  Parser(const Command& command, std::span<char* const> words) : command_(command), words_(words) {}

  Result<Arguments> run() {
    for (; at_ < words_.size(); at_++) {
      std::string_view word = words_[at_];
      if (word == "--") {
        for (at_++; at_ < words_.size(); at_++) found_.words.emplace_back(words_[at_]);
        break;
      }
      if (word.size() < 2 || word[0] != '-') {
        found_.words.emplace_back(word);
        continue;
      }
      Result<void> done = word[1] == '-' ? take_long(word.substr(2)) : take_short(word.substr(1));
      if (!done) return done.error();
    }
    return std::move(found_);
  }

 private:
  std::string meant(std::string_view name) const {
    Nearest nearest(name);
    for (const Option& option : command_.options) nearest.offer(option.name);
    nearest.offer(help_option.name);
    return nearest.best().empty() ? "" : "; did you mean --" + std::string(nearest.best()) + "?";
  }

  Result<void> take_long(std::string_view word) {
    std::size_t equals = word.find('=');
    std::string_view name = word.substr(0, equals);
    const Option* option = find_long(command_, name);
    if (!option) return Error{"there is no option --" + std::string(name) + meant(name)};
    if (equals == std::string_view::npos) return take(*option, {}, false);
    if (option->value.empty()) return Error{"--" + std::string(name) + " takes no value"};
    return take(*option, word.substr(equals + 1), true);
  }

  Result<void> take_short(std::string_view letters) {
    const Option* option = find_letter(command_, letters[0]);
    if (!option) return Error{"there is no option -" + std::string(1, letters[0])};
    if (option->value.empty() && letters.size() > 1)
      return Error{"-" + std::string(1, letters[0]) + " takes no value, found \"" +
                   std::string(letters.substr(1)) + "\" behind it"};
    return take(*option, letters.substr(1), letters.size() > 1);
  }

  Result<void> take(const Option& option, std::string_view value, bool has_value) {
    if (!option.value.empty() && !option.value_optional() && !has_value) {
      if (at_ + 1 >= words_.size())
        return Error{"--" + std::string(option.name) +
                     " needs a value: " + std::string(option.value)};
      value = words_[++at_];
    }
    found_.set(option.name, std::string(value));
    return {};
  }

  const Command& command_;
  std::span<char* const> words_;
  std::size_t at_ = 0;
  Arguments found_;
};

void append_option(std::string& text, const Option& option) {
  std::string left = option.letter ? std::string("-") + option.letter + ", " : "    ";
  left += "--" + std::string(option.name);
  if (option.value_optional())
    left += std::string(option.value);
  else if (!option.value.empty())
    left += "=" + std::string(option.value);
  left.resize(std::max<std::size_t>(left.size() + 1, 24), ' ');
  text += "  " + left + std::string(option.help) + "\n";
}

}  // namespace

std::string Arguments::value(std::string_view name, std::string_view otherwise) const {
  auto found = options_.find(std::string(name));
  return found == options_.end() ? std::string(otherwise) : found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  auto found = options_.find(std::string(name));
  return found == options_.end() ? std::vector<std::string>() : found->second;
}

Result<Arguments> parse_arguments(const Command& command, std::span<char* const> words) {
  return Parser(command, words).run();
}

std::string help_text(const Command& command) {
  std::string text = "Usage: saker " + std::string(command.name);
  if (!command.synopsis.empty()) text += " " + std::string(command.synopsis);
  text += "\n\n" + std::string(command.text) + "\nOptions:\n";
  for (const Option& option : command.options) append_option(text, option);
  append_option(text, help_option);
  return text;
}

int usage_error(const Command& command, std::string_view message) {
  std::fprintf(stderr, "saker %.*s: %.*s\nTry: saker %.*s --help\n",
               static_cast<int>(command.name.size()), command.name.data(),
               static_cast<int>(message.size()), message.data(),
               static_cast<int>(command.name.size()), command.name.data());
  return exit_usage;
}

}  // namespace saker::cli
