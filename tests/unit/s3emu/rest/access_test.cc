#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/access_fixture.h"

namespace tidemark::s3emu {
namespace {

std::string policy(const std::string& effect, const std::string& principal, const std::string& action,
                   const std::string& resource, const std::string& condition = {}) {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":")" + effect + R"(","Principal":)" + principal +
         R"(,"Action":)" + action + R"(,"Resource":")" + resource + "\"" +
         (condition.empty() ? "" : R"(,"Condition":)" + condition) + "}]}";
}

const std::string kToBob = R"({"AWS":"222222222222"})";
const std::string kEverybody = R"("*")";

std::string acl_xml(const std::string& owner, const std::string& grants) {
  return "<AccessControlPolicy><Owner><ID>" + owner + "</ID></Owner><AccessControlList>" + grants +
         "</AccessControlList></AccessControlPolicy>";
}

std::string grant_xml(const std::string& type, const std::string& grantee, const std::string& permission) {
  return "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"" + type +
         "\">" + grantee + "</Grantee><Permission>" + permission + "</Permission></Grant>";
}

std::string ownership_xml(const std::string& name) {
  return "<OwnershipControls><Rule><ObjectOwnership>" + name +
         "</ObjectOwnership></Rule></OwnershipControls>";
}

std::string block_xml(const std::string& name) {
  return "<PublicAccessBlockConfiguration><" + name + ">true</" + name + "></PublicAccessBlockConfiguration>";
}

// Ann's bucket with an object of hers.
class AnnsBox : public AccessFixture {
 public:
  explicit AnnsBox(bool strict = true) : AccessFixture(strict) {
    INVARIANT(as(&kAnn, "PUT", "/box").status == 200);
    INVARIANT(as(&kAnn, "PUT", "/box/k", {}, "data").status == 200);
  }
  void put_policy(const std::string& text) {
    const auto put = as(&kAnn, "PUT", "/box?policy", {}, text);
    INFO(text << put.message);
    REQUIRE(put.status == 204);
  }
};

}  // namespace

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

TEST_CASE("copies need their source") {
  AnnsBox box;
  REQUIRE(box.as(&kBob, "PUT", "/bobs").status == 200);
  const NamedValues from_box = {{"x-amz-copy-source", "/box/k"}};
  CHECK(box.as(&kBob, "PUT", "/bobs/k", from_box).code == "AccessDenied");
  box.put_policy(policy("Allow", kToBob, R"("s3:GetObject")", "arn:aws:s3:::box/k"));
  CHECK(box.as(&kBob, "PUT", "/bobs/k", from_box).status == 200);
  CHECK(box.as(&kBob, "PUT", "/box/k2", from_box).code == "AccessDenied");
  CHECK(box.as(&kBob, "PUT", "/bobs/k",
               {{"x-amz-copy-source", "/box/k"}, {"x-amz-source-expected-bucket-owner", kBob.id}})
            .code == "AccessDenied");
}

TEST_CASE("many deletions are judged one by one") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box/keep", {}, "x").status == 200);
  box.put_policy(policy("Deny", kEverybody, R"("s3:DeleteObject")", "arn:aws:s3:::box/keep"));
  const auto deleted =
      box.as(&kAnn, "POST", "/box?delete", {},
             "<Delete><Object><Key>keep</Key></Object><Object><Key>k</Key></Object></Delete>");
  REQUIRE(deleted.status == 200);
  CHECK(deleted.body.find("<Error><Key>keep</Key><Code>AccessDenied</Code>") != std::string::npos);
  CHECK(deleted.body.find("<Deleted><Key>k</Key></Deleted>") != std::string::npos);
  CHECK(box.as(&kAnn, "GET", "/box/keep").status == 200);
  CHECK(box.as(&kAnn, "GET", "/box/k").status == 404);
}

TEST_CASE("canned ACLs open buckets and objects") {
  AnnsBox box;
  struct Case {
    const char* acl;
    const auth::Account* caller;
    const char* method;
    const char* target;
    int status;
  };
  const auto c = GENERATE(values<Case>({
      {"public-read", nullptr, "GET", "/box/k", 200},
      {"public-read", nullptr, "GET", "/box", 200},
      {"public-read", nullptr, "PUT", "/box/new", 403},
      {"public-read", &kBob, "GET", "/box/k?acl", 403},
      {"public-read-write", nullptr, "PUT", "/box/new", 200},
      {"public-read-write", &kBob, "DELETE", "/box/k", 204},
      {"authenticated-read", &kBob, "GET", "/box/k", 200},
      {"authenticated-read", nullptr, "GET", "/box/k", 403},
      {"private", &kBob, "GET", "/box/k", 403},
  }));
  INFO(c.acl << " " << c.method << " " << c.target);
  REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", c.acl}}).status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/box/k?acl", {{"x-amz-acl", c.acl}}).status == 200);
  CHECK(box.as(c.caller, c.method, c.target).status == c.status);
}

TEST_CASE("grants to an account") {
  AnnsBox box;
  const std::string bob = "id=\"" + kBob.canonical_user_id + "\"";
  REQUIRE(box.as(&kAnn, "PUT", "/box/g", {{"x-amz-grant-read", bob}, {"x-amz-grant-read-acp", bob}}, "x")
              .status == 200);
  CHECK(box.as(&kBob, "GET", "/box/g").status == 200);
  CHECK(box.as(&kBob, "GET", "/box/g?acl").status == 200);
  CHECK(box.as(&kBob, "PUT", "/box/g?acl", {{"x-amz-acl", "private"}}).status == 403);
  // Grants replace the owner's own, too, but an owner's account keeps its rights.
  CHECK(box.as(&kAnn, "GET", "/box/g").status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-grant-full-control", bob}}).status == 200);
  CHECK(box.as(&kBob, "GET", "/box").status == 200);
  CHECK(box.as(&kBob, "PUT", "/box/new").status == 200);
  CHECK(box.as(&kBob, "GET", "/box?acl").status == 200);
  CHECK(box.as(&kBob, "DELETE", "/box").status == 403);
}

TEST_CASE("an object of another account in the bucket") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "public-read-write"}}).status == 200);
  REQUIRE(box.as(&kBob, "PUT", "/box/b", {}, "bob's").status == 200);
  CHECK(box.as(&kBob, "GET", "/box/b").status == 200);
  CHECK(box.as(&kAnn, "GET", "/box/b").code == "AccessDenied");
  CHECK(box.as(&kAnn, "GET", "/box/b?acl").code == "AccessDenied");
  // A policy of the bucket does not speak for it.
  box.put_policy(policy("Allow", kEverybody, R"("s3:GetObject")", "arn:aws:s3:::box/*"));
  CHECK(box.as(nullptr, "GET", "/box/b").code == "AccessDenied");
  CHECK(box.as(nullptr, "GET", "/box/k").status == 200);

  SECTION("may be given to the bucket's owner") {
    REQUIRE(box.as(&kBob, "PUT", "/box/b?acl", {{"x-amz-acl", "bucket-owner-full-control"}}).status == 200);
    CHECK(box.as(&kAnn, "GET", "/box/b").status == 200);
    CHECK(box.as(&kAnn, "GET", "/box/b?acl").body.find("<Owner><ID>" + kBob.canonical_user_id) !=
          std::string::npos);
  }
  SECTION("may be deleted by the bucket's owner") { CHECK(box.as(&kAnn, "DELETE", "/box/b").status == 204); }
  SECTION("is the bucket owner's where ACLs are off") {
    REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "private"}}).status == 200);
    REQUIRE(box.as(&kAnn, "PUT", "/box?ownershipControls", {}, ownership_xml("BucketOwnerEnforced")).status ==
            200);
    CHECK(box.as(&kAnn, "GET", "/box/b").status == 200);
    CHECK(box.as(nullptr, "GET", "/box/b").status == 200);
  }
  SECTION("is denied to its owner by the policy") {
    box.put_policy(policy("Deny", kToBob, R"("s3:GetObject")", "arn:aws:s3:::box/*"));
    CHECK(box.as(&kBob, "GET", "/box/b").code == "AccessDenied");
  }
}

TEST_CASE("what nobody signed belongs to nobody") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "public-read-write"}}).status == 200);
  REQUIRE(box.as(nullptr, "PUT", "/box/n", {}, "x").status == 200);
  CHECK(box.as(nullptr, "GET", "/box/n").status == 200);
  CHECK(box.as(&kAnn, "GET", "/box/n").status == 403);
}

TEST_CASE("ACL documents") {
  AnnsBox box;
  struct Case {
    const char* why;
    std::string body;
    const char* code;  // empty: taken
  };
  const std::string ann = kAnn.canonical_user_id;
  const std::string bob_id = "<ID>" + kBob.canonical_user_id + "</ID>";
  const auto c = GENERATE_COPY(values<Case>({
      {"a user", acl_xml(ann, grant_xml("CanonicalUser", bob_id, "READ")), ""},
      {"a group",
       acl_xml(ann, grant_xml("Group", "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>", "READ")),
       ""},
      {"nobody", acl_xml(ann, ""), ""},
      {"no XML", "hello", "MalformedACLError"},
      {"another root", "<Acl/>", "MalformedACLError"},
      {"no owner", "<AccessControlPolicy><AccessControlList/></AccessControlPolicy>", "MalformedACLError"},
      {"no list", "<AccessControlPolicy><Owner><ID>x</ID></Owner></AccessControlPolicy>",
       "MalformedACLError"},
      {"no permission", acl_xml(ann, grant_xml("CanonicalUser", bob_id, "")), "MalformedACLError"},
      {"an unknown permission", acl_xml(ann, grant_xml("CanonicalUser", bob_id, "LOOK")),
       "MalformedACLError"},
      {"no type",
       acl_xml(ann, "<Grant><Grantee>" + bob_id + "</Grantee><Permission>READ</Permission></Grant>"),
       "MalformedACLError"},
      {"an unknown user",
       acl_xml(ann, grant_xml("CanonicalUser", "<ID>" + std::string(64, 'c') + "</ID>", "READ")),
       "InvalidArgument"},
      {"an unknown group", acl_xml(ann, grant_xml("Group", "<URI>http://example.com</URI>", "READ")),
       "InvalidArgument"},
      {"by mail",
       acl_xml(ann, grant_xml("AmazonCustomerByEmail", "<EmailAddress>b@example.com</EmailAddress>", "READ")),
       "UnresolvableGrantByEmailAddress"},
      {"another owner", acl_xml(kBob.canonical_user_id, ""), "AccessDenied"},
      {"nothing at all", "", "MissingSecurityHeader"},
  }));
  INFO(c.why);
  for (const char* target : {"/box?acl", "/box/k?acl"}) {
    CHECK(box.as(&kAnn, "PUT", target, {}, c.body).code == c.code);
  }
}

TEST_CASE("what ?acl answers can be put back") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box/k?acl", {{"x-amz-acl", "public-read"}}).status == 200);
  const std::string shown = box.as(&kAnn, "GET", "/box/k?acl").body;
  CHECK(shown.find("<DisplayName>ann</DisplayName>") != std::string::npos);
  CHECK(shown.find("xsi:type=\"Group\"><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>") !=
        std::string::npos);
  REQUIRE(box.as(&kAnn, "PUT", "/box/k?acl", {{"x-amz-acl", "private"}}).status == 200);
  CHECK(box.as(nullptr, "GET", "/box/k").status == 403);
  REQUIRE(box.as(&kAnn, "PUT", "/box/k?acl", {}, shown).status == 200);
  CHECK(box.as(nullptr, "GET", "/box/k").status == 200);
  CHECK(box.as(&kAnn, "GET", "/box/k?acl").body == shown);
  CHECK(box.as(&kAnn, "PUT", "/box/k?acl", {{"x-amz-acl", "private"}}, shown).code == "UnexpectedContent");
}

TEST_CASE("public access can be blocked") {
  AnnsBox box;
  const std::string open_policy = policy("Allow", kEverybody, R"("s3:GetObject")", "arn:aws:s3:::box/*");
  SECTION("absent") {
    CHECK(box.as(&kAnn, "GET", "/box?publicAccessBlock").code == "NoSuchPublicAccessBlockConfiguration");
  }
  SECTION("BlockPublicAcls") {
    REQUIRE(box.as(&kAnn, "PUT", "/box?publicAccessBlock", {}, block_xml("BlockPublicAcls")).status == 200);
    const NamedValues open = {{"x-amz-acl", "public-read"}};
    CHECK(box.as(&kAnn, "PUT", "/box?acl", open).code == "AccessDenied");
    CHECK(box.as(&kAnn, "PUT", "/box/k?acl", open).code == "AccessDenied");
    CHECK(box.as(&kAnn, "PUT", "/box/new", open, "x").code == "AccessDenied");
    CHECK(box.as(&kAnn, "POST", "/box/new?uploads", open).code == "AccessDenied");
    CHECK(box.as(&kAnn, "PUT", "/box/new", {{"x-amz-acl", "private"}}, "x").status == 200);
    CHECK(box.as(&kAnn, "PUT", "/box?policy", {}, open_policy).status == 204);
  }
  SECTION("IgnorePublicAcls") {
    REQUIRE(box.as(&kAnn, "PUT", "/box/k?acl", {{"x-amz-acl", "public-read"}}).status == 200);
    REQUIRE(box.as(nullptr, "GET", "/box/k").status == 200);
    REQUIRE(box.as(&kAnn, "PUT", "/box?publicAccessBlock", {}, block_xml("IgnorePublicAcls")).status == 200);
    CHECK(box.as(nullptr, "GET", "/box/k").status == 403);
    CHECK(box.as(&kAnn, "DELETE", "/box?publicAccessBlock").status == 204);
    CHECK(box.as(nullptr, "GET", "/box/k").status == 200);
  }
  SECTION("BlockPublicPolicy") {
    REQUIRE(box.as(&kAnn, "PUT", "/box?publicAccessBlock", {}, block_xml("BlockPublicPolicy")).status == 200);
    CHECK(box.as(&kAnn, "PUT", "/box?policy", {}, open_policy).code == "AccessDenied");
    CHECK(box.as(&kAnn, "PUT", "/box?policy", {},
                 policy("Allow", kToBob, R"("s3:GetObject")", "arn:aws:s3:::box/*"))
              .status == 204);
  }
  SECTION("RestrictPublicBuckets") {
    box.put_policy(open_policy);
    REQUIRE(box.as(&kBob, "GET", "/box/k").status == 200);
    REQUIRE(box.as(&kAnn, "PUT", "/box?publicAccessBlock", {}, block_xml("RestrictPublicBuckets")).status ==
            200);
    CHECK(box.as(&kBob, "GET", "/box/k").status == 403);
    CHECK(box.as(nullptr, "GET", "/box/k").status == 403);
    CHECK(box.as(&kAnn, "GET", "/box/k").status == 200);
    box.put_policy(policy("Allow", kToBob, R"("s3:GetObject")", "arn:aws:s3:::box/*"));
    CHECK(box.as(&kBob, "GET", "/box/k").status == 200);
  }
  SECTION("as it was put") {
    REQUIRE(box.as(&kAnn, "PUT", "/box?publicAccessBlock", {}, block_xml("BlockPublicPolicy")).status == 200);
    const std::string shown = box.as(&kAnn, "GET", "/box?publicAccessBlock").body;
    CHECK(shown.find("<BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>"
                     "<BlockPublicPolicy>true</BlockPublicPolicy>"
                     "<RestrictPublicBuckets>false</RestrictPublicBuckets>") != std::string::npos);
    CHECK(box.as(&kAnn, "PUT", "/box?publicAccessBlock", {},
                 "<PublicAccessBlockConfiguration><IgnorePublicAcls>"
                 "maybe</IgnorePublicAcls></PublicAccessBlockConfiguration>")
              .code == "MalformedXML");
  }
}

TEST_CASE("who owns what others put") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "GET", "/box?ownershipControls").code == "OwnershipControlsNotFoundError");
  box.put_policy(policy("Allow", kToBob, R"(["s3:PutObject","s3:PutObjectAcl"])", "arn:aws:s3:::box/*"));
  const NamedValues give = {{"x-amz-acl", "bucket-owner-full-control"}};
  const auto set = [&](const char* name) {
    return box.as(&kAnn, "PUT", "/box?ownershipControls", {}, ownership_xml(name)).code;
  };
  const auto owner = [&] {
    const std::string text = box.as(&kAnn, "GET", "/box/b?acl").body;
    return text.find("<Owner><ID>" + kAnn.canonical_user_id) != std::string::npos;
  };
  SECTION("whoever writes") {
    REQUIRE(set("ObjectWriter").empty());
    REQUIRE(box.as(&kBob, "PUT", "/box/b", give, "x").status == 200);
    CHECK_FALSE(owner());
    CHECK(box.as(&kAnn, "GET", "/box/b").status == 200);
  }
  SECTION("the bucket's owner, if given") {
    REQUIRE(set("BucketOwnerPreferred").empty());
    REQUIRE(box.as(&kBob, "PUT", "/box/b", give, "x").status == 200);
    CHECK(owner());
    REQUIRE(box.as(&kBob, "PUT", "/box/b", {}, "x").status == 200);
    CHECK(box.as(&kAnn, "GET", "/box/b").status == 403);
  }
  SECTION("the bucket's owner in any case") {
    REQUIRE(set("BucketOwnerEnforced").empty());
    CHECK(box.as(&kAnn, "GET", "/box?ownershipControls").body.find("BucketOwnerEnforced") !=
          std::string::npos);
    REQUIRE(box.as(&kBob, "PUT", "/box/b", {}, "x").status == 200);
    CHECK(owner());
    CHECK(box.as(&kBob, "PUT", "/box/b", give, "x").status == 200);
    for (const char* const target : {"/box/b", "/box/b?acl", "/box?acl"}) {
      CAPTURE(target);
      CHECK(box.as(&kAnn, "PUT", target, {{"x-amz-acl", "private"}}).code == "AccessControlListNotSupported");
    }
    CHECK(box.as(&kAnn, "PUT", "/box?acl", {}, box.as(&kAnn, "GET", "/box?acl").body).code ==
          "AccessControlListNotSupported");
    CHECK(box.as(&kAnn, "PUT", "/box/b?acl", {}, box.as(&kAnn, "GET", "/box/b?acl").body).status == 200);
    CHECK(box.as(&kAnn, "PUT", "/box/b", {{"x-amz-acl", "public-read"}}, "x").code ==
          "AccessControlListNotSupported");
    CHECK(box.as(&kAnn, "PUT", "/box/b?acl", {{"x-amz-acl", "public-read"}}).code ==
          "AccessControlListNotSupported");
    CHECK(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "public-read"}}).code ==
          "AccessControlListNotSupported");
    CHECK(box.as(&kAnn, "PUT", "/box/b?acl", {{"x-amz-acl", "bucket-owner-full-control"}}).status == 200);
  }
  SECTION("not over the heads of others") {
    REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "public-read"}}).status == 200);
    CHECK(set("BucketOwnerEnforced") == "InvalidBucketAclWithObjectOwnership");
    CHECK(set("Nobody") == "MalformedXML");
  }
  SECTION("from the beginning") {
    CHECK(box.as(&kAnn, "PUT", "/new1", {{"x-amz-object-ownership", "BucketOwnerEnforced"}}).status == 200);
    CHECK(box.as(&kAnn, "PUT", "/new1/k", {{"x-amz-acl", "public-read"}}).code ==
          "AccessControlListNotSupported");
    CHECK(box.as(&kAnn, "PUT", "/new2",
                 {{"x-amz-object-ownership", "BucketOwnerEnforced"}, {"x-amz-acl", "public-read"}})
              .code == "InvalidBucketAclWithObjectOwnership");
    CHECK(box.as(&kAnn, "PUT", "/new2", {{"x-amz-object-ownership", "Mine"}}).code == "InvalidArgument");
    CHECK(box.as(&kAnn, "PUT", "/new2", {{"x-amz-acl", "public-read"}}).status == 200);
    CHECK(box.as(nullptr, "GET", "/new2").status == 200);
  }
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

TEST_CASE("locks are judged for the version they are about") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/locked", {{"x-amz-bucket-object-lock-enabled", "true"}}).status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/locked?acl", {{"x-amz-acl", "public-read"}}).status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/locked/k", {{"x-amz-object-lock-legal-hold", "ON"}}, "x").status == 200);
  const auto held = box.store->head_object("locked", "k");
  REQUIRE(held);
  const std::string version = "&versionId=" + held->info.version_id;
  const std::string off = "<LegalHold><Status>OFF</Status></LegalHold>";
  const std::string retention =
      "<Retention><Mode>COMPLIANCE</Mode><RetainUntilDate>2100-01-01T00:00:00Z</RetainUntilDate></Retention>";
  SECTION("behind a delete marker") { REQUIRE(box.as(&kAnn, "DELETE", "/locked/k").status == 204); }
  SECTION("behind an object of one's own") {
    REQUIRE(box.as(&kAnn, "PUT", "/locked?acl", {{"x-amz-acl", "public-read-write"}}).status == 200);
    REQUIRE(box.as(&kBob, "PUT", "/locked/k", {}, "mine").status == 200);
  }
  CHECK(box.as(&kBob, "PUT", "/locked/k?legal-hold" + version, {}, off).code == "AccessDenied");
  CHECK(box.as(&kBob, "PUT", "/locked/k?retention" + version, {}, retention).code == "AccessDenied");
  CHECK(box.as(&kBob, "GET", "/locked/k?legal-hold" + version).code == "AccessDenied");
  CHECK(box.as(&kBob, "GET", "/locked/k?retention" + version).code == "AccessDenied");
  CHECK(box.store->head_object("locked", "k", held->info.version_id)->metadata.lock.legal_hold);
  CHECK(box.as(&kAnn, "PUT", "/locked/k?legal-hold" + version, {}, off).status == 200);
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

TEST_CASE("an upload asks for what it gives to the object") {
  AnnsBox box;
  box.put_policy(policy("Allow", kToBob, R"("s3:PutObject")", "arn:aws:s3:::box/*"));
  CHECK(box.as(&kBob, "POST", "/box/new?uploads").status == 200);
  for (const auto& header : NamedValues{{"x-amz-acl", "public-read"},
                                        {"x-amz-tagging", "a=b"},
                                        {"x-amz-object-lock-mode", "GOVERNANCE"},
                                        {"x-amz-object-lock-legal-hold", "ON"}}) {
    INFO(header.first);
    CHECK(box.as(&kBob, "POST", "/box/new?uploads", {header}).code == "AccessDenied");
    CHECK(box.as(&kBob, "POST", "/box/new?uploads&uploadId=x", {header}).code == "InvalidArgument");
  }
}

TEST_CASE("what is judged is what is done") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/locked", {{"x-amz-bucket-object-lock-enabled", "true"}}).status == 200);
  const std::string rule =
      "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
      "<Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
  REQUIRE(box.as(&kAnn, "PUT", "/locked?object-lock", {}, rule).status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/locked?policy", {},
                 policy("Allow", kToBob, R"("s3:DeleteBucketWebsite")", "arn:aws:s3:::locked"))
              .status == 204);
  CHECK(box.as(&kBob, "DELETE", "/locked?object-lock&website").code == "InvalidArgument");
  CHECK(box.as(&kAnn, "GET", "/locked?object-lock").body.find("COMPLIANCE") != std::string::npos);
}

TEST_CASE("uploads belong to who began them") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "public-read-write"}}).status == 200);
  const auto begin = [&](const auth::Account* caller) {
    const std::string text = box.as(caller, "POST", "/box/up?uploads").body;
    const auto from = text.find("<UploadId>") + 10;
    return "uploadId=" + text.substr(from, text.find('<', from) - from);
  };
  const std::string anns = begin(&kAnn);
  const std::string bobs = begin(&kBob);
  const std::string source = "/box/k";
  const auto complete_xml = [](const std::string& etag) {
    return "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
           "</ETag></Part></CompleteMultipartUpload>";
  };
  const std::string etag = "8d777f385d3dfec8815d20f7496026dc";  // of `data`
  SECTION("not to others who may write") {
    REQUIRE(box.as(&kAnn, "PUT", "/box/up?partNumber=1&" + anns, {}, "data").status == 200);
    REQUIRE(box.as(&kBob, "PUT", "/bobs").status == 200);
    REQUIRE(box.as(&kBob, "PUT", "/bobs/k", {}, "data").status == 200);
    CHECK(box.as(&kBob, "PUT", "/box/up?partNumber=1&" + anns, {}, "evil").code == "AccessDenied");
    CHECK(box.as(&kBob, "PUT", "/box/up?partNumber=1&" + anns, {{"x-amz-copy-source", "/bobs/k"}}).code ==
          "AccessDenied");
    CHECK(box.as(&kBob, "GET", "/box/up?" + anns).code == "AccessDenied");
    CHECK(box.as(&kBob, "POST", "/box/up?" + anns, {}, complete_xml(etag)).code == "AccessDenied");
    CHECK(box.as(&kBob, "DELETE", "/box/up?" + anns).code == "AccessDenied");
    CHECK(box.as(nullptr, "DELETE", "/box/up?" + bobs).code == "AccessDenied");
    CHECK(box.as(&kAnn, "POST", "/box/up?" + anns, {}, complete_xml(etag)).status == 200);
  }
  SECTION("who may do everything with them") {
    REQUIRE(box.as(&kBob, "PUT", "/box/up?partNumber=1&" + bobs, {}, "data").status == 200);
    CHECK(box.as(&kBob, "GET", "/box/up?" + bobs).status == 200);
    CHECK(box.as(&kBob, "POST", "/box/up?" + bobs, {}, complete_xml(etag)).status == 200);
    CHECK(box.as(&kBob, "POST", "/box/up?" + bobs, {}, complete_xml(etag)).status == 200);
    CHECK(box.as(&kBob, "DELETE", "/box/up?" + bobs).code == "NoSuchUpload");
  }
  SECTION("who may give them up even without the right to write") {
    REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "private"}}).status == 200);
    CHECK(box.as(&kBob, "PUT", "/box/up?partNumber=1&" + bobs, {}, "data").code == "AccessDenied");
    CHECK(box.as(&kBob, "DELETE", "/box/up?" + bobs).status == 204);
  }
  SECTION("the owner of the bucket may end them") {
    CHECK(box.as(&kAnn, "GET", "/box/up?" + bobs).status == 200);
    CHECK(box.as(&kAnn, "DELETE", "/box/up?" + bobs).status == 204);
  }
  SECTION("a policy may let others end them") {
    box.put_policy(policy("Allow", kToBob, R"("s3:AbortMultipartUpload")", "arn:aws:s3:::box/*"));
    CHECK(box.as(&kBob, "GET", "/box/up?" + anns).code == "AccessDenied");
    CHECK(box.as(&kBob, "DELETE", "/box/up?" + anns).status == 204);
  }
}

TEST_CASE("the right to write is none to delete versions") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "public-read-write"}}).status == 200);
  CHECK(box.as(&kBob, "DELETE", "/box/k?versionId=null").code == "AccessDenied");
  CHECK(box.as(&kBob, "POST", "/box?delete", {},
               "<Delete><Object><Key>k</Key><VersionId>null</VersionId></Object></Delete>")
            .body.find("AccessDenied") != std::string::npos);
  CHECK(box.as(&kAnn, "GET", "/box/k").status == 200);
}

TEST_CASE("tags are copied by who may read them") {
  AnnsBox box;
  REQUIRE(box.as(&kBob, "PUT", "/bobs").status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/box/tagged", {{"x-amz-tagging", "secret=1"}}, "x").status == 200);
  const std::string readable = R"("s3:GetObject","s3:GetObjectVersion")";
  const auto allow = [&](const std::string& more) {
    box.put_policy(policy("Allow", kToBob, "[" + readable + more + "]", "arn:aws:s3:::box/*"));
  };
  const auto copy = [&](const std::string& source, NamedValues more = {}) {
    more.emplace_back("x-amz-copy-source", source);
    return box.as(&kBob, "PUT", "/bobs/copy", more).code;
  };
  allow("");
  CHECK(copy("/box/k").empty());
  CHECK(copy("/box/tagged") == "AccessDenied");
  CHECK(copy("/box/tagged?versionId=null") == "AccessDenied");
  CHECK(copy("/box/tagged", {{"x-amz-tagging-directive", "REPLACE"}}).empty());
  allow(R"(,"s3:GetObjectTagging")");
  CHECK(copy("/box/tagged").empty());
  CHECK(copy("/box/tagged?versionId=null") == "AccessDenied");
  allow(R"(,"s3:GetObjectVersionTagging")");
  CHECK(copy("/box/tagged") == "AccessDenied");
  CHECK(copy("/box/tagged?versionId=null").empty());
}

TEST_CASE("making a bucket again resets its ACL") {
  AnnsBox box;
  REQUIRE(box.as(&kAnn, "PUT", "/box?acl", {{"x-amz-acl", "public-read"}}).status == 200);
  REQUIRE(box.as(nullptr, "GET", "/box").status == 200);
  CHECK(box.as(&kBob, "PUT", "/box").code == "BucketAlreadyExists");
  REQUIRE(box.as(nullptr, "GET", "/box").status == 200);
  CHECK(box.as(&kAnn, "PUT", "/box").status == 200);
  CHECK(box.as(nullptr, "GET", "/box").status == 403);
  CHECK(box.as(&kAnn, "PUT", "/box", {{"x-amz-acl", "public-read"}}).status == 200);
  CHECK(box.as(nullptr, "GET", "/box").status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/box", {{"x-amz-acl", "private"}}).status == 200);
  REQUIRE(box.as(&kAnn, "PUT", "/box?publicAccessBlock", {}, block_xml("BlockPublicAcls")).status == 200);
  CHECK(box.as(&kAnn, "PUT", "/box", {{"x-amz-acl", "public-read"}}).code == "AccessDenied");
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
