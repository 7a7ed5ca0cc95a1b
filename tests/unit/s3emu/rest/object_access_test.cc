#include "tests/unit/s3emu/rest/anns_box.h"

namespace tidemark::s3emu {

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

}  // namespace tidemark::s3emu
