// What S3 answers when it refuses: code, status, message and the extra elements of the <Error> document.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tidemark::s3emu {

// The codes this store can answer. Name, status and usual message stand in one table in s3_error.cc.
enum class S3Code {
  kAccessControlListNotSupported,
  kAccessDenied,
  kAccessForbidden,
  kAuthorizationHeaderMalformed,
  kAuthorizationQueryParametersError,
  kBadDigest,
  kBadRequest,
  kBucketAlreadyExists,
  kBucketAlreadyOwnedByYou,
  kBucketNotEmpty,
  kEntityTooLarge,
  kEntityTooSmall,
  kIllegalVersioningConfigurationException,
  kIncompleteBody,
  kInternalError,
  kInvalidAccessKeyId,
  kInvalidArgument,
  kInvalidBucketAclWithObjectOwnership,
  kInvalidBucketName,
  kInvalidBucketState,
  kInvalidDigest,
  kInvalidLocationConstraint,
  kInvalidPart,
  kInvalidPartNumber,
  kInvalidPartOrder,
  kInvalidPolicyDocument,
  kInvalidRange,
  kInvalidRequest,
  kInvalidStorageClass,
  kInvalidTag,
  kInvalidTargetBucketForLogging,
  kInvalidUri,
  kKeyTooLongError,
  kMalformedAclError,
  kMalformedPolicy,
  kMalformedPostRequest,
  kMalformedTrailerError,
  kMalformedXml,
  kMaxPostPreDataLengthExceededError,
  kMetadataTooLarge,
  kMethodNotAllowed,
  kMissingContentLength,
  kMissingRequestBodyError,
  kMissingSecurityHeader,
  kNoSuchBucket,
  kNoSuchBucketPolicy,
  kNoSuchConfiguration,
  kNoSuchCorsConfiguration,
  kNoSuchKey,
  kNoSuchLifecycleConfiguration,
  kNoSuchObjectLockConfiguration,
  kNoSuchPublicAccessBlockConfiguration,
  kNoSuchTagSet,
  kNoSuchUpload,
  kNoSuchVersion,
  kNoSuchWebsiteConfiguration,
  kNotImplemented,
  kObjectLockConfigurationNotFoundError,
  kOwnershipControlsNotFoundError,
  kPreconditionFailed,
  kReplicationConfigurationNotFoundError,
  kRequestTimeTooSkewed,
  kServiceUnavailable,
  kSlowDown,
  kSignatureDoesNotMatch,
  kTooManyConfigurations,
  kUnexpectedContent,
  kUnresolvableGrantByEmailAddress,
  kXAmzContentSha256Mismatch,
};

// As in the <Code> element, `NoSuchKey`.
std::string_view name_of(S3Code id);

struct S3Error {
  S3Code id = S3Code::kInternalError;
  std::string code;  // as in the <Code> element, e.g. `NoSuchKey`
  int status = 500;  // HTTP
  std::string message;
  // Further children of <Error>, in order: BucketName, Key, ArgumentName, ...
  std::vector<std::pair<std::string, std::string>> extras = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // of the answer

  // An empty message takes the code's usual one.
  static S3Error of(S3Code id, std::string message = {});
  // A failure below the store: full disks become 503, the rest 500.
  static S3Error from(const Error& error);

  // Adds an extra element: return fail(S3Error::of(...).with("Key", key));
  [[nodiscard]] S3Error with(std::string name, std::string value) &&;
  [[nodiscard]] S3Error with_header(std::string name, std::string value) &&;
};

template <class T>
using S3Result = Result<T, S3Error>;

}  // namespace tidemark::s3emu
