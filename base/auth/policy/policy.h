// Policies of resources: who may, and who must not, do what. Which actions, resources and condition keys
// there are, each service knows (PolicyLanguage).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/auth/account.h"
#include "base/auth/policy/condition.h"
#include "base/result.h"

namespace tidemark::auth {

inline constexpr std::size_t kPolicySizeMax = 20 << 10;

// An account's keys act as the user of the account's display name:
// `arn:aws:iam::<account id>:user/<display name>`.
std::string caller_arn(const auth::Account& account);

struct PolicyRequest {
  std::string_view action;                // `service:GetThing`
  std::string_view resource;              // as PolicyLanguage::resource_pattern() has it
  const auth::Account* caller = nullptr;  // nullptr: anonymous
  const ConditionKeys& keys;
};

enum class PolicyDecision { kNone, kAllow, kDeny };

// A Principal or NotPrincipal element.
class Principals {
 public:
  void add_everyone() { everyone_ = true; }
  // Errors: whether `value` is a principal of `kind` (AWS, CanonicalUser, Service, Federated).
  bool add(std::string_view kind, std::string_view value);

  [[nodiscard]] bool includes(const auth::Account* caller) const;
  [[nodiscard]] bool includes_everyone() const { return everyone_; }
  [[nodiscard]] bool empty() const { return !everyone_ && entries_.empty(); }

 private:
  struct Entry {
    std::string account_id;         // or
    std::string canonical_user_id;  // or neither: a role or service, which nobody here is
    std::string user;               // of the account; empty: all of it
  };
  bool add_aws(std::string_view value);

  bool everyone_ = false;
  std::vector<Entry> entries_;
};

// What the statement at hand names, as it is written; of condition keys lower_condition_key().
struct StatementTerms {
  bool not_action = false;
  bool not_resource = false;
  std::vector<std::string> actions;
  std::vector<std::string> resources;
  std::vector<std::string> condition_keys;
};

// What a service takes in the policy of one resource.
class PolicyLanguage {
 public:
  virtual ~PolicyLanguage() = default;
  [[nodiscard]] virtual std::size_t size_max() const { return kPolicySizeMax; }
  // Whether `pattern`, which may have wildcards, names any action.
  [[nodiscard]] virtual bool is_action(std::string_view pattern) const = 0;
  // What requests' resources are matched with; nothing when the policy may not name `text`.
  [[nodiscard]] virtual std::optional<std::string> resource_pattern(std::string_view text) const = 0;
  // `key` as lower_condition_key() makes it.
  [[nodiscard]] virtual bool is_condition_key(std::string_view key) const = 0;
  // What is wrong with actions, resources and keys together, in a sentence.
  [[nodiscard]] virtual std::optional<std::string> objection(const StatementTerms& terms) const = 0;
  // Condition keys of the service, besides those of all services, that name a limited set of callers when
  // their values are fixed.
  [[nodiscard]] virtual std::span<const std::string_view> limiting_keys() const { return {}; }
};

// Immutable once parsed, so all threads may use it.
class Policy {
 public:
  // The error is a sentence that says what is wrong with the text.
  static Result<Policy, std::string> parse(std::string_view text, const PolicyLanguage& language);

  // A Deny that fits wins over every Allow. Of what depends on pending keys an Allow is taken to fit and a
  // Deny not to: what is not allowed then is not allowed whatever they turn out to be.
  [[nodiscard]] PolicyDecision evaluate(const PolicyRequest& request) const;
  // Whether it allows something to more than a fixed set of accounts, addresses or sources.
  [[nodiscard]] bool is_public() const { return is_public_; }
  [[nodiscard]] bool has_deny() const;

 private:
  friend class PolicyParser;

  struct Statement {
    bool deny = false;
    Principals principals;
    bool not_principal = false;
    std::vector<Wildcard> actions;  // in lower case
    bool not_action = false;
    std::vector<PolicyText> resources;
    bool not_resource = false;
    std::vector<Condition> conditions;

    [[nodiscard]] bool applies_to(const PolicyRequest& request, std::string_view lower_action) const;
    [[nodiscard]] bool is_public(const PolicyLanguage& language) const;
  };

  std::vector<Statement> statements_;
  bool is_public_ = false;
};

}  // namespace tidemark::auth
