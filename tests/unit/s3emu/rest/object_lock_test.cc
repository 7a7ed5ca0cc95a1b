#include "s3emu/rest/objects/object_lock.h"

#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

constexpr std::int64_t kDay = 86'400;

class LockFixture : public RestFixture {
 public:
  LockFixture() {
    make_bucket();
    REQUIRE(send("PUT", "/locked", {{"x-amz-bucket-object-lock-enabled", "true"}}).status == 200);
  }

  [[nodiscard]] std::string in_days(int days) const {
    return format_iso_millis(clock.now().plus_seconds(days * kDay));
  }
  // Puts an object and returns its version.
  std::string put(const NamedValues& headers = {}) {
    const Answer answer = send("PUT", "/locked/k", headers, "v");
    REQUIRE(answer.status == 200);
    const auto object = store->head_object("locked", "k");
    REQUIRE(object.has_value());
    return object->info.version_id;
  }
  std::string code(const std::string& method, const std::string& target, const NamedValues& headers = {},
                   const std::string& body = {}) {
    return send(method, target, headers, body).element("Code");
  }
};

std::string configuration(const std::string& retention) {
  return "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>" +
         (retention.empty() ? "" : "<Rule><DefaultRetention>" + retention + "</DefaultRetention></Rule>") +
         "</ObjectLockConfiguration>";
}

std::string retention(const std::string& mode, const std::string& until) {
  return "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>" + until + "</RetainUntilDate></Retention>";
}

TEST_CASE("the object lock configuration of a bucket") {
  LockFixture f;
  CHECK(f.code("GET", "/bucket?object-lock") == "ObjectLockConfigurationNotFoundError");
  const Answer fresh = f.send("GET", "/locked?object-lock");
  CHECK(fresh.element("ObjectLockEnabled") == "Enabled");
  CHECK_FALSE(fresh.has("Rule"));
  struct Case {
    const char* why;
    std::string body;
    std::string code;
  };
  for (const Case& c : std::vector<Case>{
           {"not enabled", "<ObjectLockConfiguration/>", "MalformedXML"},
           {"mode", configuration("<Mode>STRICT</Mode><Days>1</Days>"), "MalformedXML"},
           {"no period", configuration("<Mode>GOVERNANCE</Mode>"), "MalformedXML"},
           {"two periods", configuration("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"),
            "MalformedXML"},
           {"0 days", configuration("<Mode>GOVERNANCE</Mode><Days>0</Days>"), "InvalidArgument"},
           {"-1 years", configuration("<Mode>GOVERNANCE</Mode><Years>-1</Years>"), "InvalidArgument"},
           {"too many days", configuration("<Mode>GOVERNANCE</Mode><Days>36501</Days>"), "InvalidArgument"},
       }) {
    INFO(c.why);
    CHECK(f.code("PUT", "/locked?object-lock", {}, c.body) == c.code);
  }
  CHECK(f.send("PUT", "/locked?object-lock", {}, configuration("<Mode>GOVERNANCE</Mode><Years>2</Years>"))
            .status == 200);
  CHECK(f.send("GET", "/locked?object-lock").element("Years") == "2");
  CHECK(f.send("PUT", "/locked?object-lock", {}, configuration("")).status == 200);
  CHECK_FALSE(f.send("GET", "/locked?object-lock").has("Rule"));
  // A bucket with versions can have it later, too.
  CHECK(f.code("PUT", "/bucket?object-lock", {}, configuration("")) == "InvalidBucketState");
  REQUIRE(f.store->set_versioning("bucket", Versioning::kEnabled).has_value());
  CHECK(f.send("PUT", "/bucket?object-lock", {}, configuration("")).status == 200);
  CHECK(f.send("GET", "/bucket?object-lock").element("ObjectLockEnabled") == "Enabled");
  CHECK_FALSE(f.store->set_versioning("bucket", Versioning::kSuspended).has_value());
}

TEST_CASE("new versions get the lock of their headers or the default of the bucket") {
  LockFixture f;
  const auto lock = [&] { return f.store->head_object("locked", "k")->metadata.lock; };
  f.put();
  CHECK(lock() == ObjectLock{});
  f.put({{"x-amz-object-lock-mode", "COMPLIANCE"},
         {"x-amz-object-lock-retain-until-date", f.in_days(3)},
         {"x-amz-object-lock-legal-hold", "ON"}});
  const Answer head = f.send("HEAD", "/locked/k");
  CHECK(head.header("x-amz-object-lock-mode") == "COMPLIANCE");
  CHECK(head.header("x-amz-object-lock-retain-until-date") == f.in_days(3));
  CHECK(head.header("x-amz-object-lock-legal-hold") == "ON");

  REQUIRE(f.send("PUT", "/locked?object-lock", {}, configuration("<Mode>GOVERNANCE</Mode><Days>2</Days>"))
              .status == 200);
  const ObjectLock by_default{LockMode::kGovernance, f.clock.now().plus_seconds(2 * kDay), false};
  f.put();
  CHECK(lock() == by_default);
  REQUIRE(
      f.send("PUT", "/locked/k", {{"x-amz-copy-source", "locked/k"}, {"x-amz-metadata-directive", "REPLACE"}})
          .status == 200);
  CHECK(lock() == by_default);
  const std::string id = f.send("POST", "/locked/k?uploads").element("UploadId");
  const Answer part = f.send("PUT", "/locked/k?partNumber=1&uploadId=" + id, {}, "part");
  REQUIRE(f.send("POST", "/locked/k?uploadId=" + id, {},
                 "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + part.header("ETag") +
                     "</ETag></Part></CompleteMultipartUpload>")
              .status == 200);
  CHECK(lock() == by_default);
  f.put({{"x-amz-object-lock-mode", "GOVERNANCE"}, {"x-amz-object-lock-retain-until-date", f.in_days(9)}});
  CHECK(lock().retain_until == f.clock.now().plus_seconds(9 * kDay));
}

TEST_CASE("lock headers that are refused") {
  LockFixture f;
  const std::string mode = "x-amz-object-lock-mode";
  const std::string until = "x-amz-object-lock-retain-until-date";
  const std::string hold = "x-amz-object-lock-legal-hold";
  struct Case {
    const char* why;
    const char* target;
    NamedValues headers;
    std::string code;
  };
  for (const Case& c : std::vector<Case>{
           {"no lock here", "/bucket/k", {{mode, "GOVERNANCE"}, {until, f.in_days(1)}}, "InvalidRequest"},
           {"no lock here", "/bucket/k", {{hold, "ON"}}, "InvalidRequest"},
           {"mode alone", "/locked/k", {{mode, "GOVERNANCE"}}, "InvalidArgument"},
           {"date alone", "/locked/k", {{until, f.in_days(1)}}, "InvalidArgument"},
           {"mode", "/locked/k", {{mode, "governance"}, {until, f.in_days(1)}}, "InvalidArgument"},
           {"no date", "/locked/k", {{mode, "GOVERNANCE"}, {until, "tomorrow"}}, "InvalidArgument"},
           {"past", "/locked/k", {{mode, "GOVERNANCE"}, {until, f.in_days(-1)}}, "InvalidArgument"},
           {"hold", "/locked/k", {{hold, "yes"}}, "InvalidArgument"},
       }) {
    INFO(c.why);
    CHECK(f.code("PUT", c.target, c.headers, "v") == c.code);
    CHECK(f.code("POST", std::string(c.target) + "?uploads", c.headers) == c.code);
    CHECK(f.send("HEAD", c.target).status == 404);
  }
}

TEST_CASE("retention of a version") {
  LockFixture f;
  REQUIRE(f.send("PUT", "/bucket/k", {}, "v").status == 200);
  CHECK(f.code("GET", "/bucket/k?retention") == "InvalidRequest");
  CHECK(f.code("PUT", "/bucket/k?retention", {}, retention("GOVERNANCE", f.in_days(1))) == "InvalidRequest");
  CHECK(f.code("GET", "/locked/k?retention") == "NoSuchKey");
  const std::string version = f.put();
  const std::string target = "/locked/k?retention&versionId=" + version;
  CHECK(f.code("GET", target) == "NoSuchObjectLockConfiguration");
  CHECK(f.code("PUT", target, {}, "<Retention>") == "MalformedXML");
  CHECK(f.code("PUT", target, {}, retention("SOFT", f.in_days(1))) == "MalformedXML");
  CHECK(f.code("PUT", target, {}, "<Retention><Mode>GOVERNANCE</Mode></Retention>") == "MalformedXML");
  CHECK(f.code("PUT", target, {}, retention("GOVERNANCE", f.in_days(-1))) == "InvalidArgument");
  CHECK(f.send("PUT", target, {}, retention("GOVERNANCE", f.in_days(5))).status == 200);
  CHECK(f.send("GET", target).element("Mode") == "GOVERNANCE");
  CHECK(f.send("GET", target).element("RetainUntilDate") == f.in_days(5));

  const NamedValues bypass = {{"x-amz-bypass-governance-retention", "true"}};
  const std::string gone = "/locked/k?versionId=" + version;
  CHECK(f.code("DELETE", gone) == "AccessDenied");
  CHECK(f.code("PUT", target, {}, retention("GOVERNANCE", f.in_days(4))) == "AccessDenied");
  CHECK(f.send("PUT", target, {}, retention("GOVERNANCE", f.in_days(6))).status == 200);
  CHECK(f.send("PUT", target, bypass, retention("GOVERNANCE", f.in_days(4))).status == 200);
  // Another mode is not a longer governance, but the end of it.
  CHECK(f.code("PUT", target, {}, retention("COMPLIANCE", f.in_days(9))) == "AccessDenied");
  CHECK(f.send("PUT", target, bypass, retention("COMPLIANCE", f.in_days(4))).status == 200);
  CHECK(f.code("PUT", target, bypass, retention("GOVERNANCE", f.in_days(9))) == "AccessDenied");
  CHECK(f.code("PUT", target, bypass, retention("COMPLIANCE", f.in_days(3))) == "AccessDenied");
  CHECK(f.code("PUT", target, bypass, "<Retention/>") == "AccessDenied");
  CHECK(f.code("DELETE", gone, bypass) == "AccessDenied");
  // Hidden behind a marker it is there still.
  CHECK(f.send("DELETE", "/locked/k").status == 204);
  CHECK(f.send("GET", gone).body == "v");
  f.clock.advance_seconds(5 * kDay);
  CHECK(f.send("DELETE", gone).status == 204);
  CHECK(f.code("GET", gone) == "NoSuchVersion");
}

TEST_CASE("a governance retention can be passed over and taken away") {
  LockFixture f;
  const NamedValues bypass = {{"x-amz-bypass-governance-retention", "true"}};
  const NamedValues governed = {{"x-amz-object-lock-mode", "GOVERNANCE"},
                                {"x-amz-object-lock-retain-until-date", f.in_days(5)}};
  const std::string first = f.put(governed);
  CHECK(f.send("PUT", "/locked/k?retention", bypass, "<Retention/>").status == 200);
  CHECK(f.code("GET", "/locked/k?retention") == "NoSuchObjectLockConfiguration");
  CHECK(f.send("DELETE", "/locked/k?versionId=" + first).status == 204);
  const std::string second = f.put(governed);
  const std::string list =
      "<Delete><Object><Key>k</Key><VersionId>" + second + "</VersionId></Object></Delete>";
  CHECK(f.send("POST", "/locked?delete", {}, list).element("Code") == "AccessDenied");
  CHECK(f.send("POST", "/locked?delete", bypass, list).has("<Deleted>"));
}

TEST_CASE("a legal hold keeps a version until it is lifted") {
  LockFixture f;
  const std::string version = f.put();
  const auto hold = [](const char* status) {
    return std::string("<LegalHold><Status>") + status + "</Status></LegalHold>";
  };
  CHECK(f.code("PUT", "/locked/k?legal-hold", {}, hold("MAYBE")) == "MalformedXML");
  CHECK(f.code("GET", "/bucket/k?legal-hold") == "InvalidRequest");
  CHECK(f.send("PUT", "/locked/k?legal-hold", {}, hold("ON")).status == 200);
  CHECK(f.send("GET", "/locked/k?legal-hold").element("Status") == "ON");
  CHECK(f.code("DELETE", "/locked/k?versionId=" + version, {{"x-amz-bypass-governance-retention", "true"}}) ==
        "AccessDenied");
  CHECK(f.send("PUT", "/locked/k?legal-hold&versionId=" + version, {}, hold("OFF")).status == 200);
  CHECK(f.send("GET", "/locked/k?legal-hold").element("Status") == "OFF");
  CHECK(f.send("DELETE", "/locked/k?versionId=" + version).status == 204);
}

}  // namespace
}  // namespace tidemark::s3emu
