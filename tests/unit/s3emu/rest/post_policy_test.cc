#include "s3emu/rest/objects/post_policy.h"

#include "base/bytes.h"
#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

const Timestamp kNow = Timestamp::from_seconds(1'790'000'000);  // 2026-09-21T14:13:20Z

std::string with_conditions(const std::string& conditions) {
  return R"({"expiration": "2026-09-21T15:00:00.000Z", "conditions": [)" + conditions + "]}";
}

}  // namespace

TEST_CASE("policies that are none") {
  struct Case {
    const char* why;
    std::string json;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing", ""},
      {"no JSON", "{"},
      {"no object", "[]"},
      {"no expiration", R"({"conditions": []})"},
      {"expiration is a number", R"({"expiration": 1, "conditions": []})"},
      {"expiration is no time", R"({"expiration": "tomorrow", "conditions": []})"},
      {"no such day", R"({"expiration": "2026-13-01T00:00:00Z", "conditions": []})"},
      {"no zone", R"({"expiration": "2026-01-01T00:00:00", "conditions": []})"},
      {"no conditions", R"({"expiration": "2026-01-01T00:00:00Z"})"},
      {"conditions are an object", R"({"expiration": "2026-01-01T00:00:00Z", "conditions": {}})"},
      {"a condition is text", with_conditions(R"("key")")},
      {"two properties in one", with_conditions(R"({"a": "1", "b": "2"})")},
      {"none in one", with_conditions("{}")},
      {"a number as value", with_conditions(R"({"success_action_status": 201})")},
      {"unknown operation", with_conditions(R"(["ends-with", "$key", "a"])")},
      {"no dollar", with_conditions(R"(["eq", "key", "a"])")},
      {"too few", with_conditions(R"(["eq", "$key"])")},
      {"too many", with_conditions(R"(["eq", "$key", "a", "b"])")},
      {"empty list", with_conditions("[]")},
      {"sizes that are none", with_conditions(R"(["content-length-range", -1, 10])")},
      {"sizes that are text", with_conditions(R"(["content-length-range", "a", "b"])")},
  }));
  INFO(c.why);
  const auto policy = parse_post_policy(base64_encode(c.json));
  REQUIRE(!policy);
  CHECK(policy.error().code == "InvalidPolicyDocument");
  CHECK(policy.error().status == 400);
  CHECK(!parse_post_policy("!" + base64_encode(c.json)));
}

TEST_CASE("what a policy lets through") {
  struct Case {
    const char* why;
    std::string conditions;
    NamedValues fields;
    const char* message;  // the end of it; empty: accepted
  };
  const auto c = GENERATE(values<Case>({
      {"exact", R"({"key": "a"}, {"bucket": "b"})", {{"bucket", "b"}, {"key", "a"}}, ""},
      {"names without case", R"(["EQ", "$Key", "a"])", {{"key", "a"}}, ""},
      {"values with case",
       R"({"key": "a"})",
       {{"key", "A"}},
       R"(Policy Condition failed: ["eq", "$key", "a"])"},
      {"not that bucket",
       R"({"bucket": "b"})",
       {{"bucket", "c"}},
       R"(Policy Condition failed: ["eq", "$bucket", "b"])"},
      {"a prefix", R"(["starts-with", "$key", "user/"])", {{"key", "user/x"}}, ""},
      {"another prefix",
       R"(["starts-with", "$key", "user/"])",
       {{"key", "user"}},
       R"(Policy Condition failed: ["starts-with", "$key", "user/"])"},
      {"anything", R"(["starts-with", "$key", ""])", {{"key", "x"}}, ""},
      {"anything, but something",
       R"(["starts-with", "$key", ""])",
       {},
       R"(Policy Condition failed: ["starts-with", "$key", ""])"},
      {"each type of a list",
       R"(["starts-with", "$Content-Type", "image/"])",
       {{"content-type", "image/png, image/gif"}},
       ""},
      {"one type of a list",
       R"(["starts-with", "$Content-Type", "image/"])",
       {{"content-type", "image/png,text/html"}},
       R"(Policy Condition failed: ["starts-with", "$Content-Type", "image/"])"},
      {"not covered",
       R"({"key": "a"})",
       {{"key", "a"}, {"acl", "private"}, {"tagging", ""}},
       "Extra input fields: acl, tagging"},
      {"no word of the bucket",
       R"({"key": "a"})",
       {{"bucket", "b"}, {"key", "a"}},
       "Extra input fields: bucket"},
      {"need no cover",
       "",
       {{"policy", ""},
        {"signature", ""},
        {"x-amz-signature", ""},
        {"awsaccesskeyid", ""},
        {"x-ignore-me", ""}},
       ""},
      {"the rest of the signature needs it", "", {{"x-amz-date", ""}}, "Extra input fields: x-amz-date"},
      {"every condition counts",
       R"({"key": "a"}, ["starts-with", "$key", "b"])",
       {{"key", "a"}},
       R"(Policy Condition failed: ["starts-with", "$key", "b"])"},
  }));
  INFO(c.why);
  const auto policy = parse_post_policy(base64_encode(with_conditions(c.conditions)));
  REQUIRE(policy);
  const auto checked = check_post_policy(*policy, c.fields, kNow);
  if (*c.message == '\0') {
    CHECK(checked.has_value());
    return;
  }
  REQUIRE(!checked);
  CHECK(checked.error().code == "AccessDenied");
  CHECK(checked.error().message == "Invalid according to Policy: " + std::string(c.message));
}

TEST_CASE("policies expire, and bound the size") {
  auto policy = parse_post_policy(base64_encode(
      with_conditions(R"(["content-length-range", 1, 10], ["content-length-range", "2", "20"])")));
  REQUIRE(policy);
  CHECK(policy->size_range->min == 2);
  CHECK(policy->size_range->max == 10);
  CHECK(format_iso_seconds(policy->expiration) == "2026-09-21T15:00:00Z");
  CHECK(check_post_policy(*policy, {}, kNow));
  const auto late = check_post_policy(*policy, {}, kNow.plus_seconds(3600));
  REQUIRE(!late);
  CHECK(late.error().message == "Invalid according to Policy: Policy expired.");
  // As an encoder that breaks its lines sends it.
  std::string text = base64_encode(with_conditions(""));
  text.insert(20, "\r\n");
  CHECK(parse_post_policy(text));
}

}  // namespace tidemark::s3emu
