// The policy of a bucket and whether it is public.
#include "s3emu/rest/core/object_access.h"
#include "s3emu/rest/settings/handlers.h"

namespace tidemark::s3emu {
namespace {

S3Error none(const S3Request& request) {
  return S3Error::of(S3Code::kNoSuchBucketPolicy).with("BucketName", request.bucket);
}

// The policy of a bucket is its owner's business, whatever the policy itself allows (API reference,
// PutBucketPolicy).
S3Result<void> require_owner(S3Context& context, const S3Request& request) {
  if (!context.access.is_strict()) return {};
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  if (context.access.owner_id(bucket->info.owner) == request.caller.account.canonical_user_id) return {};
  return fail(S3Error::of(S3Code::kMethodNotAllowed)
                  .with("Method", request.head.method)
                  .with("ResourceType", "BUCKETPOLICY"));
}

}  // namespace

S3Result<http::Response> get_bucket_policy(S3Context& context, const S3Request& request,
                                           const std::string& /*body*/) {
  RETURN_IF_ERROR(require_owner(context, request));
  ASSIGN_OR_RETURN(const auto bucket, context.store.bucket(request.bucket));
  const std::string* const text = bucket->setting(kPolicySetting);
  if (text == nullptr) return fail(none(request));
  http::Response response = empty_answer(200);
  response.headers.add("Content-Type", "application/json");
  response.body = *text;
  return response;
}

S3Result<http::Response> put_bucket_policy(S3Context& context, const S3Request& request,
                                           const std::string& body) {
  RETURN_IF_ERROR(require_owner(context, request));
  ASSIGN_OR_RETURN(const auto bucket, context.access.bucket(request.bucket));
  if (body.empty()) return fail(S3Error::of(S3Code::kMissingRequestBodyError));
  ASSIGN_OR_RETURN(const auth::Policy policy, parse_bucket_policy(body, request.bucket));
  if (bucket->block.block_public_policy && policy.is_public()) {
    return fail(S3Error::of(S3Code::kAccessDenied,
                            "Public policies are prevented by the BlockPublicPolicy setting in S3 Block "
                            "Public Access."));
  }
  RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, kPolicySetting, body));
  return empty_answer(204);
}

S3Result<http::Response> delete_bucket_policy(S3Context& context, const S3Request& request,
                                              const std::string& /*body*/) {
  RETURN_IF_ERROR(require_owner(context, request));
  RETURN_IF_ERROR(context.store.set_bucket_setting(request.bucket, kPolicySetting, std::nullopt));
  return empty_answer(204);
}

S3Result<http::Response> get_bucket_policy_status(S3Context& context, const S3Request& request,
                                                  const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const auto bucket, context.access.bucket(request.bucket));
  if (!bucket->policy) return fail(none(request));
  XmlWriter xml("PolicyStatus");
  xml.boolean("IsPublic", bucket->policy_is_public);
  return xml_answer(xml);
}

}  // namespace tidemark::s3emu
