#include "s3emu/access/acl.h"

#include <algorithm>

#include "base/http_message.h"
#include "base/text.h"

namespace tidemark::s3emu {
namespace {

struct PermissionRow {
  Permission permission;
  std::string_view name;
  std::string_view header;
  char letter;
};

constexpr PermissionRow kPermissions[] = {
    {Permission::kFullControl, "FULL_CONTROL", "x-amz-grant-full-control", 'F'},
    {Permission::kRead, "READ", "x-amz-grant-read", 'R'},
    {Permission::kReadAcp, "READ_ACP", "x-amz-grant-read-acp", 'P'},
    {Permission::kWrite, "WRITE", "x-amz-grant-write", 'W'},
    {Permission::kWriteAcp, "WRITE_ACP", "x-amz-grant-write-acp", 'Q'},
};

struct GroupRow {
  GranteeKind kind;
  std::string_view uri;
  std::string_view text;
};

constexpr GroupRow kGroups[] = {
    {GranteeKind::kAllUsers, "http://acs.amazonaws.com/groups/global/AllUsers", "*all"},
    {GranteeKind::kAuthenticatedUsers, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers", "*auth"},
    {GranteeKind::kLogDelivery, "http://acs.amazonaws.com/groups/s3/LogDelivery", "*log"},
};

// The account of EC2's image service, whom aws-exec-read names.
constexpr std::string_view kExecReader = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

// A row is one grant beside the owner's FULL_CONTROL.
struct CannedRow {
  std::string_view name;
  bool of_bucket;
  bool of_object;
  GranteeKind kind = GranteeKind::kUser;
  std::string_view id = {};  // `bucket-owner`, or an id; empty with kUser: nobody else
  Permission permission = Permission::kRead;
};

constexpr CannedRow kCanned[] = {
    {"private", true, true},
    {"public-read", true, true, GranteeKind::kAllUsers},
    {"public-read-write", true, true, GranteeKind::kAllUsers},
    {"public-read-write", true, true, GranteeKind::kAllUsers, {}, Permission::kWrite},
    {"authenticated-read", true, true, GranteeKind::kAuthenticatedUsers},
    {"aws-exec-read", true, true, GranteeKind::kUser, kExecReader},
    {"log-delivery-write", true, false, GranteeKind::kLogDelivery, {}, Permission::kWrite},
    {"log-delivery-write", true, false, GranteeKind::kLogDelivery, {}, Permission::kReadAcp},
    {"bucket-owner-read", false, true, GranteeKind::kUser, "bucket-owner"},
    {"bucket-owner-full-control", false, true, GranteeKind::kUser, "bucket-owner", Permission::kFullControl},
    // Without effect on buckets.
    {"bucket-owner-read", true, false},
    {"bucket-owner-full-control", true, false},
};

const PermissionRow& row_of(Permission permission) {
  for (const PermissionRow& row : kPermissions) {
    if (row.permission == permission) return row;
  }
  return kPermissions[0];
}

bool is_canonical_id(std::string_view id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// Takes `name="value"` up to the comma behind it. Nothing when it has no such form.
std::optional<std::pair<std::string, std::string>> take_grantee(std::string_view* text) {
  const std::size_t equals = text->find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  std::string name(trimmed(text->substr(0, equals)));
  text->remove_prefix(equals + 1);
  *text = trimmed(*text);
  std::string_view value;
  if (text->starts_with('"')) {
    const std::size_t end = text->find('"', 1);
    if (end == std::string_view::npos) return std::nullopt;
    value = text->substr(1, end - 1);
    text->remove_prefix(end + 1);
  } else {
    value = trimmed(text->substr(0, text->find(',')));
    text->remove_prefix(std::min(text->find(','), text->size()));
  }
  *text = trimmed(*text);
  if (!text->empty()) {
    if (text->front() != ',') return std::nullopt;
    text->remove_prefix(1);
  }
  return std::pair{std::move(name), std::string(value)};
}

S3Error invalid(const char* message, std::string_view name, std::string_view value) {
  return S3Error::of(S3Code::kInvalidArgument, message)
      .with("ArgumentName", std::string(name))
      .with("ArgumentValue", std::string(value));
}

}  // namespace

bool Acl::allows(const auth::Account* caller, Permission permission, bool ignore_public) const {
  const auto wanted = static_cast<unsigned>(permission);
  unsigned granted = 0;
  for (const Grant& grant : grants) {
    bool applies = false;
    switch (grant.kind) {
      case GranteeKind::kUser:
        applies =
            grant.id == (caller != nullptr ? std::string_view(caller->canonical_user_id) : kAnonymousUserId);
        break;
      case GranteeKind::kAllUsers:
        applies = !ignore_public;
        break;
      case GranteeKind::kAuthenticatedUsers:
        applies = !ignore_public && caller != nullptr;
        break;
      case GranteeKind::kLogDelivery:
        break;  // nobody who sends requests
    }
    if (applies) granted |= static_cast<unsigned>(grant.permission);
  }
  return (granted & wanted) == wanted;
}

bool Acl::is_public() const {
  return std::any_of(grants.begin(), grants.end(), [](const Grant& grant) {
    return grant.kind == GranteeKind::kAllUsers || grant.kind == GranteeKind::kAuthenticatedUsers;
  });
}

Acl private_acl(const std::string& owner_id) {
  return {{{GranteeKind::kUser, owner_id, Permission::kFullControl}}};
}

std::string_view permission_name(Permission permission) { return row_of(permission).name; }

std::optional<Permission> parse_permission(std::string_view name) {
  for (const PermissionRow& row : kPermissions) {
    if (row.name == name) return row.permission;
  }
  return std::nullopt;
}

std::optional<Permission> grant_header_permission(std::string_view name) {
  for (const PermissionRow& row : kPermissions) {
    if (row.header == name) return row.permission;
  }
  return std::nullopt;
}

std::string_view group_uri(GranteeKind kind) {
  for (const GroupRow& row : kGroups) {
    if (row.kind == kind) return row.uri;
  }
  return {};
}

std::optional<GranteeKind> parse_group_uri(std::string_view uri) {
  for (const GroupRow& row : kGroups) {
    if (row.uri == uri) return row.kind;
  }
  return std::nullopt;
}

std::string acl_text(const Acl& acl, const std::string& owner_id) {
  if (acl == private_acl(owner_id)) return {};
  std::string out = "1";
  for (const Grant& grant : acl.grants) {
    out.push_back(' ');
    out.push_back(row_of(grant.permission).letter);
    out.push_back(':');
    if (grant.kind == GranteeKind::kUser) out += grant.id;
    for (const GroupRow& row : kGroups) {
      if (row.kind == grant.kind) out += row.text;
    }
  }
  return out;
}

Acl acl_from_text(std::string_view text, const std::string& owner_id) {
  if (text.empty()) return private_acl(owner_id);
  Acl acl;
  if (text.front() != '1') return acl;
  text.remove_prefix(1);
  while (text.size() > 3 && text.front() == ' ' && text[2] == ':') {
    const std::string_view grantee = text.substr(3, text.find(' ', 3) - 3);
    Grant grant;
    for (const PermissionRow& row : kPermissions) {
      if (row.letter == text[1]) grant.permission = row.permission;
    }
    for (const GroupRow& row : kGroups) {
      if (row.text == grantee) grant.kind = row.kind;
    }
    if (grant.kind == GranteeKind::kUser) grant.id = std::string(grantee);
    acl.grants.push_back(std::move(grant));
    text.remove_prefix(3 + grantee.size());
  }
  return acl;
}

bool KnownAccounts::knows(std::string_view canonical_user_id) const {
  if (any) return is_canonical_id(canonical_user_id);
  return find && find(canonical_user_id) != nullptr;
}

S3Result<Acl> canned_acl(std::string_view name, AclLevel level, const AclOwners& owners) {
  Acl acl = private_acl(owners.owner_id);
  bool known = false;
  for (const CannedRow& row : kCanned) {
    if (row.name != name || !(level == AclLevel::kBucket ? row.of_bucket : row.of_object)) continue;
    known = true;
    if (row.kind != GranteeKind::kUser) {
      acl.grants.push_back({row.kind, {}, row.permission});
    } else if (row.id == "bucket-owner") {
      // The owner has everything already.
      if (owners.bucket_owner_id == owners.owner_id) continue;
      acl.grants.push_back({row.kind, owners.bucket_owner_id, row.permission});
    } else if (!row.id.empty()) {
      acl.grants.push_back({row.kind, std::string(row.id), row.permission});
    }
  }
  if (!known) return fail(invalid("", "x-amz-acl", name));
  return acl;
}

S3Result<void> add_grants(std::string_view header, Permission permission, const KnownAccounts& accounts,
                          Acl* acl) {
  const std::string_view header_name = row_of(permission).header;
  std::string_view rest = trimmed(header);
  while (!rest.empty()) {
    const auto grantee = take_grantee(&rest);
    if (!grantee) return fail(invalid("Argument format not recognized", header_name, header));
    const auto& [name, value] = *grantee;
    if (http::equal_ignoring_case(name, "uri")) {
      const auto kind = parse_group_uri(value);
      if (!kind) return fail(invalid("Invalid group uri", "uri", value));
      acl->grants.push_back({*kind, {}, permission});
    } else if (http::equal_ignoring_case(name, "id")) {
      if (!accounts.knows(value)) return fail(invalid("Invalid id", "id", value));
      acl->grants.push_back({GranteeKind::kUser, value, permission});
    } else if (http::equal_ignoring_case(name, "emailAddress")) {
      return fail(S3Error::of(S3Code::kUnresolvableGrantByEmailAddress).with("emailAddress", value));
    } else {
      return fail(invalid("Argument format not recognized", header_name, header));
    }
    if (acl->grants.size() > kGrantsMax) {
      return fail(S3Error::of(S3Code::kInvalidRequest, "The request has more than 100 grants."));
    }
    rest = trimmed(rest);
  }
  return {};
}

S3Result<Acl> requested_acl(const AclHeaders& headers, AclLevel level, const AclOwners& owners,
                            const KnownAccounts& accounts) {
  if (headers.canned && !headers.grants.empty()) {
    return fail(
        S3Error::of(S3Code::kInvalidRequest, "Specifying both Canned ACLs and Header Grants is not allowed"));
  }
  if (headers.canned) return canned_acl(*headers.canned, level, owners);
  if (headers.grants.empty()) return private_acl(owners.owner_id);
  Acl acl;
  for (const auto& [permission, value] : headers.grants) {
    RETURN_IF_ERROR(add_grants(value, permission, accounts, &acl));
  }
  return acl;
}

}  // namespace tidemark::s3emu
