#include "s3emu/access/acl.h"

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

const auth::Account kAnn = {"111111111111", std::string(64, 'a'), "ann"};
const auth::Account kBob = {"222222222222", std::string(64, 'b'), "bob"};

KnownAccounts both() {
  return {[](std::string_view id) -> const auth::Account* {
            if (id == kAnn.canonical_user_id) return &kAnn;
            return id == kBob.canonical_user_id ? &kBob : nullptr;
          },
          false};
}

constexpr auto kRead = Permission::kRead;
constexpr auto kWrite = Permission::kWrite;
constexpr auto kFull = Permission::kFullControl;

}  // namespace

TEST_CASE("the text of an ACL is pinned") {
  struct Case {
    Acl acl;
    std::string text;
  };
  const std::string ann = kAnn.canonical_user_id;
  const auto c = GENERATE_COPY(values<Case>({
      {private_acl(ann), ""},
      {{}, "1"},
      {{{{GranteeKind::kUser, ann, kFull}, {GranteeKind::kAllUsers, "", kRead}}}, "1 F:" + ann + " R:*all"},
      {{{{GranteeKind::kAuthenticatedUsers, "", Permission::kReadAcp},
         {GranteeKind::kLogDelivery, "", kWrite},
         {GranteeKind::kUser, kBob.canonical_user_id, Permission::kWriteAcp}}},
       "1 P:*auth W:*log Q:" + kBob.canonical_user_id},
  }));
  CHECK(acl_text(c.acl, ann) == c.text);
  CHECK(acl_from_text(c.text, ann) == c.acl);
}

TEST_CASE("a text that is no ACL grants nothing") {
  for (const char* text : {"2 F:x", "x", "1F:", "1 F", "1 F:"}) {
    CHECK(acl_from_text(text, "owner").grants.empty());
  }
}

TEST_CASE("canned ACLs") {
  struct Case {
    const char* name;
    AclLevel level;
    const char* text;  // of the grants beside the owner's; nullptr: refused
  };
  const auto c = GENERATE(values<Case>({
      {"private", AclLevel::kBucket, ""},
      {"public-read", AclLevel::kBucket, " R:*all"},
      {"public-read-write", AclLevel::kBucket, " R:*all W:*all"},
      {"authenticated-read", AclLevel::kObject, " R:*auth"},
      {"log-delivery-write", AclLevel::kBucket, " W:*log P:*log"},
      {"log-delivery-write", AclLevel::kObject, nullptr},
      {"bucket-owner-read", AclLevel::kObject, " R:bo"},
      {"bucket-owner-full-control", AclLevel::kObject, " F:bo"},
      {"bucket-owner-full-control", AclLevel::kBucket, ""},
      {"Private", AclLevel::kBucket, nullptr},
      {"", AclLevel::kObject, nullptr},
  }));
  INFO(c.name);
  const auto acl = canned_acl(c.name, c.level, {.owner_id = "me", .bucket_owner_id = "bo"});
  REQUIRE(acl.has_value() == (c.text != nullptr));
  if (!acl) {
    CHECK(acl.error().code == "InvalidArgument");
    return;
  }
  const std::string rest = c.text;
  CHECK(acl_text(*acl, "me") == (rest.empty() ? "" : "1 F:me" + rest));
}

TEST_CASE("grant headers") {
  struct Case {
    std::string header;
    std::string text;  // or the code of the refusal
  };
  const std::string bob = kBob.canonical_user_id;
  const std::string all = "http://acs.amazonaws.com/groups/global/AllUsers";
  const auto c = GENERATE_COPY(values<Case>({
      {"id=\"" + bob + "\"", "1 R:" + bob},
      {"id=" + bob, "1 R:" + bob},
      {" ID = \"" + bob + "\" ,uri=\"" + all + "\"", "1 R:" + bob + " R:*all"},
      {"uri=" + all + ", id=" + bob, "1 R:*all R:" + bob},
      {"uri=\"http://example.com/AllUsers\"", "InvalidArgument"},
      {"id=\"" + std::string(64, 'c') + "\"", "InvalidArgument"},
      {"id=\"\"", "InvalidArgument"},
      {"emailAddress=\"x@example.com\"", "UnresolvableGrantByEmailAddress"},
      {"bob", "InvalidArgument"},
      {"name=\"bob\"", "InvalidArgument"},
      {"id=\"" + bob, "InvalidArgument"},
      {"id=\"" + bob + "\" id=\"" + bob + "\"", "InvalidArgument"},
  }));
  INFO(c.header);
  const auto acl =
      requested_acl({std::nullopt, {{kRead, c.header}}}, AclLevel::kObject, {"me", "bo"}, both());
  CHECK((acl ? acl_text(*acl, "me") : acl.error().code) == c.text);
}

TEST_CASE("more grants than an ACL may have") {
  std::string header;
  for (int i = 0; i < 101; ++i) header += "id=\"" + kBob.canonical_user_id + "\",";
  const auto acl = requested_acl({std::nullopt, {{kRead, header}}}, AclLevel::kObject, {"me", "bo"}, both());
  REQUIRE_FALSE(acl);
  CHECK(acl.error().code == "InvalidRequest");
}

TEST_CASE("canned or granted, not both") {
  const auto acl = requested_acl({"private", {{kRead, "id=x"}}}, AclLevel::kObject, {"me", "bo"}, both());
  REQUIRE_FALSE(acl);
  CHECK(acl.error().code == "InvalidRequest");
}

TEST_CASE("where nobody is told apart any id will do that looks like one") {
  const KnownAccounts any{nullptr, true};
  CHECK(any.knows(std::string(64, 'c')));
  CHECK_FALSE(any.knows("ann"));
  CHECK_FALSE(KnownAccounts{}.knows(std::string(64, 'c')));
}

TEST_CASE("whom an ACL allows what") {
  struct Case {
    const char* text;
    const auth::Account* caller;
    Permission permission;
    bool allowed;
    bool without_public;
  };
  const auto c = GENERATE(values<Case>({
      {"", &kAnn, kFull, true, true},
      {"", &kBob, kRead, false, false},
      {"", nullptr, kRead, false, false},
      {"1", &kAnn, kRead, false, false},
      {"1 R:*all", nullptr, kRead, true, false},
      {"1 R:*all", &kBob, kRead, true, false},
      {"1 R:*all", nullptr, kWrite, false, false},
      {"1 R:*auth", nullptr, kRead, false, false},
      {"1 R:*auth", &kBob, kRead, true, false},
      {"1 F:*log", &kBob, kRead, false, false},
      {"1 R:*all W:*auth", &kBob, kWrite, true, false},
  }));
  INFO(c.text);
  const Acl acl = acl_from_text(c.text, kAnn.canonical_user_id);
  CHECK(acl.allows(c.caller, c.permission) == c.allowed);
  CHECK(acl.allows(c.caller, c.permission, true) == c.without_public);
}

}  // namespace tidemark::s3emu
