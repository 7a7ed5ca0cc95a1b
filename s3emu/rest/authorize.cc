#include "s3emu/rest/authorize.h"

namespace tidemark::s3emu {
namespace {

// The headers carry account ids of 12 digits; some tools send the canonical id.
S3Result<void> check_expected_owner(const S3Request& request, const auth::Account& owner) {
  for (const char* name : {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    const auto expected = request.header(name);
    if (expected && *expected != owner.id && *expected != owner.canonical_user_id) {
      return fail(S3Error::of(S3Code::kAccessDenied));
    }
  }
  return {};
}

}  // namespace

S3Result<void> authorize(OperationContext& context, const S3Request& request, const Operation& operation) {
  // Who sends a form is known when its fields are.
  if (request.caller.anonymous && operation.name != "PostObject") {
    return fail(S3Error::of(S3Code::kAccessDenied));
  }
  return check_expected_owner(request, context.options.owner);
}

}  // namespace tidemark::s3emu
