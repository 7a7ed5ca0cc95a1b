// Bucket policies: who may, and who must not, do what.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/auth/account.h"
#include "s3emu/access/condition.h"
#include "s3emu/s3_error.h"

namespace tidemark::s3emu {

inline constexpr std::size_t kPolicySizeMax = 20 << 10;

// An account's keys act as the user of the account's display name:
// `arn:aws:iam::<account id>:user/<display name>`.
std::string caller_arn(const auth::Account& account);

struct PolicyRequest {
  std::string_view action;                // `s3:GetObject`
  std::string_view resource;              // `bucket` or `bucket/key`
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

// Immutable once parsed, so all threads may use it.
class Policy {
 public:
  // Judges the text as PutBucketPolicy does. Errors: MalformedPolicy.
  static S3Result<Policy> parse(std::string_view text, const std::string& bucket);

  // A Deny that fits wins over every Allow.
  [[nodiscard]] PolicyDecision evaluate(const PolicyRequest& request) const;
  // Whether it allows something to more than a fixed set of accounts, addresses or sources.
  [[nodiscard]] bool is_public() const;
  [[nodiscard]] bool has_deny() const;

 private:
  friend class PolicyParser;

  struct Statement {
    bool deny = false;
    Principals principals;
    bool not_principal = false;
    std::vector<Wildcard> actions;  // in lower case
    bool not_action = false;
    std::vector<PolicyText> resources;  // without `arn:aws:s3:::`
    bool not_resource = false;
    std::vector<Condition> conditions;

    [[nodiscard]] bool applies_to(const PolicyRequest& request, std::string_view lower_action) const;
    [[nodiscard]] bool is_public() const;
  };

  std::vector<Statement> statements_;
};

}  // namespace tidemark::s3emu
