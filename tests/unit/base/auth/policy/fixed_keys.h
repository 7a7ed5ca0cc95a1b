// Condition keys from a list.
#pragma once

#include <map>

#include "base/auth/policy/policy_text.h"

namespace tidemark::auth {

class FixedKeys final : public ConditionKeys {
 public:
  FixedKeys() = default;
  explicit FixedKeys(std::map<std::string, std::vector<std::string>> values) : values_(std::move(values)) {}

  [[nodiscard]] std::optional<std::vector<std::string>> values(std::string_view key) const override {
    const auto found = values_.find(std::string(key));
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

}  // namespace tidemark::auth
