#include "admin/bill/usage.h"

#include <utility>

namespace tidemark::admin {

Usage since(const Usage& later, const Usage& earlier) {
  // Sums of fractions do not cancel out to the last digit.
  constexpr double kNothing = 1e-12;
  Usage difference;
  for (const auto& [key, quantity] : later) {
    const auto before = earlier.find(key);
    const double more = quantity - (before == earlier.end() ? 0 : before->second);
    if (more > kNothing * quantity) difference.emplace_hint(difference.end(), key, more);
  }
  return difference;
}

Usage narrowed(const Usage& usage, const UsageFilter& filter) {
  Usage rest;
  for (const auto& [key, quantity] : usage) {
    if (filter.label && key.label != *filter.label) continue;
    if (filter.account && key.account != *filter.account) continue;
    UsageKey plain = key;
    plain.label.clear();
    rest[std::move(plain)] += quantity;
  }
  return rest;
}

}  // namespace tidemark::admin
