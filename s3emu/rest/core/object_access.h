// Owners and ACLs of what a request makes.
#pragma once

#include "s3emu/access/bucket_access.h"
#include "s3emu/rest/core/operation.h"

namespace tidemark::s3emu {

// The account of a canonical user id, among those the server knows; null when it is none of them.
const auth::Account* find_account(const S3Options& options, std::string_view canonical_user_id);
// Whom grants may name.
KnownAccounts known_accounts(const S3Options& options);

// x-amz-acl and x-amz-grant-*.
AclHeaders acl_headers(const S3Request& request);

// For PutObject, CopyObject, CreateMultipartUpload and browser uploads: what the request says about the ACL,
// as far as the bucket's ownership controls and public access block let it. Errors: NoSuchBucket,
// AccessControlListNotSupported, AccessDenied (public ACLs are blocked), those of requested_acl().
S3Result<ObjectAccess> new_object_access(S3Context& context, const S3Request& request);

// For CreateBucket: x-amz-acl, x-amz-grant-* and x-amz-object-ownership as settings of the bucket.
// Errors: InvalidBucketAclWithObjectOwnership, InvalidArgument, those of requested_acl().
S3Result<BucketSettings> new_bucket_access(S3Context& context, const S3Request& request);

}  // namespace tidemark::s3emu
