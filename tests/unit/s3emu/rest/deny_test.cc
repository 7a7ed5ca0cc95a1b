// An explicit Deny holds on every way that leads to what it denies.
#include "base/bytes.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/access_fixture.h"

namespace tidemark::s3emu {
namespace {

// In open mode, where nothing but a Deny can refuse: `box` has versions and object lock, and `k` in it, in
// two versions, a tag. What is copied to and fro lies in `other`.
class OpenBox : public AccessFixture {
 public:
  OpenBox() : AccessFixture(false) {
    INVARIANT(store->create_bucket("box", {.object_lock = true}).has_value());
    INVARIANT(store->create_bucket("other", {}).has_value());
    ObjectMetadata tagged;
    tagged.tags = {{"project", "secret"}};
    version = put_bytes(*store, "box", "k", "old", tagged)->version_id;
    INVARIANT(put_bytes(*store, "box", "k", "new", tagged).has_value());
    INVARIANT(put_bytes(*store, "other", "tagged", "bytes", tagged).has_value());
  }

  void deny(const std::string& actions, const std::string& condition) {
    const std::string policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":)" + actions +
        R"(,"Resource":["arn:aws:s3:::box","arn:aws:s3:::box/*"],"Condition":)" + condition + "}]}";
    const auto put = as(nullptr, "PUT", "/box?policy", {}, policy);
    INFO(policy << put.message);
    REQUIRE(put.status == 204);
  }

  // VERSION stands for the version of `old`.
  [[nodiscard]] std::string with_version(std::string text) const {
    if (const std::size_t at = text.find("VERSION"); at != std::string::npos) text.replace(at, 7, version);
    return text;
  }

  std::string version;
};

struct Way {
  std::string method = "GET";
  std::string target = "/box/k";
  NamedValues headers = {};
  std::string body = {};
};

struct Case {
  const char* why;
  std::string actions;
  std::string condition;
  Way denied;
  Way allowed;  // the same without what the condition is about
};

std::string form(const NamedValues& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  return out +
         "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nbytes\r\n--b--\r\n";
}

Way post(const NamedValues& fields, NamedValues headers = {}) {
  headers.emplace_back("Content-Type", "multipart/form-data; boundary=b");
  return {"POST", "/box", std::move(headers), form(fields)};
}

// Nobody verifies it in open mode.
NamedValues signed_fields(bool version_2) {
  const std::string policy =
      R"({"expiration":"2030-01-01T00:00:00Z","conditions":[["starts-with","$key",""],["starts-with","$bucket",""],)"
      R"(["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]]})";
  NamedValues fields = {{"key", "posted"}, {"policy", base64_encode(policy)}};
  if (version_2) {
    fields.insert(fields.end(), {{"AWSAccessKeyId", "A"}, {"signature", "s"}});
  } else {
    fields.insert(fields.end(), {{"x-amz-algorithm", "AWS4-HMAC-SHA256"},
                                 {"x-amz-credential", "A/20260921/us-east-1/s3/aws4_request"},
                                 {"x-amz-date", "20260921T141320Z"},
                                 {"x-amz-signature", "00"}});
  }
  return fields;
}

std::string retention(const std::string& mode, const std::string& until) {
  return "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>" + until + "</RetainUntilDate></Retention>";
}

std::string tagging(const std::string& key, const std::string& value) {
  return "<Tagging><TagSet><Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag></TagSet></Tagging>";
}

std::string lock_configuration(const std::string& mode, int days) {
  return "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</"
         "ObjectLockEnabled><Rule><DefaultRetention><Mode>" +
         mode + "</Mode><Days>" + std::to_string(days) +
         "</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
}

}  // namespace

TEST_CASE("a Deny by what a request says") {
  OpenBox box;
  const NamedValues https = {{"X-Forwarded-Proto", "https"}};
  const NamedValues authorized = {
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=A/20260921/us-east-1/s3/aws4_request, SignedHeaders=host, "
       "Signature=00"},
      {"x-amz-date", "20260921T141320Z"}};
  const auto c = GENERATE_COPY(values<Case>({
      {"a version, read",
       R"("s3:GetObjectVersion")",
       R"({"StringEquals":{"s3:VersionId":"VERSION"}})",
       {"GET", "/box/k?versionId=VERSION"},
       {"GET", "/box/k"}},
      {"a version, copied",
       R"("s3:GetObjectVersion")",
       R"({"StringEquals":{"s3:VersionId":"VERSION"}})",
       {"PUT", "/other/copy", {{"x-amz-copy-source", "/box/k?versionId=VERSION"}}},
       {"PUT", "/other/copy", {{"x-amz-copy-source", "/box/k"}}}},
      {"no version but the newest, copied",
       R"("s3:GetObjectVersion")",
       R"({"Null":{"s3:VersionId":"false"}})",
       {"PUT", "/other/copy", {{"x-amz-copy-source", "/box/k?versionId=VERSION"}}},
       {"PUT", "/other/copy", {{"x-amz-copy-source", "/box/k"}}}},
      {"tags in a header",
       R"("s3:PutObject")",
       R"({"StringEquals":{"s3:RequestObjectTag/project":"secret"}})",
       {"PUT", "/box/new", {{"x-amz-tagging", "project=secret"}}, "b"},
       {"PUT", "/box/new", {{"x-amz-tagging", "project=open"}}, "b"}},
      {"tags in a body",
       R"("s3:PutObjectTagging")",
       R"({"StringEquals":{"s3:RequestObjectTag/project":"secret"}})",
       {"PUT", "/box/k?tagging", {}, tagging("project", "secret")},
       {"PUT", "/box/k?tagging", {}, tagging("project", "open")}},
      {"names of tags in a body",
       R"("s3:PutObjectTagging")",
       R"({"ForAnyValue:StringEquals":{"s3:RequestObjectTagKeys":["owner"]}})",
       {"PUT", "/box/k?tagging", {}, tagging("owner", "me")},
       {"PUT", "/box/k?tagging", {}, tagging("project", "me")}},
      {"tags of a version in a body",
       R"("s3:PutObjectVersionTagging")",
       R"({"StringEquals":{"s3:RequestObjectTag/project":"secret"}})",
       {"PUT", "/box/k?tagging&versionId=VERSION", {}, tagging("project", "secret")},
       {"PUT", "/box/k?tagging&versionId=VERSION", {}, tagging("project", "open")}},
      {"tags that come with a copy",
       R"("s3:PutObjectTagging")",
       R"({"StringEquals":{"s3:RequestObjectTag/project":"secret"}})",
       {"PUT", "/box/copy", {{"x-amz-copy-source", "/other/tagged"}}},
       {"PUT",
        "/box/copy",
        {{"x-amz-copy-source", "/other/tagged"}, {"x-amz-tagging-directive", "REPLACE"}}}},
      {"tags in a form", R"("s3:PutObject")", R"({"StringEquals":{"s3:RequestObjectTag/project":"secret"}})",
       post({{"key", "posted"}, {"tagging", tagging("project", "secret")}}),
       post({{"key", "posted"}, {"tagging", tagging("project", "open")}})},
      {"a user agent, through a form", R"("s3:PutObject")", R"({"StringLike":{"aws:UserAgent":"evil*"}})",
       post({{"key", "posted"}}, {{"User-Agent", "evil/1"}}),
       post({{"key", "posted"}}, {{"User-Agent", "good/1"}})},
      {"a referer, through a form", R"("s3:PutObject")", R"({"StringLike":{"aws:Referer":"http://evil/*"}})",
       post({{"key", "posted"}}, {{"Referer", "http://evil/page"}}),
       post({{"key", "posted"}}, {{"Referer", "http://good/page"}})},
      {"unsafe transport",
       R"("s3:GetObject")",
       R"({"Bool":{"aws:SecureTransport":"false"}})",
       {"GET", "/box/k"},
       {"GET", "/box/k", https}},
      {"unsafe transport, through a form", R"("s3:PutObject")", R"({"Bool":{"aws:SecureTransport":"false"}})",
       post({{"key", "posted"}}), post({{"key", "posted"}}, https)},
      {"an old signature, through a form", R"("s3:PutObject")",
       R"({"StringEquals":{"s3:signatureversion":"AWS"}})", post(signed_fields(true)),
       post(signed_fields(false))},
      {"a signed form",
       R"("s3:PutObject")",
       R"({"StringEquals":{"s3:authType":"POST"}})",
       post(signed_fields(false)),
       {"PUT", "/box/new", authorized, "b"}},
      {"anything but a form",
       R"("s3:PutObject")",
       R"({"StringNotEquals":{"s3:authType":"POST"}})",
       {"PUT", "/box/new", authorized, "b"},
       post(signed_fields(false))},
      {"the age of a signature",
       R"("s3:GetObject")",
       R"({"NumericGreaterThan":{"s3:signatureAge":"60000"}})",
       {"GET", "/box/k", {authorized[0], {"x-amz-date", "20260921T141219Z"}}},
       {"GET", "/box/k", authorized}},
      {"objects without a condition",
       R"("s3:PutObject")",
       R"({"Null":{"s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}})",
       {"PUT", "/box/new", {}, "b"},
       {"PUT", "/box/new", {{"If-None-Match", "*"}}, "b"}},
      {"objects without a condition, but not uploads",
       R"("s3:PutObject")",
       R"({"Null":{"s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}})",
       {"PUT", "/box/copy", {{"x-amz-copy-source", "/other/tagged"}, {"x-amz-tagging-directive", "REPLACE"}}},
       {"POST", "/box/new?uploads"}},
      {"attributes of what may not be read",
       R"("s3:GetObject")",
       R"({"Null":{"aws:UserAgent":"true"}})",
       {"GET", "/box/k?attributes", {{"x-amz-object-attributes", "ETag"}}},
       {"GET", "/box/k?attributes", {{"x-amz-object-attributes", "ETag"}, {"User-Agent", "good"}}}},
      {"attributes of a version that may not be read",
       R"("s3:GetObjectVersion")",
       R"({"Null":{"aws:UserAgent":"true"}})",
       {"GET", "/box/k?attributes&versionId=VERSION", {{"x-amz-object-attributes", "ETag"}}},
       {"GET",
        "/box/k?attributes&versionId=VERSION",
        {{"x-amz-object-attributes", "ETag"}, {"User-Agent", "good"}}}},
      {"a lock mode in a header",
       R"("s3:PutObject")",
       R"({"StringEquals":{"s3:object-lock-mode":"COMPLIANCE"}})",
       {"PUT",
        "/box/new",
        {{"x-amz-object-lock-mode", "COMPLIANCE"},
         {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"}},
        "b"},
       {"PUT",
        "/box/new",
        {{"x-amz-object-lock-mode", "GOVERNANCE"},
         {"x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00Z"}},
        "b"}},
      {"a lock mode in a body",
       R"("s3:PutObjectRetention")",
       R"({"StringEquals":{"s3:object-lock-mode":"COMPLIANCE"}})",
       {"PUT", "/box/k?retention", {}, retention(" COMPLIANCE ", "2030-01-01T00:00:00Z")},
       {"PUT", "/box/k?retention", {}, retention("GOVERNANCE", "2030-01-01T00:00:00Z")}},
      {"a date in a body",
       R"("s3:PutObjectRetention")",
       R"({"DateGreaterThan":{"s3:object-lock-retain-until-date":"2027-01-01T00:00:00Z"}})",
       {"PUT", "/box/k?retention", {}, retention("GOVERNANCE", "2030-01-01T00:00:00Z")},
       {"PUT", "/box/k?retention", {}, retention("GOVERNANCE", "2026-12-01T00:00:00Z")}},
      {"days in a body",
       R"("s3:PutObjectRetention")",
       R"({"NumericGreaterThan":{"s3:object-lock-remaining-retention-days":"10"}})",
       {"PUT", "/box/k?retention", {}, retention("GOVERNANCE", "2026-10-01T14:13:21Z")},
       {"PUT", "/box/k?retention", {}, retention("GOVERNANCE", "2026-10-01T14:13:20Z")}},
      {"a legal hold in a body",
       R"("s3:PutObjectLegalHold")",
       R"({"StringEquals":{"s3:object-lock-legal-hold":"ON"}})",
       {"PUT", "/box/k?legal-hold", {}, "<LegalHold><Status>ON</Status></LegalHold>"},
       {"PUT", "/box/k?legal-hold", {}, "<LegalHold><Status>OFF</Status></LegalHold>"}},
      {"a default lock in a body",
       R"("s3:PutBucketObjectLockConfiguration")",
       R"({"NumericGreaterThan":{"s3:object-lock-remaining-retention-days":"10"}})",
       {"PUT", "/box?object-lock", {}, lock_configuration("GOVERNANCE", 11)},
       {"PUT", "/box?object-lock", {}, lock_configuration("GOVERNANCE", 10)}},
      {"ownership in a body",
       R"("s3:PutBucketOwnershipControls")",
       R"({"StringEquals":{"s3:x-amz-object-ownership":"ObjectWriter"}})",
       {"PUT",
        "/box?ownershipControls",
        {},
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></"
        "OwnershipControls>"},
       {"PUT",
        "/box?ownershipControls",
        {},
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></"
        "OwnershipControls>"}},
  }));
  INFO(c.why);
  box.options_.trusted_proxies = {*parse_address_range("192.0.2.0/24")};
  box.deny(c.actions, box.with_version(c.condition));
  const auto go = [&](const Way& way) {
    NamedValues headers = way.headers;
    for (auto& [name, value] : headers) value = box.with_version(value);
    return box.as(nullptr, way.method, box.with_version(way.target), headers, way.body);
  };
  const auto denied = go(c.denied);
  CHECK(denied.code == "AccessDenied");
  CHECK(denied.status == 403);
  const auto allowed = go(c.allowed);
  INFO(allowed.message);
  CHECK(allowed.status / 100 == 2);
}

TEST_CASE("a Deny about versions and conditions counts for each of many deletions") {
  OpenBox box;
  const auto deletions = [&](const std::string& members) {
    return box
        .as(nullptr, "POST", "/box?delete", {},
            "<Delete><Object><Key>k</Key>" + members + "</Object></Delete>")
        .body;
  };
  SECTION("a version") {
    box.deny(R"("s3:DeleteObjectVersion")", R"({"StringEquals":{"s3:VersionId":")" + box.version + R"("}})");
    CHECK(deletions("<VersionId>" + box.version + "</VersionId>").find("AccessDenied") != std::string::npos);
    CHECK(box.store->head_object("box", "k", box.version).has_value());
    CHECK(deletions("").find("AccessDenied") == std::string::npos);
  }
  SECTION("a condition") {
    box.deny(R"("s3:DeleteObject")", R"({"Null":{"s3:if-match":"true"}})");
    CHECK(deletions("").find("AccessDenied") != std::string::npos);
    const std::string etag = box.store->head_object("box", "k", std::nullopt)->info.etag;
    CHECK(deletions("<ETag>" + etag + "</ETag>").find("AccessDenied") == std::string::npos);
  }
}

TEST_CASE("only a trusted proxy says what a request came by") {
  OpenBox box;
  box.deny(R"("s3:GetObject")", R"({"Bool":{"aws:SecureTransport":"false"}})");
  const auto get = [&] { return box.as(nullptr, "GET", "/box/k", {{"X-Forwarded-Proto", "https"}}).status; };
  CHECK(get() == 403);
  box.options_.trusted_proxies = {*parse_address_range("192.0.2.2")};
  CHECK(get() == 403);
  box.options_.trusted_proxies = {*parse_address_range("192.0.2.1")};
  CHECK(get() == 200);
}

}  // namespace tidemark::s3emu
