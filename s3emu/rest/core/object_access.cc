#include "s3emu/rest/core/object_access.h"

#include "s3emu/rest/core/parameters.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kGrantHeaders[] = {"x-amz-grant-full-control", "x-amz-grant-read",
                                              "x-amz-grant-read-acp", "x-amz-grant-write",
                                              "x-amz-grant-write-acp"};

std::string caller_id(const S3Request& request) {
  return request.caller.anonymous ? std::string(kAnonymousUserId) : request.caller.account.canonical_user_id;
}

}  // namespace

const auth::Account* find_account(const S3Options& options, std::string_view canonical_user_id) {
  if (const auto* const account = options.authority->credentials().find_canonical(canonical_user_id)) {
    return account;
  }
  return canonical_user_id == options.owner.canonical_user_id ? &options.owner : nullptr;
}

KnownAccounts known_accounts(const S3Options& options) {
  return {[&options](std::string_view id) { return find_account(options, id); },
          !options.authority->is_strict()};
}

AclHeaders acl_headers(const S3Request& request) {
  AclHeaders headers;
  if (const auto canned = request.header("x-amz-acl")) headers.canned = std::string(*canned);
  for (const std::string_view name : kGrantHeaders) {
    const auto value = request.header(name);
    if (value) headers.grants.emplace_back(*grant_header_permission(name), std::string(*value));
  }
  return headers;
}

S3Result<ObjectAccess> new_object_access(S3Context& context, const S3Request& request) {
  const AclHeaders headers = acl_headers(request);
  ASSIGN_OR_RETURN(const auto snapshot, context.store.bucket(request.bucket));
  const bool has_controls = snapshot->setting(kOwnershipSetting) != nullptr;
  if (headers.empty() && !has_controls) return ObjectAccess{caller_as_owner(context, request), {}};

  ASSIGN_OR_RETURN(const auto bucket, context.access.bucket(request.bucket));
  return access_of_new_object(*bucket, snapshot->info.owner, caller_id(request),
                              caller_as_owner(context, request), headers, known_accounts(context.options));
}

S3Result<BucketSettings> new_bucket_access(S3Context& context, const S3Request& request) {
  BucketSettings settings;
  const std::string owner_id = caller_id(request);
  const AclHeaders headers = acl_headers(request);
  ASSIGN_OR_RETURN(const Acl acl, requested_acl(headers, AclLevel::kBucket,
                                                {.owner_id = owner_id, .bucket_owner_id = owner_id},
                                                known_accounts(context.options)));
  if (const auto name = request.header("x-amz-object-ownership")) {
    const auto ownership = parse_ownership(*name);
    if (!ownership) {
      return fail(S3Error::of(S3Code::kInvalidArgument,
                              "Invalid x-amz-object-ownership header: " + std::string(*name))
                      .with("ArgumentName", "x-amz-object-ownership")
                      .with("ArgumentValue", std::string(*name)));
    }
    if (*ownership == Ownership::kBucketOwnerEnforced && acl != private_acl(owner_id)) {
      return fail(S3Error::of(S3Code::kInvalidBucketAclWithObjectOwnership));
    }
    settings.emplace(kOwnershipSetting, *name);
  }
  if (std::string text = acl_text(acl, owner_id); !text.empty()) {
    settings.emplace(kAclSetting, std::move(text));
  }
  return settings;
}

}  // namespace tidemark::s3emu
