// Texts inside policies: patterns with wildcards and variables.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/auth/policy/wildcard.h"

namespace tidemark::auth {

// What is known of a request, asked by condition key.
class ConditionKeys {
 public:
  virtual ~ConditionKeys() = default;
  // The values of `key`, which is in lower case (behind a `/` as the policy has it: that part names a tag).
  // Nothing when the request has no such key.
  [[nodiscard]] virtual std::optional<std::vector<std::string>> values(std::string_view key) const = 0;
  // Whether the request, of which only a part is here, may yet say what `key` is. Until then what depends on
  // it counts in favour of the caller (Policy::evaluate).
  [[nodiscard]] virtual bool is_pending(std::string_view /*key*/) const { return false; }
};

// `aws:SourceIp` -> `aws:sourceip`, `s3:ExistingObjectTag/Team` -> `s3:existingobjecttag/Team`.
std::string lower_condition_key(std::string_view key);

class PolicyText {
 public:
  // Variables are `${key}`, `${key, 'default'}` and the escapes `${*}`, `${?}`, `${$}`. Policies of version
  // 2008-10-17 have none: there `${` is just text.
  PolicyText(std::string_view text, bool has_variables);

  [[nodiscard]] const std::string& raw() const { return raw_; }
  // Neither wildcards nor variables: stands for one value.
  [[nodiscard]] bool is_fixed() const;

  // With the variables filled in; nothing when one of them has no single value.
  [[nodiscard]] std::optional<std::string> expand(const ConditionKeys& keys) const;
  // As a pattern; what a variable puts in is taken literally. Without a value for a variable it matches
  // nothing.
  [[nodiscard]] bool matches(std::string_view text, const ConditionKeys& keys) const;
  // Whether a variable in it is.
  [[nodiscard]] bool is_pending(const ConditionKeys& keys) const;

 private:
  struct Piece {
    std::string text;  // of a variable: its key
    bool is_variable = false;
    std::optional<std::string> fallback;
  };

  void add_variable(std::string_view inside);
  static std::optional<std::string> value_of(const Piece& piece, const ConditionKeys& keys);

  std::string raw_;
  std::vector<Piece> pieces_;  // empty: no variables, `pattern_` is the whole
  Wildcard pattern_;
};

}  // namespace tidemark::auth
