// The Condition element of a policy's statement.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/auth/policy/policy_text.h"

namespace tidemark::auth {

// How a value of the request is compared with one of the policy. `negated` operators are the same
// comparison turned round.
enum class Comparison {
  kStringEquals,
  kStringEqualsIgnoreCase,
  kStringLike,
  kNumericEquals,
  kNumericLess,
  kNumericLessEquals,
  kNumericGreater,
  kNumericGreaterEquals,
  kDateEquals,
  kDateLess,
  kDateLessEquals,
  kDateGreater,
  kDateGreaterEquals,
  kBool,
  kBinaryEquals,
  kIpAddress,
  kArnLike,  // ArnEquals does the same
  kNull,
};

// How the values of a key with several of them count.
enum class SetOperator { kNone, kForAllValues, kForAnyValue };

struct ConditionOperator {
  Comparison comparison = Comparison::kStringEquals;
  bool negated = false;
  bool if_exists = false;
  SetOperator set = SetOperator::kNone;
};

// `ForAnyValue:StringLikeIfExists` and so on; nothing when there is no such operator.
std::optional<ConditionOperator> parse_condition_operator(std::string_view name);

// One operator with one key: holds when any of the values fits (with a negated operator: none).
struct Condition {
  ConditionOperator op;
  std::string key;  // lower_condition_key()
  std::vector<PolicyText> values;

  // A key that the request does not have fails the condition, but holds with a negated operator, IfExists
  // and ForAllValues. Values that cannot be read as what the operator compares do not fit.
  [[nodiscard]] bool holds(const ConditionKeys& keys) const;
  // Whether that depends on what the request has yet to say.
  [[nodiscard]] bool is_pending(const ConditionKeys& keys) const;
};

}  // namespace tidemark::auth
