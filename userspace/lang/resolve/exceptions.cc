// SPDX-License-Identifier: Apache-2.0
#include "lang/resolve/exceptions.h"

#include <string>
#include <vector>

namespace saker::lang {
namespace {

bool starts_quoted(const std::string& text) {
  return !text.empty() && (text[0] == '"' || text[0] == '\'');
}

// A value with spaces is quoted. Nothing in it is escaped, so it may be a list's name, val() or a
// transformer.
void append_value(MappedText& to, const TextAt& value) {
  const bool quotes = value.text.find(' ') != std::string::npos && !starts_quoted(value.text);
  to.append_for(quotes ? '"' + value.text + '"' : value.text, value.origin);
}

class ExceptionWriter {
 public:
  ExceptionWriter(const CollectedRule& rule, Report& report) : rule_(rule), report_(report) {}

  MappedText run() {
    MappedText text;
    for (const ExceptionEntry& exception : rule_.exceptions) {
      const MappedText generated =
          exception.scalar_fields ? scalar_form(exception) : list_form(exception);
      if (generated.empty()) continue;
      if (text.empty()) {
        text.append_for("(", rule_.condition.origin(0));
        text.append(rule_.condition);
        text.append_for(")", exception.name.origin);
      }
      text.append_for(" and not ", exception.name.origin);
      text.append(generated);
    }
    return text.empty() ? rule_.condition : text;
  }

 private:
  void fail(const ExceptionEntry& exception, SourcePlace at, std::string message,
            std::string hint) {
    report_.add({Code::validate,
                 at,
                 "exception '" + exception.name.text + "': " + std::move(message),
                 std::move(hint),
                 {{"rule", rule_.name.text, rule_.origin},
                  {"exception", exception.name.text, exception.name.origin},
                  {"exception values", "", at}},
                 {}});
  }

  MappedText scalar_form(const ExceptionEntry& exception) {
    MappedText text;
    const SourcePlace at = exception.name.origin;
    for (const ExceptionEntry::Tuple& tuple : exception.values) {
      if (!tuple.scalar) {
        fail(exception, tuple.origin, "a value is a list, but 'fields' is one field",
             "write the values as plain texts, or 'fields' as a list");
        continue;
      }
      text.append_for(text.empty() ? "(" : ", ", at);
      append_value(text, tuple.values[0].items[0]);
    }
    if (text.empty()) return text;
    MappedText whole;
    whole.append_for("(", at);
    whole.append_for(exception.fields[0].text, exception.fields[0].origin);
    whole.append_for(" " + exception.comps[0].text + " ", exception.comps[0].origin);
    whole.append(text);
    whole.append_for("))", at);
    return whole;
  }

  MappedText list_form(const ExceptionEntry& exception) {
    MappedText text;
    const SourcePlace at = exception.name.origin;
    for (const ExceptionEntry::Tuple& tuple : exception.values) {
      if (tuple.scalar || tuple.values.size() != exception.fields.size()) {
        fail(exception, tuple.origin,
             "a tuple has " + std::to_string(tuple.values.size()) + " values for " +
                 std::to_string(exception.fields.size()) + " fields",
             "write it as [VALUE, ...] with one value for each field");
        continue;
      }
      text.append_for(text.empty() ? "((" : " or (", at);
      for (std::size_t i = 0; i < tuple.values.size(); ++i) {
        if (i != 0) text.append_for(" and ", at);
        append_comparison(text, exception, i, tuple.values[i]);
      }
      text.append_for(")", at);
    }
    if (!text.empty()) text.append_for(")", at);
    return text;
  }

  void append_comparison(MappedText& text, const ExceptionEntry& exception, std::size_t i,
                         const ExceptionEntry::Value& value) {
    const TextAt& comp = exception.comps[i];
    text.append_for(exception.fields[i].text, exception.fields[i].origin);
    text.append_for(" " + comp.text + " ", comp.origin);
    const bool wants_list = classify_exception_op(comp.text).takes_list;
    if (!value.list) {
      const TextAt& item = value.items[0];
      const bool parenthesised = !item.text.empty() && item.text[0] == '(';
      if (parenthesised) {
        text.append_for(item.text, item.origin);
        return;
      }
      if (wants_list) text.append_for("(", item.origin);
      append_value(text, item);
      if (wants_list) text.append_for(")", item.origin);
      return;
    }
    text.append_for("(", value.origin);
    for (std::size_t k = 0; k < value.items.size(); ++k) {
      if (k != 0) text.append_for(", ", value.items[k].origin);
      append_value(text, value.items[k]);
    }
    text.append_for(")", value.origin);
  }

  const CollectedRule& rule_;
  Report& report_;
};

}  // namespace

MappedText condition_with_exceptions(const CollectedRule& rule, Report& report) {
  return ExceptionWriter(rule, report).run();
}

}  // namespace saker::lang
