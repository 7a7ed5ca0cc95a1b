#include "base/prometheus_text.h"

#include <charconv>

#include "base/check.h"

namespace tidemark {
namespace {

void append_escaped(std::string* out, std::string_view value) {
  for (const char c : value) {
    if (c == '\\' || c == '"') *out += '\\';
    if (c == '\n') {
      *out += "\\n";
    } else {
      *out += c;
    }
  }
}

std::string text_of(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

}  // namespace

void PrometheusText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(1, ' ').append(help).append(1, '\n');
  text_.append("# TYPE ").append(name).append(1, ' ').append(type).append(1, '\n');
}

void PrometheusText::add(std::string_view suffix, std::initializer_list<Label> labels, std::string_view bound,
                         std::string_view value) {
  text_.append(name_).append(suffix);
  bool is_first = true;
  const auto add_label = [&](std::string_view name, std::string_view text) {
    text_.append(is_first ? "{" : ",").append(name).append("=\"");
    append_escaped(&text_, text);
    text_ += '"';
    is_first = false;
  };
  for (const auto& [name, text] : labels) add_label(name, text);
  if (!bound.empty()) add_label("le", bound);
  if (!is_first) text_ += '}';
  text_.append(1, ' ').append(value).append(1, '\n');
}

void PrometheusText::sample(std::initializer_list<Label> labels, double value) {
  add({}, labels, {}, text_of(value));
}

void PrometheusText::sample(std::initializer_list<Label> labels, std::uint64_t value) {
  add({}, labels, {}, std::to_string(value));
}

void PrometheusText::histogram(std::initializer_list<Label> labels, std::span<const double> bounds,
                               std::span<const std::uint64_t> counts, double sum) {
  INVARIANT(counts.size() == bounds.size() + 1);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    total += counts[i];
    add("_bucket", labels, text_of(bounds[i]), std::to_string(total));
  }
  total += counts.back();
  add("_bucket", labels, "+Inf", std::to_string(total));
  add("_sum", labels, {}, text_of(sum));
  add("_count", labels, {}, std::to_string(total));
}

}  // namespace tidemark
