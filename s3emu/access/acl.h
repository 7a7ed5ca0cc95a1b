// Access control lists of buckets and objects.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/auth/account.h"
#include "s3emu/s3_error.h"

namespace tidemark::s3emu {

// Bits, so that FULL_CONTROL contains the others.
enum class Permission : std::uint8_t {
  kRead = 1,
  kWrite = 2,
  kReadAcp = 4,
  kWriteAcp = 8,
  kFullControl = 15
};

enum class GranteeKind { kUser, kAllUsers, kAuthenticatedUsers, kLogDelivery };

struct Grant {
  GranteeKind kind = GranteeKind::kUser;
  std::string id;  // canonical user id, of kUser
  Permission permission = Permission::kFullControl;

  bool operator==(const Grant&) const = default;
};

inline constexpr std::size_t kGrantsMax = 100;

// The canonical user id of callers without credentials: they own what they upload.
inline constexpr std::string_view kAnonymousUserId = "65a011a29cdf8ec533ec3d1ccaae921c";

// The owner of the thing stands beside it, not in it.
struct Acl {
  std::vector<Grant> grants;

  bool operator==(const Acl&) const = default;

  // What an anonymous caller (nullptr) or an account is granted. `ignore_public` leaves the groups out.
  [[nodiscard]] bool allows(const auth::Account* caller, Permission permission,
                            bool ignore_public = false) const;
  // Grants anything to everybody, or to everybody with an account.
  [[nodiscard]] bool is_public() const;
};

// What a bucket or object has that was given no other: its owner may do everything.
Acl private_acl(const std::string& owner_id);

// `READ`, `FULL_CONTROL` and so on.
std::string_view permission_name(Permission permission);
std::optional<Permission> parse_permission(std::string_view name);
// `http://acs.amazonaws.com/groups/global/AllUsers`; not of kUser.
std::string_view group_uri(GranteeKind kind);
std::optional<GranteeKind> parse_group_uri(std::string_view uri);

// ON DISK: how an ACL stands in the metadata of objects and in the setting `acl` of a bucket.
//   text  := "" | "1" grant*      "": private_acl() of the owner
//   grant := " " permission ":" grantee
//   permission := R | W | P (READ_ACP) | Q (WRITE_ACP) | F
//   grantee := canonical user id | "*all" | "*auth" | "*log"
std::string acl_text(const Acl& acl, const std::string& owner_id);
// A text that is none of ours grants nothing.
Acl acl_from_text(std::string_view text, const std::string& owner_id);

// Finds an account by its canonical user id. In open mode, where nobody is told apart, any id of the right
// form will do.
struct KnownAccounts {
  std::function<const auth::Account*(std::string_view canonical_user_id)> find;
  bool any = false;

  [[nodiscard]] bool knows(std::string_view canonical_user_id) const;
};

enum class AclLevel { kBucket, kObject };

// Whose bucket it is and whose the thing will be; for a bucket both are the same.
struct AclOwners {
  std::string owner_id;
  std::string bucket_owner_id;
};

// Errors: InvalidArgument for a name that is not one of that level's.
S3Result<Acl> canned_acl(std::string_view name, AclLevel level, const AclOwners& owners);

// The value of an x-amz-grant-* header: `id="...", uri="..."`. Adds to `*acl`.
// Errors: InvalidArgument, UnresolvableGrantByEmailAddress.
S3Result<void> add_grants(std::string_view header, Permission permission, const KnownAccounts& accounts,
                          Acl* acl);

// What a request says about the ACL of what it makes or changes.
struct AclHeaders {
  std::optional<std::string> canned;                            // x-amz-acl
  std::vector<std::pair<Permission, std::string>> grants = {};  // x-amz-grant-*, values

  [[nodiscard]] bool empty() const { return !canned && grants.empty(); }
};

// The permission that `x-amz-grant-read-acp` (lower case) and its kin give; nothing for other headers.
std::optional<Permission> grant_header_permission(std::string_view name);

// private_acl() when they say nothing. Errors: InvalidRequest for both kinds together, those of canned_acl()
// and add_grants().
S3Result<Acl> requested_acl(const AclHeaders& headers, AclLevel level, const AclOwners& owners,
                            const KnownAccounts& accounts);

}  // namespace tidemark::s3emu
