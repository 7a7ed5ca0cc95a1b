#include "base/auth/policy/condition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <ctime>

#include "base/address.h"
#include "base/http_message.h"

namespace tidemark::auth {
namespace {

struct OperatorRow {
  std::string_view name;
  Comparison comparison;
  bool negated = false;
};

constexpr OperatorRow kOperators[] = {
    {"StringEquals", Comparison::kStringEquals},
    {"StringNotEquals", Comparison::kStringEquals, true},
    {"StringEqualsIgnoreCase", Comparison::kStringEqualsIgnoreCase},
    {"StringNotEqualsIgnoreCase", Comparison::kStringEqualsIgnoreCase, true},
    {"StringLike", Comparison::kStringLike},
    {"StringNotLike", Comparison::kStringLike, true},
    {"NumericEquals", Comparison::kNumericEquals},
    {"NumericNotEquals", Comparison::kNumericEquals, true},
    {"NumericLessThan", Comparison::kNumericLess},
    {"NumericLessThanEquals", Comparison::kNumericLessEquals},
    {"NumericGreaterThan", Comparison::kNumericGreater},
    {"NumericGreaterThanEquals", Comparison::kNumericGreaterEquals},
    {"DateEquals", Comparison::kDateEquals},
    {"DateNotEquals", Comparison::kDateEquals, true},
    {"DateLessThan", Comparison::kDateLess},
    {"DateLessThanEquals", Comparison::kDateLessEquals},
    {"DateGreaterThan", Comparison::kDateGreater},
    {"DateGreaterThanEquals", Comparison::kDateGreaterEquals},
    {"Bool", Comparison::kBool},
    {"BinaryEquals", Comparison::kBinaryEquals},
    {"IpAddress", Comparison::kIpAddress},
    {"NotIpAddress", Comparison::kIpAddress, true},
    {"ArnEquals", Comparison::kArnLike},
    {"ArnLike", Comparison::kArnLike},
    {"ArnNotEquals", Comparison::kArnLike, true},
    {"ArnNotLike", Comparison::kArnLike, true},
    {"Null", Comparison::kNull},
};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// Takes `count` digits from the front.
std::optional<int> take_digits(std::string_view* text, std::size_t count) {
  if (text->size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text->substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text->remove_prefix(count);
  return value;
}

bool take(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// The rest behind the minutes: seconds, fraction, zone. Returns what to add to the seconds.
std::optional<double> take_seconds_and_zone(std::string_view* text) {
  double seconds = 0;
  if (take(text, ':')) {
    const auto whole = take_digits(text, 2);
    if (!whole) return std::nullopt;
    seconds = *whole;
    if (take(text, '.')) {
      double unit = 0.1;
      for (; !text->empty() && text->front() >= '0' && text->front() <= '9'; text->remove_prefix(1)) {
        seconds += unit * (text->front() - '0');
        unit /= 10;
      }
    }
  }
  if (text->empty() || take(text, 'Z')) return seconds;
  const double sign = text->front() == '-' ? 1 : -1;
  if (!take(text, '+') && !take(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  take(text, ':');
  const auto minutes = take_digits(text, 2);
  if (!hours || !minutes) return std::nullopt;
  return seconds + sign * (*hours * 3600 + *minutes * 60);
}

// Seconds since 1970: from a number, `2026-01-01` or `2026-01-01T00:00[:00[.0]][Z|+00:00]`.
std::optional<double> date(std::string_view text) {
  if (const auto seconds = number(text)) return seconds;
  std::tm time{};
  const auto year = take_digits(&text, 4);
  if (!year || !take(&text, '-')) return std::nullopt;
  const auto month = take_digits(&text, 2);
  if (!month || *month < 1 || *month > 12 || !take(&text, '-')) return std::nullopt;
  const auto day = take_digits(&text, 2);
  if (!day || *day < 1 || *day > 31) return std::nullopt;
  time.tm_year = *year - 1900;
  time.tm_mon = *month - 1;
  time.tm_mday = *day;
  double rest = 0;
  if (take(&text, 'T')) {
    const auto hour = take_digits(&text, 2);
    if (!hour || *hour > 24 || !take(&text, ':')) return std::nullopt;
    const auto minute = take_digits(&text, 2);
    const auto seconds = minute ? take_seconds_and_zone(&text) : std::nullopt;
    if (!seconds) return std::nullopt;
    rest = *hour * 3600.0 + *minute * 60.0 + *seconds;
  }
  if (!text.empty()) return std::nullopt;
  return static_cast<double>(::timegm(&time)) + rest;
}

bool compare_numbers(Comparison comparison, double value, double limit) {
  switch (comparison) {
    case Comparison::kNumericLess:
    case Comparison::kDateLess:
      return value < limit;
    case Comparison::kNumericLessEquals:
    case Comparison::kDateLessEquals:
      return value <= limit;
    case Comparison::kNumericGreater:
    case Comparison::kDateGreater:
      return value > limit;
    case Comparison::kNumericGreaterEquals:
    case Comparison::kDateGreaterEquals:
      return value >= limit;
    default:
      return value == limit;
  }
}

bool has_six_components(std::string_view arn) { return std::count(arn.begin(), arn.end(), ':') >= 5; }

bool fits(Comparison comparison, const std::string& value, const PolicyText& wanted,
          const ConditionKeys& keys) {
  if (comparison == Comparison::kStringLike) return wanted.matches(value, keys);
  if (comparison == Comparison::kArnLike) return has_six_components(value) && wanted.matches(value, keys);
  const auto text = wanted.expand(keys);
  if (!text) return false;
  switch (comparison) {
    case Comparison::kStringEquals:
    case Comparison::kBinaryEquals:
      return value == *text;
    case Comparison::kStringEqualsIgnoreCase:
    case Comparison::kBool:
      return http::equal_ignoring_case(value, *text);
    case Comparison::kIpAddress: {
      const auto range = parse_address_range(*text);
      const auto address = parse_address_range(value);
      return range && address && range->contains(*address);
    }
    case Comparison::kDateEquals:
    case Comparison::kDateLess:
    case Comparison::kDateLessEquals:
    case Comparison::kDateGreater:
    case Comparison::kDateGreaterEquals: {
      const auto limit = date(*text);
      const auto given = date(value);
      return limit && given && compare_numbers(comparison, *given, *limit);
    }
    default: {
      const auto limit = number(*text);
      const auto given = number(value);
      return limit && given && compare_numbers(comparison, *given, *limit);
    }
  }
}

}  // namespace

std::optional<ConditionOperator> parse_condition_operator(std::string_view name) {
  ConditionOperator op;
  constexpr std::string_view kAll = "ForAllValues:";
  constexpr std::string_view kAny = "ForAnyValue:";
  constexpr std::string_view kIfExists = "IfExists";
  if (name.starts_with(kAll)) {
    op.set = SetOperator::kForAllValues;
    name.remove_prefix(kAll.size());
  } else if (name.starts_with(kAny)) {
    op.set = SetOperator::kForAnyValue;
    name.remove_prefix(kAny.size());
  }
  if (name.ends_with(kIfExists)) {
    op.if_exists = true;
    name.remove_suffix(kIfExists.size());
  }
  for (const OperatorRow& row : kOperators) {
    if (row.name != name) continue;
    op.comparison = row.comparison;
    op.negated = row.negated;
    // Null asks itself whether the key is there.
    if (op.comparison == Comparison::kNull && (op.if_exists || op.set != SetOperator::kNone)) {
      return std::nullopt;
    }
    return op;
  }
  return std::nullopt;
}

bool Condition::holds(const ConditionKeys& keys) const {
  const auto given = keys.values(key);
  const bool is_there = given && !given->empty();
  if (op.comparison == Comparison::kNull) {
    return std::any_of(values.begin(), values.end(), [&](const PolicyText& wanted) {
      return http::equal_ignoring_case(wanted.raw(), is_there ? "false" : "true");
    });
  }
  if (!is_there) {
    if (op.set == SetOperator::kForAllValues) return true;
    if (op.set == SetOperator::kForAnyValue) return false;
    return op.negated || op.if_exists;
  }
  const auto accepted = [&](const std::string& value) {
    const bool fitting = std::any_of(values.begin(), values.end(), [&](const PolicyText& wanted) {
      return fits(op.comparison, value, wanted, keys);
    });
    return fitting != op.negated;
  };
  // Without a set operator several values count as one that equals each of them.
  const bool all = op.set == SetOperator::kForAllValues || (op.set == SetOperator::kNone && op.negated);
  return all ? std::all_of(given->begin(), given->end(), accepted)
             : std::any_of(given->begin(), given->end(), accepted);
}

bool Condition::is_pending(const ConditionKeys& keys) const {
  return keys.is_pending(key) || std::any_of(values.begin(), values.end(), [&](const PolicyText& wanted) {
           return wanted.is_pending(keys);
         });
}

}  // namespace tidemark::auth
