// SPDX-License-Identifier: Apache-2.0
#include "service/report/prometheus_text.h"

#include <cstdio>

#include "output/escape.h"

namespace saker::service {
namespace {

// Invisible characters and invalid UTF-8 are made visible; then the three characters of the format
// are escaped.
void append_value(std::string& out, std::string_view raw) {
  std::string shown;
  output::append_shown(shown, raw);
  for (const char c : shown) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

std::string real_text(double value) {
  char text[40];
  std::snprintf(text, sizeof(text), "%.6f", value);
  return text;
}

}  // namespace

void PrometheusText::begin(std::string_view name, std::string_view help, std::string_view kind) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help);
  text_.append("\n# TYPE ").append(name).append(" ").append(kind).append("\n");
}

void PrometheusText::sample(std::uint64_t value, const Labels& labels) {
  sample_text(std::to_string(value), labels);
}

void PrometheusText::sample(double value, const Labels& labels) {
  sample_text(real_text(value), labels);
}

void PrometheusText::distribution(std::span<const double> bounds,
                                  std::span<const std::uint64_t> counts, double sum,
                                  const Labels& labels) {
  Labels with = labels;
  with.emplace_back("le", "");
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < counts.size(); i++) {
    count += counts[i];
    char bound[40] = "+Inf";
    if (i < bounds.size()) std::snprintf(bound, sizeof(bound), "%g", bounds[i]);
    with.back().second = bound;
    sample_text(std::to_string(count), with, "_bucket");
  }
  sample_text(real_text(sum), labels, "_sum");
  sample_text(std::to_string(count), labels, "_count");
}

void PrometheusText::sample_text(const std::string& value, const Labels& labels,
                                 std::string_view suffix) {
  text_.append(name_).append(suffix);
  for (std::size_t i = 0; i < labels.size(); i++) {
    text_.append(i ? "," : "{").append(labels[i].first).append("=\"");
    append_value(text_, labels[i].second);
    text_ += '"';
  }
  if (!labels.empty()) text_ += '}';
  text_.append(" ").append(value).append("\n");
}

std::string label_name(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const bool may = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!may) c = '_';
  }
  return out;
}

}  // namespace saker::service
