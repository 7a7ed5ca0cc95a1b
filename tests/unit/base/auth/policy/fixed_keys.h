// Condition keys from a list.
#pragma once

#include <map>
#include <set>

#include "base/auth/policy/policy_text.h"

namespace tidemark::auth {

class FixedKeys final : public ConditionKeys {
 public:
  FixedKeys() = default;
  explicit FixedKeys(std::map<std::string, std::vector<std::string>> values,
                     std::set<std::string> pending = {})
      : values_(std::move(values)), pending_(std::move(pending)) {}

  [[nodiscard]] std::optional<std::vector<std::string>> values(std::string_view key) const override {
    const auto found = values_.find(std::string(key));
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] bool is_pending(std::string_view key) const override {
    return pending_.contains(std::string(key));
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::set<std::string> pending_;
};

}  // namespace tidemark::auth
