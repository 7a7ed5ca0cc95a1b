#include "model/vector.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "model/canonical_text.h"
#include "model/number.h"

namespace tidemark::model {
namespace {

static_assert(sizeof(float) == kBytesPerDimension);

float float_at(std::string_view floats, std::size_t position) {
  float value = 0;
  std::memcpy(&value, floats.data() + position * kBytesPerDimension, sizeof value);
  return value;
}

double dot_product(std::string_view a, std::string_view b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size() / kBytesPerDimension; ++i) {
    sum += static_cast<double>(float_at(a, i)) * static_cast<double>(float_at(b, i));
  }
  return sum;
}

double squared_distance(std::string_view a, std::string_view b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size() / kBytesPerDimension; ++i) {
    const double difference = static_cast<double>(float_at(a, i)) - static_cast<double>(float_at(b, i));
    sum += difference * difference;
  }
  return sum;
}

double cosine_distance(std::string_view a, std::string_view b) {
  const double lengths = std::sqrt(dot_product(a, a)) * std::sqrt(dot_product(b, b));
  if (lengths == 0) return 1;
  return std::clamp(1 - dot_product(a, b) / lengths, 0.0, 2.0);
}

}  // namespace

std::string_view distance_function_name(DistanceFunction function) {
  static constexpr std::array<std::string_view, 3> kNames = {"COSINE", "EUCLIDEAN", "DOT_PRODUCT"};
  return kNames[static_cast<std::size_t>(function)];
}

bool append_float(std::string* floats, std::string_view number) {
  double wide = 0;
  const char* const end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, wide);
  if (stop != end || error != std::errc{}) return false;
  if (std::abs(wide) > std::numeric_limits<float>::max()) return false;
  const auto value = static_cast<float>(wide);
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  floats->append(bytes, sizeof bytes);
  return true;
}

bool append_vector(std::string* floats, std::string_view value_text, std::uint32_t dimensions) {
  const std::size_t before = floats->size();
  const auto refuse = [&] {
    floats->resize(before);
    return false;
  };
  if (!take_literal(&value_text, R"({"L":[)")) return refuse();
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    if (i > 0 && !take_literal(&value_text, ",")) return refuse();
    const auto element = take_value_text(&value_text);
    const auto scalar = element ? scalar_text(*element) : std::nullopt;
    if (!scalar || scalar->type != AttributeType::kNumber || !append_float(floats, scalar->raw)) {
      return refuse();
    }
  }
  return value_text == "]}" || refuse();
}

void append_vector_text(std::string* out, std::string_view floats) {
  *out += R"({"L":[)";
  for (std::size_t i = 0; i < floats.size() / kBytesPerDimension; ++i) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, float_at(floats, i));
    INVARIANT(error == std::errc{});
    const auto number = Number::parse({digits, static_cast<std::size_t>(end - digits)});
    INVARIANT(number.has_value());
    *out += i > 0 ? R"(,{"N":")" : R"({"N":")";
    number->append_to(out);
    *out += R"("})";
  }
  *out += "]}";
}

double vector_score(DistanceFunction function, std::string_view a, std::string_view b) {
  INVARIANT(a.size() == b.size());
  switch (function) {
    case DistanceFunction::kCosine:
      return cosine_distance(a, b);
    case DistanceFunction::kEuclidean:
      return std::sqrt(squared_distance(a, b));
    case DistanceFunction::kDotProduct:
      break;
  }
  return dot_product(a, b);
}

bool is_nearer(DistanceFunction function, double score, double other) {
  return function == DistanceFunction::kDotProduct ? score > other : score < other;
}

}  // namespace tidemark::model
