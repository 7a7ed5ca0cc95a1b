#include "s3emu/access/bucket_policy.h"

#include "tests/support/catch.h"
#include "tests/unit/base/auth/policy/fixed_keys.h"

namespace tidemark::s3emu {
namespace {

using auth::FixedKeys;
using auth::kPolicySizeMax;
using auth::Policy;
using auth::PolicyDecision;

const auth::Account kAnn = {"111111111111", std::string(64, 'a'), "ann"};
const auth::Account kBob = {"222222222222", std::string(64, 'b'), "bob"};

constexpr const char* kAllowAll =
    R"({"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::box","arn:aws:s3:::box/*"]})";

std::string policy_of(const std::string& statements, const std::string& version = "2012-10-17") {
  return R"({"Version":")" + version + R"(","Statement":[)" + statements + "]}";
}

// A statement that is whole but for `parts`, which may replace its members.
std::string statement(const std::string& parts) {
  std::string out = "{" + parts;
  const auto add = [&](const char* name, const char* member) {
    if (out.find(name) == std::string::npos) out += std::string(out.size() > 1 ? "," : "") + member;
  };
  add("\"Effect\"", R"("Effect":"Allow")");
  add("Principal\"", R"("Principal":"*")");
  add("Action\"", R"("Action":"s3:GetObject")");
  add("Resource\"", R"("Resource":"arn:aws:s3:::box/*")");
  return out + "}";
}

Policy parsed(const std::string& text) {
  auto policy = parse_bucket_policy(text, "box");
  INFO(text);
  if (!policy) FAIL(policy.error().message);
  return std::move(*policy);
}

std::string refusal(const std::string& text) {
  const auto policy = parse_bucket_policy(text, "box");
  if (policy) return "(accepted)";
  CHECK(policy.error().code == "MalformedPolicy");
  return policy.error().message;
}

PolicyDecision decide(const Policy& policy, const auth::Account* caller, std::string_view action,
                      std::string_view resource, const FixedKeys& keys = {}) {
  return policy.evaluate({.action = action, .resource = resource, .caller = caller, .keys = keys});
}

constexpr auto kNone = PolicyDecision::kNone;
constexpr auto kAllow = PolicyDecision::kAllow;
constexpr auto kDeny = PolicyDecision::kDeny;

}  // namespace

TEST_CASE("policies that S3 refuses") {
  struct Case {
    std::string policy;
    const char* message;
  };
  static constexpr const char* kNotJson = "Policies must be valid JSON and the first byte must be '{'";
  const auto c = GENERATE_COPY(values<Case>({
      {"", kNotJson},
      {"hello", kNotJson},
      {"[]", kNotJson},
      {"{", kNotJson},
      {" {}", kNotJson},
      {"{}", "Missing required field Statement"},
      {R"({"Statement":[]})", "Could not parse the policy: Statement is empty!"},
      {R"({"Statement":"x"})", "Invalid policy syntax."},
      {R"({"Statement":["x"]})", "Invalid policy syntax."},
      {policy_of(statement(""), "2020-01-01"), "The policy must contain a valid version string"},
      {R"({"Statements":[]})", "Unknown field Statements"},
      {policy_of(statement(R"("Colour":"red")")), "Unknown field Colour"},
      {policy_of(R"({"Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::box/*"})"),
       "Missing required field Effect"},
      {policy_of(statement(R"("Effect":"allow")")), "Invalid effect: allow"},
      {policy_of(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::box/*"})"),
       "Missing required field Principal"},
      {policy_of(R"({"Effect":"Allow","Principal":"*","Resource":"arn:aws:s3:::box/*"})"),
       "Missing required field Action"},
      {policy_of(R"({"Effect":"Allow","Principal":"*","Action":"s3:GetObject"})"),
       "Missing required field Resource"},
      {policy_of(statement(R"("Principal":{})")), "Missing required field Principal cannot be empty!"},
      {policy_of(statement(R"("Principal":"ann")")), "Invalid principal in policy"},
      {policy_of(statement(R"("Principal":{"AWS":"ann"})")), "Invalid principal in policy"},
      {policy_of(statement(R"("Principal":{"AWS":"12345678901"})")), "Invalid principal in policy"},
      {policy_of(statement(R"("Principal":{"AWS":"arn:aws:iam::111111111111:user/*"})")),
       "Invalid principal in policy"},
      {policy_of(statement(R"("Principal":{"AWS":"arn:aws:iam::111111111111:group/g"})")),
       "Invalid principal in policy"},
      {policy_of(statement(R"("Principal":{"AWS":[]})")), "Invalid principal in policy"},
      {policy_of(statement(R"("Principal":{"CanonicalUser":"abc"})")), "Invalid principal in policy"},
      {policy_of(statement(R"("Principal":{"Service":"dynamodb"})")), "Invalid principal in policy"},
      {policy_of(statement(R"("Principal":{"Group":"g"})")), "Invalid principal in policy"},
      {policy_of(statement(R"("NotPrincipal":"*")")), "Allow with NotPrincipal is not allowed."},
      {policy_of(statement(R"("Principal":"*","NotPrincipal":"*")")),
       "Statement contains both Principal and NotPrincipal."},
      {policy_of(statement(R"("Action":"s3:HeadObject")")), "Policy has invalid action"},
      {policy_of(statement(R"("Action":"dynamodb:GetItem")")), "Policy has invalid action"},
      {policy_of(statement(R"("Action":[])")), "Policy has invalid action"},
      {policy_of(statement(R"("Action":{"a":1})")), "Policy has invalid action"},
      {policy_of(statement(R"("Resource":"*")")), "Policy has invalid resource"},
      {policy_of(statement(R"("Resource":"box/*")")), "Policy has invalid resource"},
      {policy_of(statement(R"("Resource":"arn:aws:s3:::*")")), "Policy has invalid resource"},
      {policy_of(statement(R"("Resource":"arn:aws:s3:::other/*")")), "Policy has invalid resource"},
      {policy_of(statement(R"("Resource":["arn:aws:s3:::box/*","arn:aws:s3:::boxes/*"])")),
       "Policy has invalid resource"},
      {policy_of(statement(R"("Resource":"arn:aws:dynamodb:::box")")), "Policy has invalid resource"},
      {policy_of(statement(R"("Resource":"arn:aws:s3:::box")")),
       "Action does not apply to any resource(s) in statement"},
      {policy_of(statement(R"("Action":["s3:GetObject","s3:ListBucket"])")),
       "Action does not apply to any resource(s) in statement"},
      {policy_of(statement(R"("Condition":{"StringIs":{"aws:UserAgent":"x"}})")),
       "Invalid Condition type : StringIs"},
      {policy_of(statement(R"("Condition":{"StringEquals":{"s3:colour":"x"}})")),
       "Policy has an invalid condition key"},
      {policy_of(statement(R"("Condition":{"StringEquals":{"saml:aud":"x"}})")),
       "Policy has an invalid condition key"},
      {policy_of(statement(R"("Condition":{"StringEquals":{"s3:prefix":"x"}})")),
       "Conditions do not apply to combination of actions and resources in statement"},
      {policy_of(statement(R"("Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/40"}})")),
       "Invalid IP address in Conditions"},
      {policy_of(statement(R"("Condition":[])")), "Invalid policy syntax."},
      {policy_of(statement(R"("Condition":{"StringEquals":"x"})")), "Invalid policy syntax."},
      {policy_of(statement(R"("Sid":"a")") + "," + statement(R"("Sid":"a")")),
       "Statement IDs (SID) in a single policy must be unique."},
      {R"({"Version":"2012-10-17","Version":"2012-10-17","Statement":[]})",
       "This policy contains invalid Json"},
      {policy_of(statement(R"("Sid":")" + std::string(20 << 10, 'x') + "\"")),
       "Policy exceeds the maximum allowed document size."},
  }));
  INFO(c.policy.substr(0, 300));
  CHECK(refusal(c.policy) == c.message);
}

TEST_CASE("policies that S3 takes") {
  const auto text =
      GENERATE(as<std::string>{},
               R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"*",)"
               R"("Resource":"arn:aws:s3:::box/*"}})",
               policy_of(kAllowAll), policy_of(statement(R"("Action":"S3:getobject")")),
               policy_of(statement(R"("Resource":"arn:aws:s3:::bo*/x")")),
               policy_of(statement(R"("Action":"s3:ListBucket","Resource":"arn:aws:s3:::box")")),
               policy_of(statement(R"("Action":["s3:*"],"Resource":"arn:aws:s3:::box*")")),
               policy_of(statement(R"("Principal":{"Service":"logging.s3.amazonaws.com"})")),
               policy_of(statement(R"("Principal":{"AWS":"arn:aws:iam::111111111111:role/a/b"})")),
               policy_of(statement(R"("Effect":"Deny","NotResource":"arn:aws:s3:::box/public/*")")),
               policy_of(statement(R"("Effect":"Deny","NotAction":"s3:GetObject")")),
               policy_of(statement(R"("Condition":{"Bool":{"aws:SecureTransport":false}})")));
  INFO(text);
  CHECK(refusal(text) == "(accepted)");
}

TEST_CASE("the largest policies are read and asked in no time") {
  std::string actions = R"("s3:*")";
  while (actions.size() < 9000) actions += R"(,"s3:*")";
  std::string conditions = R"("aws:k":"v")";
  for (int i = 0; conditions.size() < 10'000; ++i) {
    conditions += R"(,"s3:requestobjecttag/)" + std::to_string(i) + R"(":"")";
  }
  const std::string text = policy_of(statement(R"("Resource":"arn:aws:s3:::box*","Action":[)" + actions +
                                               R"(],"Condition":{"StringEquals":{)" + conditions + "}}"));
  REQUIRE(text.size() <= kPolicySizeMax);
  const auto policy = parse_bucket_policy(text, "box");
  if (policy) CHECK(decide(*policy, &kAnn, "s3:GetObject", "box/k") == kNone);
}

TEST_CASE("what a policy decides") {
  struct Case {
    const char* why;
    std::string statements;
    const auth::Account* caller;
    const char* action;
    const char* resource;
    PolicyDecision decision;
  };
  const std::string deny_bob = statement(R"("Effect":"Deny","Principal":{"AWS":"222222222222"})");
  const auto c = GENERATE_COPY(values<Case>({
      {"everybody", kAllowAll, nullptr, "s3:GetObject", "box/k", kAllow},
      {"everybody, the bucket", kAllowAll, &kBob, "s3:ListBucket", "box", kAllow},
      {"AWS * is everybody too", statement(R"("Principal":{"AWS":"*"})"), nullptr, "s3:GetObject", "box/k",
       kAllow},
      {"deny wins, first", deny_bob + "," + kAllowAll, &kBob, "s3:GetObject", "box/k", kDeny},
      {"deny wins, last", std::string(kAllowAll) + "," + deny_bob, &kBob, "s3:GetObject", "box/k", kDeny},
      {"deny concerns bob alone", std::string(kAllowAll) + "," + deny_bob, &kAnn, "s3:GetObject", "box/k",
       kAllow},
      {"an account", statement(R"("Principal":{"AWS":"222222222222"})"), &kBob, "s3:GetObject", "box/k",
       kAllow},
      {"another account", statement(R"("Principal":{"AWS":"222222222222"})"), &kAnn, "s3:GetObject", "box/k",
       kNone},
      {"anonymous is no account", statement(R"("Principal":{"AWS":"222222222222"})"), nullptr, "s3:GetObject",
       "box/k", kNone},
      {"root stands for the account", statement(R"("Principal":{"AWS":"arn:aws:iam::222222222222:root"})"),
       &kBob, "s3:GetObject", "box/k", kAllow},
      {"a user", statement(R"("Principal":{"AWS":["arn:aws:iam::222222222222:user/div/bob"]})"), &kBob,
       "s3:GetObject", "box/k", kAllow},
      {"another user", statement(R"("Principal":{"AWS":"arn:aws:iam::222222222222:user/eve"})"), &kBob,
       "s3:GetObject", "box/k", kNone},
      {"a role is nobody", statement(R"("Principal":{"AWS":"arn:aws:iam::222222222222:role/bob"})"), &kBob,
       "s3:GetObject", "box/k", kNone},
      {"a canonical user", statement(R"("Principal":{"CanonicalUser":")" + std::string(64, 'B') + "\"}"),
       &kBob, "s3:GetObject", "box/k", kAllow},
      {"all but ann", statement(R"("Effect":"Deny","NotPrincipal":{"AWS":"111111111111"})"), &kBob,
       "s3:GetObject", "box/k", kDeny},
      {"not ann", statement(R"("Effect":"Deny","NotPrincipal":{"AWS":"111111111111"})"), &kAnn,
       "s3:GetObject", "box/k", kNone},
      {"another action", statement(""), &kBob, "s3:PutObject", "box/k", kNone},
      {"actions have no case", statement(R"("Action":"S3:GETOBJECT")"), &kBob, "s3:GetObject", "box/k",
       kAllow},
      {"actions by pattern", statement(R"("Action":"s3:Get*")"), &kBob, "s3:GetObjectAcl", "box/k", kAllow},
      {"the bare action is not the versioned one", statement(""), &kBob, "s3:GetObjectVersion", "box/k",
       kNone},
      {"all but an action", statement(R"("Effect":"Deny","NotAction":"s3:GetObject")"), &kBob, "s3:PutObject",
       "box/k", kDeny},
      {"not that action", statement(R"("Effect":"Deny","NotAction":"s3:GetObject")"), &kBob, "s3:GetObject",
       "box/k", kNone},
      {"another key", statement(R"("Resource":"arn:aws:s3:::box/a/*")"), &kBob, "s3:GetObject", "box/b",
       kNone},
      {"a wildcard spans slashes", statement(R"("Resource":"arn:aws:s3:::box/a/*/z")"), &kBob, "s3:GetObject",
       "box/a/b/c/z", kAllow},
      {"keys have case", statement(R"("Resource":"arn:aws:s3:::box/K")"), &kBob, "s3:GetObject", "box/k",
       kNone},
      {"objects are not the bucket", statement(R"("Action":"s3:*")"), &kBob, "s3:ListBucket", "box", kNone},
      {"all but a key", statement(R"("Effect":"Deny","NotResource":"arn:aws:s3:::box/open/*")"), &kBob,
       "s3:GetObject", "box/k", kDeny},
      {"not that key", statement(R"("Effect":"Deny","NotResource":"arn:aws:s3:::box/open/*")"), &kBob,
       "s3:GetObject", "box/open/k", kNone},
  }));
  INFO(c.why);
  CHECK(decide(parsed(policy_of(c.statements)), c.caller, c.action, c.resource) == c.decision);
}

TEST_CASE("all conditions of a statement must hold") {
  const Policy policy = parsed(policy_of(statement(
      R"("Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"},"StringLike":{"aws:UserAgent":["a*","b*"],"aws:Referer":"r"}})")));
  const auto with = [&](const char* address, const char* agent, const char* referer) {
    return decide(
        policy, &kBob, "s3:GetObject", "box/k",
        FixedKeys({{"aws:sourceip", {address}}, {"aws:useragent", {agent}}, {"aws:referer", {referer}}}));
  };
  CHECK(with("10.0.0.1", "b1", "r") == kAllow);
  CHECK(with("10.0.0.1", "c1", "r") == kNone);
  CHECK(with("11.0.0.1", "b1", "r") == kNone);
  CHECK(with("10.0.0.1", "b1", "q") == kNone);
}

TEST_CASE("variables in resources") {
  const std::string own = statement(R"("Resource":"arn:aws:s3:::box/home/${aws:username}/*")");
  const FixedKeys keys(std::map<std::string, std::vector<std::string>>{{"aws:username", {"bob"}}});
  CHECK(decide(parsed(policy_of(own)), &kBob, "s3:GetObject", "box/home/bob/k", keys) == kAllow);
  CHECK(decide(parsed(policy_of(own)), &kBob, "s3:GetObject", "box/home/ann/k", keys) == kNone);
  CHECK(decide(parsed(policy_of(own)), nullptr, "s3:GetObject", "box/home//k") == kNone);
  // The older language has none.
  const Policy old = parsed(policy_of(own, "2008-10-17"));
  CHECK(decide(old, &kBob, "s3:GetObject", "box/home/bob/k", keys) == kNone);
  CHECK(decide(old, &kBob, "s3:GetObject", "box/home/${aws:username}/k", keys) == kAllow);
}

TEST_CASE("which policies are public") {
  struct Case {
    std::string statements;
    bool is_public;
  };
  const auto if_holds = [](const std::string& condition) {
    return statement(R"("Condition":{)" + condition + "}");
  };
  const auto c = GENERATE_COPY(values<Case>({
      {statement(""), true},
      {statement(R"("Principal":{"AWS":"*"})"), true},
      {statement(R"("Principal":{"AWS":["111111111111","*"]})"), true},
      {statement(R"("Principal":{"AWS":"111111111111"})"), false},
      {statement(R"("Effect":"Deny")"), false},
      {statement(R"("Effect":"Deny")") + "," + statement(""), true},
      {if_holds(R"("StringEquals":{"aws:PrincipalAccount":"111111111111"})"), false},
      {if_holds(R"("StringLike":{"aws:PrincipalAccount":"1111*"})"), true},
      {if_holds(R"("StringNotEquals":{"aws:PrincipalAccount":"111111111111"})"), true},
      {if_holds(R"("StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"})"), true},
      {if_holds(R"("StringEquals":{"aws:SourceVpc":"vpc-1"})"), false},
      {if_holds(R"("StringEquals":{"aws:userid":"${aws:username}"})"), true},
      {if_holds(R"("StringEquals":{"aws:Referer":"https://me"})"), true},
      {if_holds(R"("IpAddress":{"aws:SourceIp":"203.0.113.0/24"})"), false},
      {if_holds(R"("IpAddress":{"aws:SourceIp":["203.0.113.0/24","0.0.0.0/1"]})"), true},
      {if_holds(R"("IpAddress":{"aws:SourceIp":"2001:db8::/32"})"), false},
      {if_holds(R"("IpAddress":{"aws:SourceIp":"2000::/3"})"), true},
      {if_holds(R"("NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"})"), true},
      {if_holds(R"("Bool":{"aws:SecureTransport":"true"})"), true},
      {if_holds(R"("ArnLike":{"aws:SourceArn":"arn:aws:sns:us-east-1:111111111111:t"})"), false},
      {if_holds(R"("ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:t"})"), true},
  }));
  INFO(c.statements);
  CHECK(parsed(policy_of(c.statements)).is_public() == c.is_public);
}

}  // namespace tidemark::s3emu
