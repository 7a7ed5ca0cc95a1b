#include "s3emu/access/job_access.h"

#include "tests/support/catch.h"
#include "tests/unit/s3emu/store_fixture.h"

namespace tidemark::s3emu {
namespace {

const auth::Account kServer = {"000000000000", std::string(64, '0'), "server"};
const std::string kAnnId(64, 'a');
constexpr const char* kAnn = "111111111111";
constexpr const char* kBob = "222222222222";

class Jobs : public StoreFixture {
 public:
  explicit Jobs(bool strict) {
    const std::string list =
        "[ann]\naws_access_key_id=A\naws_secret_access_key=s\naccount_id=111111111111\ncanonical_user_id=" +
        kAnnId + "\n[bob]\naws_access_key_id=B\naws_secret_access_key=s\naccount_id=222222222222\n";
    auto credentials = auth::CredentialList::parse(list, "test", kServer);
    INVARIANT(credentials.has_value());
    authority_ = std::make_shared<auth::Authority>(auth::Authority::Options{.strict = strict},
                                                   *std::move(credentials));
    access.emplace(*store, authority_, kServer, clock);
    INVARIANT(store->create_bucket("box", {.owner = {kAnnId, "ann"}}).has_value());
    ObjectMetadata metadata;
    metadata.owner = {kAnnId, "ann"};
    INVARIANT(put_bytes(*store, "box", "k", "data", metadata).has_value());
  }
  void put_policy(const std::string& effect, const std::string& principal, const std::string& actions) {
    const std::string text = R"({"Version":"2012-10-17","Statement":[{"Effect":")" + effect +
                             R"(","Principal":)" + principal + R"(,"Action":)" + actions +
                             R"(,"Resource":["arn:aws:s3:::box","arn:aws:s3:::box/*"]}]})";
    INVARIANT(parse_bucket_policy(text, "box").has_value());
    INVARIANT(store->set_bucket_setting("box", kPolicySetting, text).has_value());
  }
  std::string write(const JobCaller& caller) {
    const auto written = access->may_write(caller, "box", "out/x", "AES256");
    return written ? "as " + (written->owner.id.empty() ? "server" : written->owner.display_name)
                   : written.error().code;
  }
  std::string read(const JobCaller& caller) {
    const auto listed = access->may_list(caller, "box", "");
    if (!listed) return "list " + listed.error().code;
    const auto allowed = access->may_read(caller, "box", "k");
    return allowed ? "ok" : allowed.error().code;
  }

  std::optional<JobAccess> access;

 private:
  std::shared_ptr<const auth::Authority> authority_;
};

const std::string kToBob = R"({"AWS":"222222222222"})";

}  // namespace

TEST_CASE("jobs in strict mode have the rights of their account") {
  Jobs jobs(true);
  CHECK(jobs.write({kAnn}) == "as ann");
  CHECK(jobs.read({kAnn}) == "ok");
  CHECK(jobs.write({kAnn, kAnn}) == "as ann");
  CHECK(jobs.write({kAnn, kBob}) == "AccessDenied");
  CHECK(jobs.write({kBob}) == "AccessDenied");
  CHECK(jobs.read({kBob}) == "list AccessDenied");
  CHECK(jobs.read({"333333333333"}) == "list AccessDenied");
  CHECK(jobs.access->may_list({kAnn}, "none", "").error().code == "NoSuchBucket");
  CHECK(jobs.access->may_write({kAnn, kBob}, "none", "k", "AES256").error().code == "NoSuchBucket");

  jobs.put_policy("Allow", kToBob, R"("s3:PutObject")");
  CHECK(jobs.write({kBob}) == "AccessDenied");
  jobs.put_policy("Allow", kToBob, R"(["s3:PutObject*","s3:ListBucket"])");
  CHECK(jobs.write({kBob, kAnn}) == "as bob");
  CHECK(jobs.write({kBob, kBob}) == "AccessDenied");
  CHECK(jobs.read({kBob}) == "AccessDenied");
  // It is the job's own upload.
  CHECK(jobs.access->may_abort_upload({kBob}, "box", "out/x"));
  const auto written = jobs.access->may_write({kBob}, "box", "out/x", "AES256");
  REQUIRE(written);
  CHECK(written->acl.find("F:" + kAnnId) != std::string::npos);
  jobs.put_policy("Allow", kToBob, R"(["s3:GetObject","s3:ListBucket","s3:AbortMultipartUpload"])");
  CHECK(jobs.read({kBob}) == "ok");
  CHECK(jobs.access->may_abort_upload({kBob}, "box", "out/x"));
  jobs.put_policy("Deny", kToBob, R"("s3:AbortMultipartUpload")");
  CHECK_FALSE(jobs.access->may_abort_upload({kBob}, "box", "out/x"));
}

TEST_CASE("the owner of the bucket has what jobs of others put where ACLs are off") {
  Jobs jobs(true);
  jobs.put_policy("Allow", kToBob, R"("s3:PutObject*")");
  REQUIRE(jobs.store->set_bucket_setting("box", kOwnershipSetting, "BucketOwnerEnforced"));
  CHECK(jobs.write({kBob}) == "as ann");
}

TEST_CASE("jobs in open mode are stopped by an explicit Deny") {
  Jobs jobs(false);
  CHECK(jobs.write({kBob}) == "as server");
  CHECK(jobs.read({"333333333333", "333333333333"}) == "ok");
  CHECK(jobs.read({kBob, kAnn}) == "ok");
  CHECK(jobs.read({kBob, "333333333333"}) == "list AccessDenied");
  jobs.put_policy("Deny", R"("*")", R"("s3:GetObject")");
  CHECK(jobs.read({kBob}) == "AccessDenied");
  CHECK(jobs.write({kBob}) == "as server");
  jobs.put_policy("Deny", R"({"AWS":"222222222222"})", R"("s3:PutObjectAcl")");
  CHECK(jobs.write({kBob}) == "AccessDenied");
  CHECK(jobs.write({kAnn}) == "as server");
}

}  // namespace tidemark::s3emu
