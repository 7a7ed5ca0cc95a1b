// Metrics as Prometheus reads them, version 0.0.4 of its text format.
// Source: "Exposition formats" of the Prometheus documentation.
//
// Debian has a client library for C++ (prometheus-cpp), but no archive of it to link statically, and its
// metrics are shared between threads; here each thread counts for itself, and what is left is this text.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace tidemark {

class PrometheusText {
 public:
  using Label = std::pair<std::string_view, std::string_view>;

  // Begins a metric; its samples follow. `type` is `counter`, `gauge` or `histogram`.
  void begin(std::string_view name, std::string_view type, std::string_view help);
  // These are samples of the metric that was begun last.
  void sample(std::initializer_list<Label> labels, double value);
  void sample(std::initializer_list<Label> labels, std::uint64_t value);
  // `counts[i]` are those up to `bounds[i]` and above the bound before; the last one those above all bounds.
  void histogram(std::initializer_list<Label> labels, std::span<const double> bounds,
                 std::span<const std::uint64_t> counts, double sum);

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(std::string_view suffix, std::initializer_list<Label> labels, std::string_view bound,
           std::string_view value);

  std::string name_;
  std::string text_;
};

}  // namespace tidemark
