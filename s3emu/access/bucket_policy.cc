#include "s3emu/access/bucket_policy.h"

#include <optional>
#include <vector>

#include "base/auth/policy/wildcard.h"
#include "s3emu/access/policy_actions.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kResourcePrefix = "arn:aws:s3:::";

constexpr std::string_view kLimitingKeys[] = {
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
};

// Which levels of resources a pattern without its ARN prefix can name, given that its bucket part fits.
struct ResourceReach {
  bool bucket = false;
  bool objects = false;
};

// Nothing when the pattern does not concern the bucket.
std::optional<ResourceReach> reach_of(std::string_view pattern, const std::string& bucket) {
  const std::size_t slash = pattern.find('/');
  const std::string_view name = pattern.substr(0, slash);
  // A `*` alone would be every bucket.
  if (name.empty() || name.find_first_not_of('*') == std::string_view::npos) return std::nullopt;
  const auth::Wildcard wildcard(name);
  ResourceReach reach;
  if (slash != std::string_view::npos) {
    reach.objects = slash + 1 < pattern.size();
    reach.bucket = false;
    if (!wildcard.matches(bucket)) return std::nullopt;
    return reach;
  }
  reach.bucket = wildcard.matches(bucket);
  // `bucket*` reaches into the bucket as well.
  reach.objects = name.find('*') != std::string_view::npos &&
                  (reach.bucket || name.substr(0, name.find('*')).starts_with(bucket));
  if (!reach.bucket && !reach.objects) return std::nullopt;
  return reach;
}

class BucketPolicyLanguage final : public auth::PolicyLanguage {
 public:
  explicit BucketPolicyLanguage(const std::string& bucket) : bucket_(bucket) {}

  [[nodiscard]] bool is_action(std::string_view pattern) const override {
    return actions_matching(pattern).any();
  }

  [[nodiscard]] std::optional<std::string> resource_pattern(std::string_view text) const override {
    if (!text.starts_with(kResourcePrefix)) return std::nullopt;
    const std::string_view pattern = text.substr(kResourcePrefix.size());
    if (!reach_of(pattern, bucket_)) return std::nullopt;
    return std::string(pattern);
  }

  [[nodiscard]] bool is_condition_key(std::string_view key) const override {
    return s3emu::is_condition_key(key);
  }

  // Every action must concern some resource of the statement, every condition some of what an action names.
  // NotAction and NotResource leave too much to judge.
  [[nodiscard]] std::optional<std::string> objection(const auth::StatementTerms& terms) const override {
    if (terms.not_action) return std::nullopt;
    const ActionSet reached = reached_by(terms.resources);
    std::vector<ActionSet> with_keys;
    with_keys.reserve(terms.condition_keys.size());
    for (const std::string& key : terms.condition_keys) with_keys.push_back(actions_with_key(key));
    for (const std::string& name : terms.actions) {
      const ActionSet actions = actions_matching(name);
      if (!terms.not_resource && (actions & reached).none()) {
        return "Action does not apply to any resource(s) in statement";
      }
      for (const ActionSet& with_key : with_keys) {
        if ((actions & with_key).none()) {
          return "Conditions do not apply to combination of actions and resources in statement";
        }
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::span<const std::string_view> limiting_keys() const override { return kLimitingKeys; }

 private:
  [[nodiscard]] ActionSet reached_by(const std::vector<std::string>& resources) const {
    ActionSet reached;
    for (const std::string& resource : resources) {
      const auto reach = reach_of(std::string_view(resource).substr(kResourcePrefix.size()), bucket_);
      if (reach && reach->bucket) reached |= bucket_actions();
      if (reach && reach->objects) reached |= object_actions();
    }
    return reached;
  }

  const std::string& bucket_;
};

}  // namespace

S3Result<auth::Policy> parse_bucket_policy(std::string_view text, const std::string& bucket) {
  auto policy = auth::Policy::parse(text, BucketPolicyLanguage(bucket));
  if (!policy) return fail(S3Error::of(S3Code::kMalformedPolicy, std::move(policy).error()));
  return *std::move(policy);
}

}  // namespace tidemark::s3emu
