// What an operation answers when it cannot do what it was asked: the service's own error type and message,
// word for word. One table in error.cc holds, for each type, the full `__type`, the HTTP status and how the
// body spells the message member.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "model/value_error.h"
#include "model/words/wording.h"

namespace tidemark::api {

namespace words = model::words;

enum class ErrorType {
  kValidation,
  kSerialization,
  kConditionalCheckFailed,
  kResourceNotFound,
  kResourceInUse,
  kLimitExceeded,
  kTableNotFound,
  kTableAlreadyExists,
  kTableInUse,
  kIndexNotFound,
  kItemCollectionSizeLimitExceeded,
  kDuplicateItem,
  kTransactionCanceled,
  kTransactionConflict,
  kTransactionInProgress,
  kIdempotentParameterMismatch,
  kReplicatedWriteConflict,
  kBackupInUse,
  kBackupNotFound,
  kContinuousBackupsUnavailable,
  kPointInTimeRecoveryUnavailable,
  kInvalidRestoreTime,
  kInvalidExportTime,
  kExportConflict,
  kExportNotFound,
  kImportConflict,
  kImportNotFound,
  kGlobalTableAlreadyExists,
  kGlobalTableNotFound,
  kReplicaAlreadyExists,
  kReplicaNotFound,
  kPolicyNotFound,
  kExpiredIterator,
  kTrimmedDataAccess,
  kAccessDenied,
  kUnknownOperation,
  kMissingAuthenticationToken,
  kIncompleteSignature,
  kInvalidSignature,
  kUnrecognizedClient,
  kThrottling,
  kProvisionedThroughputExceeded,
  kRequestLimitExceeded,
  kInvalidEndpoint,
  kInternalServerError,
  kServiceUnavailable,
  kNotImplemented,  // an operation or option that this server does not have
};
// One more than the last ErrorType.
inline constexpr int kErrorTypeCount = static_cast<int>(ErrorType::kNotImplemented) + 1;

// How the body names the message.
enum class MessageMember { kLower, kCapital, kNone };  // `message`, `Message`, not sent

struct ErrorTraits {
  ErrorType type;
  std::string_view wire_type;  // `com.amazon.coral.validate#ValidationException`
  int http_status;
  MessageMember message_member;
};
const ErrorTraits& traits_of(ErrorType type);
// The part of the wire type after `#`: what batch and transaction answers use as a code.
std::string_view short_name(ErrorType type);

struct ApiError {
  ErrorType type;
  std::string message;          // word for word as the service sends it; empty: no message member
  std::string extra_json;       // further members of the body as JSON text, `"Item":{...}`; may be empty
  bool is_always_bare = false;  // never put into the envelope of constraint errors, see api/core/layer.h

  ApiError(ErrorType error_type, std::string text, std::string extra = {})
      : type(error_type), message(std::move(text)), extra_json(std::move(extra)) {}

  // An error of the engine. Its message names files and keys, so it goes to the log and not to the client:
  // kNoSpace and kUnavailable become ServiceUnavailable, everything else InternalServerError.
  ApiError(const Error& error);  // NOLINT(google-explicit-constructor): so that ASSIGN_OR_RETURN converts
};

template <class T>
using ApiResult = Result<T, ApiError>;

ApiError validation(std::string message);
ApiError always_bare_validation(std::string_view message);
// A value that the client sent: ValidationException or SerializationException.
ApiError value_error(const model::ValueError& error, model::Wording wording);
ApiError serialization(std::string message = {});
ApiError conditional_check_failed(std::string extra_json = {});  // `The conditional request failed`
ApiError transaction_conflict();                                 // `Transaction is ongoing for the item`
ApiError resource_not_found();                                   // `Requested resource not found`
ApiError resource_not_found(std::string message);
ApiError resource_in_use(std::string message);
ApiError limit_exceeded(std::string message);
ApiError not_implemented_error(std::string message);  // 501: clients do not retry it

// The JSON body: `{"__type":"...","message":"..."}` with the extra members before the message.
std::string render_error(const ApiError& error);

}  // namespace tidemark::api
