#include "base/auth/policy/policy.h"

#include "base/auth/policy/global_keys.h"
#include "base/text.h"
#include "tests/support/catch.h"
#include "tests/unit/base/auth/policy/fixed_keys.h"

namespace tidemark::auth {
namespace {

const Account kAnn = {"111111111111", std::string(64, 'a'), "ann"};
const Account kBob = {"222222222222", std::string(64, 'b'), "bob"};

// A service with two actions, things and one condition key, that takes no statement about nothing.
class Toys final : public PolicyLanguage {
 public:
  [[nodiscard]] std::size_t size_max() const override { return 400; }
  [[nodiscard]] bool is_action(std::string_view pattern) const override {
    const Wildcard lower(lower_case(pattern));  // actions are told by their letters, not by their case
    return lower.matches("toy:play") || lower.matches("toy:break");
  }
  [[nodiscard]] std::optional<std::string> resource_pattern(std::string_view text) const override {
    if (!text.starts_with("arn:toy:")) return std::nullopt;
    return std::string(text.substr(8));
  }
  [[nodiscard]] bool is_condition_key(std::string_view key) const override {
    return key == "toy:colour" || key == "toy:room" || key.starts_with("aws:");
  }
  [[nodiscard]] std::optional<std::string> objection(const StatementTerms& terms) const override {
    const bool breaks_all = terms.actions == std::vector<std::string>{"toy:Break"} &&
                            terms.resources == std::vector<std::string>{"arn:toy:*"} &&
                            terms.condition_keys.empty() && !terms.not_action && !terms.not_resource;
    return breaks_all ? std::optional<std::string>("nobody may break all toys") : std::nullopt;
  }
  [[nodiscard]] std::span<const std::string_view> limiting_keys() const override { return kLimiting; }

 private:
  static constexpr std::string_view kLimiting[] = {"toy:room"};
};

std::string policy_of(const std::string& statements) {
  return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
}

std::string statement(const std::string& effect, const std::string& action, const std::string& resource,
                      const std::string& more = R"("Principal":"*")") {
  return R"({"Effect":")" + effect + R"(","Action":")" + action + R"(","Resource":")" + resource + R"(",)" +
         more + "}";
}

std::string refusal(const std::string& text) {
  const auto policy = Policy::parse(text, Toys());
  return policy ? "(accepted)" : policy.error();
}

PolicyDecision decide(const std::string& statements, const Account* caller, std::string_view action,
                      std::string_view resource, const FixedKeys& keys = {}) {
  const auto policy = Policy::parse(policy_of(statements), Toys());
  REQUIRE(policy.has_value());
  return policy->evaluate({.action = action, .resource = resource, .caller = caller, .keys = keys});
}

}  // namespace

TEST_CASE("the language says which policies there are") {
  CHECK(refusal(policy_of(statement("Allow", "toy:Play", "arn:toy:ball"))) == "(accepted)");
  CHECK(refusal(policy_of(statement("Allow", "toy:P*", "arn:toy:b*"))) == "(accepted)");
  CHECK(refusal(policy_of(statement("Allow", "toy:Buy", "arn:toy:ball"))) == "Policy has invalid action");
  CHECK(refusal(policy_of(statement("Allow", "toy:Play", "ball"))) == "Policy has invalid resource");
  CHECK(refusal(policy_of(statement("Allow", "toy:Break", "arn:toy:*"))) == "nobody may break all toys");
  const std::string odd = R"("Principal":"*","Condition":{"StringEquals":{"toy:size":"1"}})";
  CHECK(refusal(policy_of(statement("Allow", "toy:Play", "arn:toy:ball", odd))) ==
        "Policy has an invalid condition key");
  CHECK(refusal(policy_of(statement("Allow", "toy:Play", "arn:toy:" + std::string(400, 'x')))) ==
        "Policy exceeds the maximum allowed document size.");
}

TEST_CASE("a deny wins wherever it stands") {
  const std::string allow = statement("Allow", "toy:*", "arn:toy:*");
  const std::string deny = statement("Deny", "toy:break", "arn:toy:glass*");
  for (const std::string& both : {allow + "," + deny, deny + "," + allow}) {
    CHECK(decide(both, &kBob, "toy:Break", "glasses") == PolicyDecision::kDeny);
    CHECK(decide(both, &kBob, "toy:Play", "glasses") == PolicyDecision::kAllow);
    CHECK(decide(both, nullptr, "toy:Break", "ball") == PolicyDecision::kAllow);
  }
  CHECK(decide(deny, &kBob, "toy:Play", "ball") == PolicyDecision::kNone);
}

TEST_CASE("what depends on a key that is yet to come counts for the caller") {
  const FixedKeys keys({{"toy:room", {"attic"}}}, {"toy:colour"});
  const auto on = [](const std::string& condition) { return R"("Principal":"*","Condition":)" + condition; };
  struct Case {
    const char* why;
    std::string statements;
    PolicyDecision decision;
  };
  const std::string allow = statement("Allow", "toy:Play", "arn:toy:*");
  const std::string colour = on(R"({"StringEquals":{"toy:colour":"red"}})");
  const auto not_resource = [](const std::string& effect, const std::string& resource) {
    return R"({"Effect":")" + effect + R"(","Action":"toy:Play","Principal":"*","NotResource":")" + resource +
           R"("})";
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"an Allow by it", statement("Allow", "toy:Play", "arn:toy:*", colour), PolicyDecision::kAllow},
      {"an Allow by its absence",
       statement("Allow", "toy:Play", "arn:toy:*", on(R"({"Null":{"toy:colour":"true"}})")),
       PolicyDecision::kAllow},
      {"an Allow by it and something that is known",
       statement("Allow", "toy:Play", "arn:toy:*",
                 on(R"({"StringEquals":{"toy:colour":"red","toy:room":"cellar"}})")),
       PolicyDecision::kNone},
      {"an Allow of something else", statement("Allow", "toy:Break", "arn:toy:*", colour),
       PolicyDecision::kNone},
      {"a Deny by it", allow + "," + statement("Deny", "toy:Play", "arn:toy:*", colour),
       PolicyDecision::kAllow},
      {"a Deny by something else",
       allow + "," +
           statement("Deny", "toy:Play", "arn:toy:*", on(R"({"StringEquals":{"toy:room":"attic"}})")),
       PolicyDecision::kDeny},
      {"in the value of a condition, allowed",
       statement("Allow", "toy:Play", "arn:toy:*", on(R"({"StringEquals":{"toy:room":"${toy:colour}"}})")),
       PolicyDecision::kAllow},
      {"in the value of a condition, denied",
       allow + "," +
           statement("Deny", "toy:Play", "arn:toy:*",
                     on(R"({"StringNotEquals":{"toy:room":"${toy:colour}"}})")),
       PolicyDecision::kAllow},
      {"in a resource, allowed", statement("Allow", "toy:Play", "arn:toy:${toy:colour}"),
       PolicyDecision::kAllow},
      {"in a resource, denied", allow + "," + statement("Deny", "toy:Play", "arn:toy:${toy:colour}"),
       PolicyDecision::kAllow},
      {"but all, allowed", not_resource("Allow", "arn:toy:${toy:colour}"), PolicyDecision::kAllow},
      {"but all, denied", allow + "," + not_resource("Deny", "arn:toy:${toy:colour}"),
       PolicyDecision::kAllow},
  }));
  INFO(c.why);
  CHECK(decide(c.statements, &kBob, "toy:Play", "ball", keys) == c.decision);
}

TEST_CASE("values of several keys are all compared") {
  const std::string mine = statement(
      "Allow", "toy:Play", "arn:toy:*",
      R"("Principal":"*","Condition":{"ForAllValues:StringEquals":{"toy:colour":["red","${aws:username}"]}})");
  const auto with = [&](std::vector<std::string> colours) {
    return decide(mine, &kBob, "toy:Play", "ball",
                  FixedKeys({{"toy:colour", std::move(colours)}, {"aws:username", {"bob"}}}));
  };
  CHECK(with({"red", "bob"}) == PolicyDecision::kAllow);
  CHECK(with({"red", "ann"}) == PolicyDecision::kNone);
  // A request that says nothing of the key passes: that is what ForAllValues means.
  CHECK(decide(mine, &kBob, "toy:Play", "ball") == PolicyDecision::kAllow);
}

TEST_CASE("the keys of the language limit the public, too") {
  const auto is_public = [](const std::string& condition) {
    const std::string more = R"("Principal":"*","Condition":)" + condition;
    const auto policy =
        Policy::parse(policy_of(statement("Allow", "toy:Play", "arn:toy:ball", more)), Toys());
    REQUIRE(policy.has_value());
    return policy->is_public();
  };
  CHECK_FALSE(is_public(R"({"StringEquals":{"toy:room":"nursery"}})"));
  CHECK(is_public(R"({"StringEquals":{"toy:colour":"red"}})"));
  CHECK(is_public(R"({"StringLike":{"toy:room":"n*"}})"));
  CHECK_FALSE(is_public(R"({"StringEquals":{"aws:PrincipalAccount":"222222222222"}})"));
}

TEST_CASE("what all services know of callers and requests") {
  using Values = std::vector<std::string>;
  CHECK(caller_value("aws:principalarn", &kAnn) == Values{"arn:aws:iam::111111111111:user/ann"});
  CHECK(caller_value("aws:principalaccount", &kAnn) == Values{"111111111111"});
  CHECK(caller_value("aws:principaltype", nullptr) == Values{"Anonymous"});
  CHECK_FALSE(caller_value("aws:username", nullptr));
  CHECK_FALSE(caller_value("aws:sourceip", &kAnn));

  http::RequestHead head;
  head.peer = "192.0.2.7";
  head.headers.add("User-Agent", "a");
  head.headers.add("X-Forwarded-Proto", "https");
  const std::vector<AddressRange> proxies = {*parse_address_range("192.0.2.0/24")};
  const auto value = [&](std::string_view key, std::span<const AddressRange> trusted) {
    return request_value(
        key, {.head = head, .trusted_proxies = trusted, .now = {1'700'000'000'000'000}, .region = "r"});
  };
  CHECK(value("aws:sourceip", {}) == Values{"192.0.2.7"});
  CHECK(value("aws:securetransport", {}) == Values{"false"});
  CHECK(value("aws:securetransport", proxies) == Values{"true"});
  CHECK(value("aws:useragent", {}) == Values{"a"});
  CHECK(value("aws:epochtime", {}) == Values{"1700000000"});
  CHECK(value("aws:requestedregion", {}) == Values{"r"});
  CHECK_FALSE(value("aws:referer", {}));
}

}  // namespace tidemark::auth
