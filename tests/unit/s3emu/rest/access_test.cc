#include "tests/unit/s3emu/rest/anns_box.h"

namespace tidemark::s3emu {

TEST_CASE("what is Ann's is Ann's alone") {
  AnnsBox box;
  struct Case {
    const char* method;
    const char* target;
  };
  const auto c = GENERATE(values<Case>({
      {"GET", "/box"},          {"GET", "/box?list-type=2"},
      {"GET", "/box?versions"}, {"GET", "/box?uploads"},
      {"HEAD", "/box"},         {"GET", "/box?acl"},
      {"GET", "/box?policy"},   {"GET", "/box?location"},
      {"DELETE", "/box"},       {"DELETE", "/box?policy"},
      {"GET", "/box/k"},        {"HEAD", "/box/k"},
      {"GET", "/box/k?acl"},    {"GET", "/box/k?tagging"},
      {"GET", "/box/none"},     {"PUT", "/box/k"},
      {"PUT", "/box/new"},      {"DELETE", "/box/k"},
      {"DELETE", "/box/none"},  {"POST", "/box/k?uploads"},
      {"PUT", "/box?acl"},      {"PUT", "/box/k?acl"},
  }));
  INFO(c.method << " " << c.target);
  for (const auth::Account* const stranger : {&kBob, static_cast<const auth::Account*>(nullptr)}) {
    const auto refused = box.as(stranger, c.method, c.target);
    CHECK(refused.status == 403);
    CHECK(refused.code == "AccessDenied");
  }
  CHECK(box.as(&kAnn, "GET", "/box/k").status == 200);
}

TEST_CASE("missing buckets and keys") {
  AnnsBox box;
  CHECK(box.as(&kBob, "GET", "/nowhere/k").code == "NoSuchBucket");
  CHECK(box.as(&kAnn, "GET", "/box/none").code == "NoSuchKey");
  CHECK(box.as(&kBob, "GET", "/box/none").code == "AccessDenied");
  box.put_policy(policy("Allow", kToBob, R"("s3:GetObject")", "arn:aws:s3:::box/*"));
  CHECK(box.as(&kBob, "GET", "/box/k").status == 200);
  CHECK(box.as(&kBob, "GET", "/box/none").code == "AccessDenied");
  box.put_policy(policy("Allow", kToBob, R"(["s3:GetObject","s3:ListBucket"])", "arn:aws:s3:::box*"));
  CHECK(box.as(&kBob, "GET", "/box/none").code == "NoSuchKey");
}

TEST_CASE("buckets are listed to their owners") {
  AnnsBox box;
  REQUIRE(box.as(&kBob, "PUT", "/bobs").status == 200);
  CHECK(box.as(&kAnn, "GET", "/").body.find("<Name>box<") != std::string::npos);
  CHECK(box.as(&kAnn, "GET", "/").body.find("<Name>bobs<") == std::string::npos);
  CHECK(box.as(&kBob, "GET", "/").body.find("<Name>bobs<") != std::string::npos);
  CHECK(box.as(nullptr, "GET", "/").code == "AccessDenied");
  CHECK(box.as(nullptr, "PUT", "/other").code == "AccessDenied");
  CHECK(box.as(&kBob, "PUT", "/box").code == "BucketAlreadyExists");
}

TEST_CASE("a policy allows and denies") {
  AnnsBox box;
  struct Case {
    const char* why;
    std::string policy;
    const auth::Account* caller;
    const char* method;
    const char* target;
    NamedValues headers;
    int status;
  };
  const std::string keys = "arn:aws:s3:::box/*";
  const auto c = GENERATE_COPY(values<Case>({
      {"bob reads", policy("Allow", kToBob, R"("s3:GetObject")", keys), &kBob, "GET", "/box/k", {}, 200},
      {"bob alone", policy("Allow", kToBob, R"("s3:GetObject")", keys), nullptr, "GET", "/box/k", {}, 403},
      {"everybody reads",
       policy("Allow", kEverybody, R"("s3:GetObject")", keys),
       nullptr,
       "GET",
       "/box/k",
       {},
       200},
      {"bob writes", policy("Allow", kToBob, R"("s3:PutObject")", keys), &kBob, "PUT", "/box/new", {}, 200},
      {"but gives no ACL",
       policy("Allow", kToBob, R"("s3:PutObject")", keys),
       &kBob,
       "PUT",
       "/box/new",
       {{"x-amz-acl", "bucket-owner-full-control"}},
       403},
      {"unless he may",
       policy("Allow", kToBob, R"(["s3:PutObject","s3:PutObjectAcl"])", keys),
       &kBob,
       "PUT",
       "/box/new",
       {{"x-amz-acl", "bucket-owner-full-control"}},
       200},
      {"nor tags",
       policy("Allow", kToBob, R"("s3:PutObject")", keys),
       &kBob,
       "PUT",
       "/box/new",
       {{"x-amz-tagging", "a=b"}},
       403},
      {"bob deletes",
       policy("Allow", kToBob, R"("s3:DeleteObject")", keys),
       &kBob,
       "DELETE",
       "/box/k",
       {},
       204},
      {"not versions",
       policy("Allow", kToBob, R"("s3:DeleteObject")", keys),
       &kBob,
       "DELETE",
       "/box/k?versionId=null",
       {},
       403},
      {"ann is denied",
       policy("Deny", kEverybody, R"("s3:GetObject")", keys),
       &kAnn,
       "GET",
       "/box/k",
       {},
       403},
      {"head is get",
       policy("Deny", kEverybody, R"("s3:GetObject")", keys),
       &kAnn,
       "HEAD",
       "/box/k",
       {},
       403},
      {"ann keeps the policy",
       policy("Deny", kEverybody, R"("s3:*")", "arn:aws:s3:::box*"),
       &kAnn,
       "GET",
       "/box?policy",
       {},
       200},
      {"also to delete",
       policy("Deny", kEverybody, R"("s3:*")", "arn:aws:s3:::box*"),
       &kAnn,
       "DELETE",
       "/box?policy",
       {},
       204},
      {"others do not",
       policy("Allow", kToBob, R"("s3:GetObject")", keys),
       &kBob,
       "GET",
       "/box?policy",
       {},
       403},
      {"a prefix",
       policy("Allow", kToBob, R"("s3:ListBucket")", "arn:aws:s3:::box",
              R"({"StringLike":{"s3:prefix":"home/*"}})"),
       &kBob,
       "GET",
       "/box?list-type=2&prefix=home/bob",
       {},
       200},
      {"another prefix",
       policy("Allow", kToBob, R"("s3:ListBucket")", "arn:aws:s3:::box",
              R"({"StringLike":{"s3:prefix":"home/*"}})"),
       &kBob,
       "GET",
       "/box?list-type=2&prefix=away",
       {},
       403},
      {"unencrypted puts",
       policy("Deny", kEverybody, R"("s3:PutObject")", keys,
              R"({"Null":{"s3:x-amz-server-side-encryption":"true"}})"),
       &kAnn,
       "PUT",
       "/box/new",
       {},
       403},
      {"encrypted puts",
       policy("Deny", kEverybody, R"("s3:PutObject")", keys,
              R"({"Null":{"s3:x-amz-server-side-encryption":"true"}})"),
       &kAnn,
       "PUT",
       "/box/new",
       {{"x-amz-server-side-encryption", "AES256"}},
       200},
      {"an address",
       policy("Deny", kEverybody, R"("s3:*")", keys, R"({"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}})"),
       &kAnn,
       "GET",
       "/box/k",
       {},
       200},
      {"another address",
       policy("Deny", kEverybody, R"("s3:*")", keys,
              R"({"NotIpAddress":{"aws:SourceIp":"198.51.100.0/24"}})"),
       &kAnn,
       "GET",
       "/box/k",
       {},
       403},
      {"plain http",
       policy("Deny", kEverybody, R"("s3:*")", keys, R"({"Bool":{"aws:SecureTransport":"false"}})"),
       &kAnn,
       "GET",
       "/box/k",
       {},
       403},
      {"https in front",
       policy("Deny", kEverybody, R"("s3:*")", keys, R"({"Bool":{"aws:SecureTransport":"false"}})"),
       &kAnn,
       "GET",
       "/box/k",
       {{"X-Forwarded-Proto", "https"}},
       200},
      {"a referer",
       policy("Allow", kEverybody, R"("s3:GetObject")", keys,
              R"({"StringLike":{"aws:Referer":"https://site/*"}})"),
       nullptr,
       "GET",
       "/box/k",
       {{"Referer", "https://site/page"}},
       200},
      {"past its date",
       policy("Allow", kEverybody, R"("s3:GetObject")", keys,
              R"({"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}})"),
       nullptr,
       "GET",
       "/box/k",
       {},
       403},
  }));
  INFO(c.why);
  box.options_.trusted_proxies = {*parse_address_range("192.0.2.1")};
  box.put_policy(c.policy);
  CHECK(box.as(c.caller, c.method, c.target, c.headers, "x").status == c.status);
}

TEST_CASE("tags decide") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box/open", {{"x-amz-tagging", "class=public"}}, "x").status == 200);
  box.put_policy(policy("Allow", kEverybody, R"("s3:GetObject")", "arn:aws:s3:::box/*",
                        R"({"StringEquals":{"s3:ExistingObjectTag/class":"public"}})"));
  CHECK(box.as(nullptr, "GET", "/box/open").status == 200);
  CHECK(box.as(nullptr, "GET", "/box/k").status == 403);
}

TEST_CASE("in open mode an explicit Deny is all that counts") {
  AnnsBox box(false);
  CHECK(box.as(&kBob, "GET", "/box/k").status == 200);
  CHECK(box.as(&kBob, "GET", "/box?acl").status == 200);
  box.put_policy(policy("Deny", kEverybody, R"("s3:GetObject")", "arn:aws:s3:::box/secret*"));
  CHECK(box.as(nullptr, "GET", "/box/k").status == 200);
  CHECK(box.as(nullptr, "PUT", "/box/secret", {}, "x").status == 200);
  CHECK(box.as(nullptr, "GET", "/box/secret").code == "AccessDenied");
  CHECK(box.as(nullptr, "GET", "/box/none").code == "NoSuchKey");
  box.put_policy(policy("Deny", kEverybody, R"("s3:*")", "arn:aws:s3:::box*"));
  CHECK(box.as(nullptr, "GET", "/box").code == "AccessDenied");
  CHECK(box.as(&kBob, "DELETE", "/box?policy").status == 204);
  CHECK(box.as(nullptr, "GET", "/box").status == 200);
}

TEST_CASE("the expected owner of a bucket") {
  AnnsBox box;
  const auto get = [&](const std::string& expected) {
    return box.as(&kAnn, "GET", "/box/k", {{"x-amz-expected-bucket-owner", expected}}).status;
  };
  CHECK(get(kAnn.id) == 200);
  CHECK(get(kAnn.canonical_user_id) == 200);
  CHECK(get(kBob.id) == 403);
  CHECK(get("") == 403);
}

TEST_CASE("policies are kept as they are") {
  AnnsBox box;
  CHECK(box.as(&kAnn, "GET", "/box?policy").code == "NoSuchBucketPolicy");
  CHECK(box.as(&kAnn, "GET", "/box?policyStatus").code == "NoSuchBucketPolicy");
  CHECK(box.as(&kAnn, "PUT", "/box?policy", {}, "{}").code == "MalformedPolicy");
  CHECK(box.as(&kAnn, "PUT", "/box?policy", {}, "").code == "MissingRequestBodyError");
  const std::string text = policy("Allow", kEverybody, R"("s3:GetObject")", "arn:aws:s3:::box/*");
  box.put_policy(text);
  CHECK(box.as(&kAnn, "GET", "/box?policy").body == text);
  CHECK(box.as(&kAnn, "GET", "/box?policyStatus").body.find("<IsPublic>true</IsPublic>") !=
        std::string::npos);
  box.put_policy(policy("Allow", kToBob, R"("s3:GetObject")", "arn:aws:s3:::box/*"));
  CHECK(box.as(&kAnn, "GET", "/box?policyStatus").body.find("<IsPublic>false</IsPublic>") !=
        std::string::npos);
  CHECK(box.as(&kAnn, "DELETE", "/box?policy").status == 204);
  CHECK(box.as(&kAnn, "GET", "/box?policy").code == "NoSuchBucketPolicy");
  CHECK(box.as(&kAnn, "PUT", "/none?policy", {}, text).code == "NoSuchBucket");
}

TEST_CASE("what is not there is answered by who judges") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "public-read"}}).status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/box?versioning", {},
                 "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
              .status == 200);
  REQUIRE(box.as(&kAnn, "DELETE", "/box/k").status == 204);
  struct Case {
    const char* method;
    const char* target;
    std::string code;
  };
  const auto c = GENERATE(values<Case>({
      {"GET", "/box/none", "NoSuchKey"},
      {"GET", "/box/k", "NoSuchKey"},
      {"GET", "/box/none?acl", "NoSuchKey"},
      {"PUT", "/box/none?acl", "NoSuchKey"},
      {"GET", "/box/none?tagging", "NoSuchKey"},
      {"DELETE", "/box/none?tagging", "NoSuchKey"},
      {"GET", "/box/none?retention", "NoSuchKey"},
      {"PUT", "/box/none?retention", "NoSuchKey"},
      {"PUT", "/box/k?legal-hold", "NoSuchKey"},
      {"GET", "/box/k?versionId=00000000000000000000000000000000", "NoSuchVersion"},
  }));
  INFO(c.method << " " << c.target);
  const auto absent = box.as(&kBob, c.method, c.target);
  CHECK(absent.status == 404);
  CHECK(absent.code == c.code);
}

TEST_CASE("the owner's account is told which Deny it was") {
  AnnsBox box;
  box.put_policy(policy("Deny", kEverybody, R"("s3:GetObject")", "arn:aws:s3:::box/*"));
  CHECK(box.as(&kAnn, "GET", "/box/k").message ==
        "User: arn:aws:iam::111111111111:user/ann is not authorized to perform: s3:GetObject on resource: "
        "\"arn:aws:s3:::box/k\" with an explicit deny in a resource-based policy");
  CHECK(box.as(&kBob, "GET", "/box/k").message == "Access Denied");
}

}  // namespace tidemark::s3emu
