#include "tests/unit/s3emu/rest/anns_box.h"

namespace tidemark::s3emu {

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

}  // namespace tidemark::s3emu
