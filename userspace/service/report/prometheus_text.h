// SPDX-License-Identifier: Apache-2.0
// Metrics in Prometheus's text format 0.0.4. Values of labels may be anything: they are escaped.
// One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace saker::service {

class PrometheusText {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  static constexpr std::string_view type = "text/plain; version=0.0.4; charset=utf-8";

  // Begins a metric; its samples follow. A counter's name ends with _total.
  void counter(std::string_view name, std::string_view help) { begin(name, help, "counter"); }
  void gauge(std::string_view name, std::string_view help) { begin(name, help, "gauge"); }
  // Its samples have names that end in _bucket, _sum and _count.
  void histogram(std::string_view name, std::string_view help) { begin(name, help, "histogram"); }
  // `bounds` in seconds, `counts` of what is up to each and above the one before, and one more.
  void distribution(std::span<const double> bounds, std::span<const std::uint64_t> counts,
                    double sum, const Labels& labels);
  void sample(std::uint64_t value, const Labels& labels = {});
  void sample(double value, const Labels& labels = {});

  const std::string& text() const { return text_; }

 private:
  void begin(std::string_view name, std::string_view help, std::string_view kind);
  void sample_text(const std::string& value, const Labels& labels, std::string_view suffix = "");

  std::string name_, text_;
};

// Turns any text into the name of a label: characters that are not allowed become '_'.
std::string label_name(std::string_view text);

}  // namespace saker::service
