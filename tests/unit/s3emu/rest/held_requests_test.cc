// Requests whose body is still on its way while what they are about changes.
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/access_fixture.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

S3Service::Options options_with(bool strict) {
  S3Service::Options options;
  options.authority = std::make_shared<const auth::Authority>(auth::Authority::Options{.strict = strict},
                                                              auth::CredentialList());
  return options;
}

class HeldRequest : public RestFixture {
 public:
  explicit HeldRequest(bool strict) : RestFixture(options_with(strict)) {}

  // The head and all of the body but the end.
  std::optional<Answer> begin(const std::string& method, const std::string& target,
                              const std::string& body = "x", const NamedValues& headers = {}) {
    http::RequestHead head;
    head.method = method;
    head.target = target;
    for (const auto& [name, value] : headers) head.headers.add(name, value);
    head.headers.add("Host", "127.0.0.1:8000");
    head.content_length = body.size();
    add_digest(body, &head);
    head.peer = "192.0.2.1";
    auto begun = service.begin(std::move(head));
    if (!begun) return collect(begun.error());
    exchange_ = std::move(*begun);
    if (auto written = exchange_->write(body); !written) return collect(written.error());
    return std::nullopt;
  }
  Answer end() { return collect(exchange_->finish()); }

 private:
  std::unique_ptr<http::Exchange> exchange_;
};

const ObjectOwner kAnnAsOwner{kAnn.canonical_user_id, kAnn.display_name};

ObjectMetadata anns() {
  ObjectMetadata metadata;
  metadata.owner = kAnnAsOwner;
  return metadata;
}

std::string deny_everything() {
  return R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*",)"
         R"("Resource":["arn:aws:s3:::box","arn:aws:s3:::box/*"]}]})";
}

std::string delete_xml() { return "<Delete><Object><Key>k</Key></Object></Delete>"; }

std::string presigned(const std::string& target) {
  return target + (target.find('?') == std::string::npos ? "?" : "&") +
         "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20260921%2Fus-east-1%2Fs3%2Faws4_request"
         "&X-Amz-Date=20260921T141320Z&X-Amz-Expires=2&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
}

}  // namespace

TEST_CASE("whoever asks for a bucket that is not there gets nothing of one that comes") {
  HeldRequest held(true);
  struct Case {
    const char* method;
    const char* target;
    std::string body = "x";
  };
  const auto c = GENERATE(values<Case>({
      {"GET", "/box/k"},
      {"HEAD", "/box/k"},
      {"DELETE", "/box/k"},
      {"PUT", "/box/k"},
      {"GET", "/box/k?acl"},
      {"GET", "/box/k?tagging"},
      {"PUT", "/box/k?tagging", "<Tagging><TagSet/></Tagging>"},
      {"GET", "/box"},
      {"GET", "/box?list-type=2"},
      {"GET", "/box?versions"},
      {"GET", "/box?uploads"},
      {"GET", "/box?acl"},
      {"GET", "/box?cors"},
      {"GET", "/box?lifecycle"},
      {"GET", "/box?policy"},
      {"DELETE", "/box"},
      {"DELETE", "/box?cors"},
      {"POST", "/box?delete", delete_xml()},
      {"POST", "/box/k?uploads"},
  }));
  INFO(c.method << " " << c.target);
  auto answer = held.begin(c.method, c.target, c.body);
  REQUIRE(held.store->create_bucket("box", {.owner = kAnnAsOwner}).has_value());
  REQUIRE(put_bytes(*held.store, "box", "k", "secret", anns()).has_value());
  if (!answer) answer = held.end();
  CHECK((answer->status >= 400 || answer->has("<Code>AccessDenied</Code>")));
  CHECK_FALSE(answer->has("secret"));
  CHECK_FALSE(answer->has("<Key>k</Key><ETag>"));
  CHECK_FALSE(answer->has("<Deleted>"));
  CHECK(get_bytes(*held.store, "box", "k") == "secret");
}

TEST_CASE("a copy from a bucket that is not there yet") {
  HeldRequest held(true);
  REQUIRE(held.store
              ->create_bucket("public", {.owner = kAnnAsOwner,
                                         .settings = {{kPolicySetting,
                                                       R"({"Statement":[{"Effect":"Allow","Principal":"*",)"
                                                       R"("Action":"s3:*","Resource":["arn:aws:s3:::public",)"
                                                       R"("arn:aws:s3:::public/*"]}]})"}}})
              .has_value());
  auto answer = held.begin("PUT", "/public/stolen", "x", {{"x-amz-copy-source", "/box/k"}});
  REQUIRE(held.store->create_bucket("box", {.owner = kAnnAsOwner}).has_value());
  REQUIRE(put_bytes(*held.store, "box", "k", "secret", anns()).has_value());
  if (!answer) answer = held.end();
  CHECK(answer->status == 403);
  CHECK_FALSE(get_bytes(*held.store, "public", "stolen").has_value());
}

TEST_CASE("whom no body could help is refused before it comes") {
  struct Case {
    const char* why;
    const char* target;
    std::string statement;  // of the bucket's policy, but for who and where
    int status;             // of what is answered to the head; 0: the body is asked for
  };
  const std::string allow = R"("Effect":"Allow","Action":"s3:PutObjectTagging")";
  const std::string by_tag = R"(,"Condition":{"StringEquals":{"s3:RequestObjectTag/a":"b"}})";
  const std::string lists = R"("Effect":"Allow","Action":["s3:ListBucket","s3:PutObject*"])";
  const auto c = GENERATE_COPY(values<Case>({
      {"no policy", "/box/k?tagging", "", 403},
      {"no policy", "/box/k?retention", "", 403},
      {"no policy", "/box/k?legal-hold", "", 403},
      {"no policy", "/box?ownershipControls", "", 403},
      {"no policy", "/box?object-lock", "", 403},
      {"no bucket", "/none/k?tagging", "", 404},
      {"no bucket", "/none?object-lock", "", 404},
      {"allowed", "/box/k?tagging", allow, 0},
      {"allowed by a tag", "/box/k?tagging", allow + by_tag, 0},
      {"something else is allowed by a tag", "/box/k?retention", allow + by_tag, 403},
      {"allowed by a mode", "/box/k?retention",
       R"("Effect":"Allow","Action":"s3:PutObjectRetention",)"
       R"("Condition":{"StringEquals":{"s3:object-lock-mode":"GOVERNANCE"}})",
       0},
      {"allowed by days", "/box?object-lock",
       R"("Effect":"Allow","Action":"s3:PutBucketObjectLockConfiguration",)"
       R"("Condition":{"NumericLessThan":{"s3:object-lock-remaining-retention-days":"5"}})",
       0},
      {"no object, and nobody may list", "/box/none?tagging", allow + by_tag, 403},
      {"no object, and everybody may list", "/box/none?tagging", lists, 404},
  }));
  INFO(c.why << " " << c.target);
  HeldRequest held(true);
  BucketSettings settings;
  if (!c.statement.empty()) {
    settings.emplace(kPolicySetting, R"({"Version":"2012-10-17","Statement":[{"Principal":"*",)"
                                     R"("Resource":["arn:aws:s3:::box","arn:aws:s3:::box/*"],)" +
                                         c.statement + "}]}");
  }
  REQUIRE(held.store->create_bucket("box", {.owner = kAnnAsOwner, .settings = settings}).has_value());
  REQUIRE(put_bytes(*held.store, "box", "k", "bytes", anns()).has_value());
  const auto answer = held.begin("PUT", c.target, "<Tagging><TagSet/></Tagging>");
  CHECK((answer ? answer->status : 0) == c.status);
}

TEST_CASE("a Deny that comes while a request is held counts") {
  HeldRequest held(false);
  REQUIRE(held.store->create_bucket("box", {}).has_value());
  REQUIRE(put_bytes(*held.store, "box", "k", "old").has_value());
  struct Case {
    const char* method;
    const char* target;
    std::string body = "new";
  };
  const auto c = GENERATE(values<Case>({
      {"GET", "/box/k"},
      {"PUT", "/box/k"},
      {"DELETE", "/box/k"},
      {"GET", "/box"},
      {"PUT", "/box/k?tagging", "<Tagging><TagSet/></Tagging>"},
      {"PUT", "/box?versioning",
       "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"},
  }));
  INFO(c.method << " " << c.target);
  REQUIRE_FALSE(held.begin(c.method, c.target, c.body));
  REQUIRE(held.store->set_bucket_setting("box", kPolicySetting, deny_everything()).has_value());
  CHECK(held.end().status == 403);
  CHECK(get_bytes(*held.store, "box", "k") == "old");
}

TEST_CASE("a form is judged again when its file is complete") {
  HeldRequest held(false);
  REQUIRE(held.store->create_bucket("box", {}).has_value());
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nbytes\r\n--b--\r\n";
  REQUIRE_FALSE(held.begin("POST", "/box", form, {{"Content-Type", "multipart/form-data; boundary=b"}}));
  REQUIRE(held.store->set_bucket_setting("box", kPolicySetting, deny_everything()).has_value());
  CHECK(held.end().status == 403);
  CHECK_FALSE(get_bytes(*held.store, "box", "k").has_value());
}

TEST_CASE("what the bucket says of ACLs and locks when the body is complete is what the object gets") {
  HeldRequest held(false);
  REQUIRE(held.store->create_bucket("box", {}).has_value());
  REQUIRE_FALSE(held.begin("PUT", "/box/k", "bytes", {{"x-amz-acl", "public-read"}}));
  const std::string block = PublicAccessBlock{.block_public_acls = true}.text();
  REQUIRE(held.store->set_bucket_setting("box", kPublicAccessBlockSetting, block).has_value());
  CHECK(held.end().status == 403);
  CHECK_FALSE(get_bytes(*held.store, "box", "k").has_value());
}

TEST_CASE("a presigned URL that expires while it is held") {
  HeldRequest held(false);
  REQUIRE(held.store->create_bucket("box", {}).has_value());
  REQUIRE(put_bytes(*held.store, "box", "k", "old").has_value());
  struct Case {
    const char* method;
    const char* target;
    std::string body;
    std::int64_t seconds;
    int status;
  };
  const std::size_t pace = http::kBodyBytesPerSecondMin;
  const auto c = GENERATE_COPY(values<Case>({
      {"GET", "/box/k", "x", 1, 200},
      {"GET", "/box/k", "x", 3, 403},
      {"GET", "/box/k", std::string(10 * pace, 'x'), 3, 403},
      {"DELETE", "/box/k", "x", 3, 403},
      {"PUT", "/box/k", "x", 3, 403},
      // As fast as it must be: S3 lets a transfer that began in time end.
      {"PUT", "/box/k", std::string(10 * pace, 'x'), 12, 200},
      {"PUT", "/box/k", std::string(10 * pace, 'x'), 13, 403},
  }));
  INFO(c.method << " " << c.target << " after " << c.seconds);
  REQUIRE_FALSE(held.begin(c.method, presigned(c.target), c.body));
  held.clock.advance_seconds(c.seconds);
  const Answer answer = held.end();
  CHECK(answer.status == c.status);
  CHECK(answer.has("Request has expired") == (c.status == 403));
}

}  // namespace tidemark::s3emu
