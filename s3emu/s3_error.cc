#include "s3emu/s3_error.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "base/log.h"
#include "base/log_pause.h"

namespace tidemark::s3emu {
namespace {

struct Row {
  S3Code id;
  const char* code;
  int status;
  const char* message;
};

constexpr Row kRows[] = {
    {S3Code::kAccessControlListNotSupported, "AccessControlListNotSupported", 400,
     "The bucket does not allow ACLs"},
    {S3Code::kAccessDenied, "AccessDenied", 403, "Access Denied"},
    {S3Code::kAccessForbidden, "AccessForbidden", 403, "Access forbidden"},
    {S3Code::kAuthorizationHeaderMalformed, "AuthorizationHeaderMalformed", 400,
     "The authorization header is malformed."},
    {S3Code::kAuthorizationQueryParametersError, "AuthorizationQueryParametersError", 400,
     "Error parsing the X-Amz-Credential parameter."},
    {S3Code::kBadDigest, "BadDigest", 400, "The digest you specified did not match what we received."},
    {S3Code::kBadRequest, "BadRequest", 400, "Bad Request"},
    {S3Code::kBucketAlreadyExists, "BucketAlreadyExists", 409, "The requested bucket name is not available."},
    {S3Code::kBucketAlreadyOwnedByYou, "BucketAlreadyOwnedByYou", 409,
     "Your previous request to create the named bucket succeeded and you already own it."},
    {S3Code::kBucketNotEmpty, "BucketNotEmpty", 409, "The bucket you tried to delete is not empty."},
    {S3Code::kEntityTooLarge, "EntityTooLarge", 400,
     "Your proposed upload exceeds the maximum allowed size."},
    {S3Code::kEntityTooSmall, "EntityTooSmall", 400,
     "Your proposed upload is smaller than the minimum allowed size."},
    {S3Code::kIllegalVersioningConfigurationException, "IllegalVersioningConfigurationException", 400,
     "The Versioning element must be specified"},
    {S3Code::kIncompleteBody, "IncompleteBody", 400,
     "You did not provide the number of bytes specified by the Content-Length HTTP header."},
    {S3Code::kInternalError, "InternalError", 500, "We encountered an internal error. Please try again."},
    {S3Code::kInvalidAccessKeyId, "InvalidAccessKeyId", 403,
     "The AWS Access Key Id you provided does not exist in our records."},
    {S3Code::kInvalidArgument, "InvalidArgument", 400, "Invalid Argument"},
    {S3Code::kInvalidBucketAclWithObjectOwnership, "InvalidBucketAclWithObjectOwnership", 400,
     "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"},
    {S3Code::kInvalidBucketName, "InvalidBucketName", 400, "The specified bucket is not valid."},
    {S3Code::kInvalidBucketState, "InvalidBucketState", 409,
     "The request is not valid with the current state of the bucket."},
    {S3Code::kInvalidDigest, "InvalidDigest", 400, "The Content-MD5 you specified is not valid."},
    {S3Code::kInvalidLocationConstraint, "InvalidLocationConstraint", 400,
     "The specified location-constraint is not valid."},
    {S3Code::kInvalidPart, "InvalidPart", 400,
     "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
     "specified entity tag may not match the part's entity tag."},
    {S3Code::kInvalidPartNumber, "InvalidPartNumber", 416, "The requested partnumber is not satisfiable."},
    {S3Code::kInvalidPartOrder, "InvalidPartOrder", 400,
     "The list of parts was not in ascending order. Parts must be ordered by part number."},
    {S3Code::kInvalidPolicyDocument, "InvalidPolicyDocument", 400,
     "The content of the form does not meet the conditions specified in the policy document."},
    {S3Code::kInvalidRange, "InvalidRange", 416, "The requested range is not satisfiable."},
    {S3Code::kInvalidRequest, "InvalidRequest", 400, "Invalid Request"},
    {S3Code::kInvalidStorageClass, "InvalidStorageClass", 400,
     "The storage class you specified is not valid."},
    {S3Code::kInvalidTag, "InvalidTag", 400, "The tag provided was not a valid tag."},
    {S3Code::kInvalidTargetBucketForLogging, "InvalidTargetBucketForLogging", 400,
     "The target bucket for logging does not exist"},
    {S3Code::kInvalidUri, "InvalidURI", 400, "Couldn't parse the specified URI."},
    {S3Code::kKeyTooLongError, "KeyTooLongError", 400, "Your key is too long."},
    {S3Code::kMalformedAclError, "MalformedACLError", 400,
     "The XML you provided was not well-formed or did not validate against our published schema"},
    {S3Code::kMalformedPolicy, "MalformedPolicy", 400, "Invalid policy syntax."},
    {S3Code::kMalformedPostRequest, "MalformedPOSTRequest", 400,
     "The body of your POST request is not well-formed multipart/form-data."},
    {S3Code::kMalformedTrailerError, "MalformedTrailerError", 400,
     "The request contained trailing data that was not well-formed or did not match what was announced."},
    {S3Code::kMalformedXml, "MalformedXML", 400,
     "The XML you provided was not well-formed or did not validate against our published schema."},
    {S3Code::kMaxPostPreDataLengthExceededError, "MaxPostPreDataLengthExceededError", 400,
     "Your POST request fields preceding the upload file were too large."},
    {S3Code::kMetadataTooLarge, "MetadataTooLarge", 400,
     "Your metadata headers exceed the maximum allowed metadata size."},
    {S3Code::kMethodNotAllowed, "MethodNotAllowed", 405,
     "The specified method is not allowed against this resource."},
    {S3Code::kMissingContentLength, "MissingContentLength", 411,
     "You must provide the Content-Length HTTP header."},
    {S3Code::kMissingRequestBodyError, "MissingRequestBodyError", 400, "Request body is empty."},
    {S3Code::kMissingSecurityHeader, "MissingSecurityHeader", 400,
     "Your request was missing a required header"},
    {S3Code::kNoSuchBucket, "NoSuchBucket", 404, "The specified bucket does not exist"},
    {S3Code::kNoSuchBucketPolicy, "NoSuchBucketPolicy", 404, "The bucket policy does not exist"},
    {S3Code::kNoSuchConfiguration, "NoSuchConfiguration", 404, "The specified configuration does not exist."},
    {S3Code::kNoSuchCorsConfiguration, "NoSuchCORSConfiguration", 404,
     "The CORS configuration does not exist"},
    {S3Code::kNoSuchKey, "NoSuchKey", 404, "The specified key does not exist."},
    {S3Code::kNoSuchLifecycleConfiguration, "NoSuchLifecycleConfiguration", 404,
     "The lifecycle configuration does not exist"},
    {S3Code::kNoSuchObjectLockConfiguration, "NoSuchObjectLockConfiguration", 404,
     "The specified object does not have a ObjectLock configuration"},
    {S3Code::kNoSuchPublicAccessBlockConfiguration, "NoSuchPublicAccessBlockConfiguration", 404,
     "The public access block configuration was not found"},
    {S3Code::kNoSuchTagSet, "NoSuchTagSet", 404, "The TagSet does not exist"},
    {S3Code::kNoSuchUpload, "NoSuchUpload", 404,
     "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
     "or completed."},
    {S3Code::kNoSuchVersion, "NoSuchVersion", 404, "The specified version does not exist."},
    {S3Code::kNoSuchWebsiteConfiguration, "NoSuchWebsiteConfiguration", 404,
     "The specified bucket does not have a website configuration"},
    {S3Code::kNotImplemented, "NotImplemented", 501,
     "A header or query you provided implies functionality that is not implemented."},
    {S3Code::kObjectLockConfigurationNotFoundError, "ObjectLockConfigurationNotFoundError", 404,
     "Object Lock configuration does not exist for this bucket"},
    {S3Code::kOwnershipControlsNotFoundError, "OwnershipControlsNotFoundError", 404,
     "The bucket ownership controls were not found"},
    {S3Code::kPreconditionFailed, "PreconditionFailed", 412,
     "At least one of the pre-conditions you specified did not hold"},
    {S3Code::kReplicationConfigurationNotFoundError, "ReplicationConfigurationNotFoundError", 404,
     "The replication configuration was not found"},
    {S3Code::kRequestTimeTooSkewed, "RequestTimeTooSkewed", 403,
     "The difference between the request time and the current time is too large."},
    {S3Code::kServiceUnavailable, "ServiceUnavailable", 503, "Reduce your request rate."},
    {S3Code::kSlowDown, "SlowDown", 503, "Please reduce your request rate."},
    {S3Code::kSignatureDoesNotMatch, "SignatureDoesNotMatch", 403,
     "The request signature we calculated does not match the signature you provided. Check your key and "
     "signing method."},
    {S3Code::kTooManyConfigurations, "TooManyConfigurations", 400,
     "You are attempting to create a new configuration but have already reached the 1,000-configuration "
     "limit."},
    {S3Code::kUnexpectedContent, "UnexpectedContent", 400, "This request does not support content"},
    {S3Code::kUnresolvableGrantByEmailAddress, "UnresolvableGrantByEmailAddress", 400,
     "The email address you provided does not match any account on record."},
    {S3Code::kXAmzContentSha256Mismatch, "XAmzContentSHA256Mismatch", 400,
     "The provided 'x-amz-content-sha256' header does not match what was computed."},
};

const Row& row_of(S3Code id) {
  const Row* const row = std::find_if(std::begin(kRows), std::end(kRows),
                                      [&](const Row& candidate) { return candidate.id == id; });
  INVARIANT(row != std::end(kRows));  // every code has a row
  return *row;
}

}  // namespace

std::string_view name_of(S3Code id) { return row_of(id).code; }

S3Error S3Error::of(S3Code id, std::string message) {
  const Row& row = row_of(id);
  return {id, row.code, row.status, message.empty() ? std::string(row.message) : std::move(message)};
}

S3Error S3Error::from(const Error& error) {
  if (error.code == ErrorCode::kUnavailable) return of(S3Code::kSlowDown);
  static log::Pause pause;
  if (const auto left_out = pause.over()) {
    log::error("object store", {{"error", error.message}, {"left_out", *left_out}});
  }
  if (error.code == ErrorCode::kNoSpace) {
    return of(S3Code::kServiceUnavailable, "There is no space left for data.");
  }
  return of(S3Code::kInternalError);
}

S3Error S3Error::with(std::string name, std::string value) && {
  extras.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

S3Error S3Error::with_header(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

}  // namespace tidemark::s3emu
