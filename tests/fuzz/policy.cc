// Bucket policies and those of browser uploads: reading and evaluating them never fails badly, and a text
// that was accepted is accepted again.
#include "base/bytes.h"
#include "base/check.h"
#include "s3emu/access/bucket_policy.h"
#include "s3emu/rest/objects/post_policy.h"
#include "tests/fuzz/input.h"

namespace tidemark::s3emu {
namespace {

class Keys final : public auth::ConditionKeys {
 public:
  [[nodiscard]] std::optional<std::vector<std::string>> values(std::string_view key) const override {
    if (key == "aws:sourceip") return std::vector<std::string>{"192.0.2.7"};
    if (key == "s3:max-keys") return std::vector<std::string>{"10"};
    if (key == "s3:prefix") return std::vector<std::string>{"a/b", "*"};
    return std::nullopt;
  }
};

void judge_bucket_policy(std::string_view text) {
  const auto policy = parse_bucket_policy(text, "bucket");
  if (!policy) {
    INVARIANT(policy.error().status == 400);
    return;
  }
  const Keys keys;
  const auth::Account account{"111122223333", std::string(64, 'a'), "ada"};
  for (const char* action : {"s3:GetObject", "s3:ListBucket"}) {
    for (const auth::Account* caller : {static_cast<const auth::Account*>(nullptr), &account}) {
      const auth::PolicyRequest request{action, "bucket/key", caller, keys};
      const auth::PolicyDecision decision = policy->evaluate(request);
      INVARIANT(decision != auth::PolicyDecision::kDeny || policy->has_deny());
    }
  }
  (void)policy->is_public();
}

void judge_post_policy(std::string_view text) {
  const auto policy = parse_post_policy(base64_encode(text));
  if (!policy) {
    INVARIANT(policy.error().status == 400 || policy.error().status == 403);
    return;
  }
  const NamedValues fields = {{"bucket", "bucket"}, {"key", "user/a/b"}, {"acl", "private"}};
  (void)check_post_policy(*policy, fields, Timestamp::from_seconds(1'790'000'000));
}

}  // namespace
}  // namespace tidemark::s3emu

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tidemark::fuzz::Input input(data, size);
  if (input.byte() % 2 == 0) {
    tidemark::s3emu::judge_bucket_policy(input.rest());
  } else {
    tidemark::s3emu::judge_post_policy(input.rest());
  }
  return 0;
}
