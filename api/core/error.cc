#include "api/core/error.h"

#include <array>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/log_pause.h"
#include "model/words/transactions.h"
#include "model/words/values.h"

namespace tidemark::api {
namespace {

#define TIDEMARK_MODELLED(name) "com.amazonaws.dynamodb.v20120810#" name
#define TIDEMARK_CORAL(name) "com.amazon.coral.service#" name

constexpr auto kLower = MessageMember::kLower;
constexpr auto kCapital = MessageMember::kCapital;

// In the order of ErrorType.
constexpr std::array<ErrorTraits, kErrorTypeCount> kTraits{{
    {ErrorType::kValidation, "com.amazon.coral.validate#ValidationException", 400, kLower},
    {ErrorType::kSerialization, TIDEMARK_CORAL("SerializationException"), 400, kCapital},
    {ErrorType::kConditionalCheckFailed, TIDEMARK_MODELLED("ConditionalCheckFailedException"), 400, kLower},
    {ErrorType::kResourceNotFound, TIDEMARK_MODELLED("ResourceNotFoundException"), 400, kLower},
    {ErrorType::kResourceInUse, TIDEMARK_MODELLED("ResourceInUseException"), 400, kLower},
    {ErrorType::kLimitExceeded, TIDEMARK_MODELLED("LimitExceededException"), 400, kLower},
    {ErrorType::kTableNotFound, TIDEMARK_MODELLED("TableNotFoundException"), 400, kLower},
    {ErrorType::kTableAlreadyExists, TIDEMARK_MODELLED("TableAlreadyExistsException"), 400, kLower},
    {ErrorType::kTableInUse, TIDEMARK_MODELLED("TableInUseException"), 400, kLower},
    {ErrorType::kIndexNotFound, TIDEMARK_MODELLED("IndexNotFoundException"), 400, kLower},
    {ErrorType::kItemCollectionSizeLimitExceeded,
     TIDEMARK_MODELLED("ItemCollectionSizeLimitExceededException"), 400, kLower},
    {ErrorType::kDuplicateItem, TIDEMARK_MODELLED("DuplicateItemException"), 400, kLower},
    {ErrorType::kTransactionCanceled, TIDEMARK_MODELLED("TransactionCanceledException"), 400, kCapital},
    {ErrorType::kTransactionConflict, TIDEMARK_MODELLED("TransactionConflictException"), 400, kLower},
    {ErrorType::kTransactionInProgress, TIDEMARK_MODELLED("TransactionInProgressException"), 400, kCapital},
    {ErrorType::kIdempotentParameterMismatch, TIDEMARK_MODELLED("IdempotentParameterMismatchException"), 400,
     kCapital},
    {ErrorType::kReplicatedWriteConflict, TIDEMARK_MODELLED("ReplicatedWriteConflictException"), 400, kLower},
    {ErrorType::kBackupInUse, TIDEMARK_MODELLED("BackupInUseException"), 400, kLower},
    {ErrorType::kBackupNotFound, TIDEMARK_MODELLED("BackupNotFoundException"), 400, kLower},
    {ErrorType::kContinuousBackupsUnavailable, TIDEMARK_MODELLED("ContinuousBackupsUnavailableException"),
     400, kLower},
    {ErrorType::kPointInTimeRecoveryUnavailable, TIDEMARK_MODELLED("PointInTimeRecoveryUnavailableException"),
     400, kLower},
    {ErrorType::kInvalidRestoreTime, TIDEMARK_MODELLED("InvalidRestoreTimeException"), 400, kLower},
    {ErrorType::kInvalidExportTime, TIDEMARK_MODELLED("InvalidExportTimeException"), 400, kLower},
    {ErrorType::kExportConflict, TIDEMARK_MODELLED("ExportConflictException"), 400, kLower},
    {ErrorType::kExportNotFound, TIDEMARK_MODELLED("ExportNotFoundException"), 400, kLower},
    {ErrorType::kImportConflict, TIDEMARK_MODELLED("ImportConflictException"), 400, kLower},
    {ErrorType::kImportNotFound, TIDEMARK_MODELLED("ImportNotFoundException"), 400, kLower},
    {ErrorType::kGlobalTableAlreadyExists, TIDEMARK_MODELLED("GlobalTableAlreadyExistsException"), 400,
     kLower},
    {ErrorType::kGlobalTableNotFound, TIDEMARK_MODELLED("GlobalTableNotFoundException"), 400, kLower},
    {ErrorType::kReplicaAlreadyExists, TIDEMARK_MODELLED("ReplicaAlreadyExistsException"), 400, kLower},
    {ErrorType::kReplicaNotFound, TIDEMARK_MODELLED("ReplicaNotFoundException"), 400, kLower},
    {ErrorType::kPolicyNotFound, TIDEMARK_MODELLED("PolicyNotFoundException"), 400, kLower},
    {ErrorType::kExpiredIterator, TIDEMARK_MODELLED("ExpiredIteratorException"), 400, kLower},
    {ErrorType::kTrimmedDataAccess, TIDEMARK_MODELLED("TrimmedDataAccessException"), 400, kLower},
    {ErrorType::kAccessDenied, TIDEMARK_CORAL("AccessDeniedException"), 400, kCapital},
    {ErrorType::kUnknownOperation, TIDEMARK_CORAL("UnknownOperationException"), 400, MessageMember::kNone},
    {ErrorType::kMissingAuthenticationToken, TIDEMARK_CORAL("MissingAuthenticationTokenException"), 400,
     kLower},
    {ErrorType::kIncompleteSignature, TIDEMARK_CORAL("IncompleteSignatureException"), 400, kLower},
    {ErrorType::kInvalidSignature, TIDEMARK_CORAL("InvalidSignatureException"), 400, kLower},
    {ErrorType::kUnrecognizedClient, TIDEMARK_CORAL("UnrecognizedClientException"), 400, kLower},
    {ErrorType::kThrottling, TIDEMARK_MODELLED("ThrottlingException"), 400, kLower},
    {ErrorType::kProvisionedThroughputExceeded, TIDEMARK_MODELLED("ProvisionedThroughputExceededException"),
     400, kLower},
    {ErrorType::kRequestLimitExceeded, TIDEMARK_MODELLED("RequestLimitExceeded"), 400, kLower},
    {ErrorType::kInvalidEndpoint, TIDEMARK_MODELLED("InvalidEndpointException"), 400, kCapital},
    {ErrorType::kInternalServerError, TIDEMARK_MODELLED("InternalServerError"), 500, kLower},
    {ErrorType::kServiceUnavailable, TIDEMARK_CORAL("ServiceUnavailableException"), 503, kLower},
    {ErrorType::kNotImplemented, TIDEMARK_CORAL("NotImplementedException"), 501, kLower},
}};

#undef TIDEMARK_MODELLED
#undef TIDEMARK_CORAL

ErrorType type_of(const Error& error) {
  const bool try_later = error.code == ErrorCode::kNoSpace || error.code == ErrorCode::kUnavailable;
  return try_later ? ErrorType::kServiceUnavailable : ErrorType::kInternalServerError;
}

std::string client_message(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNoSpace:
      return "The server has no space left to store data";
    case ErrorCode::kUnavailable:
      return "The server is currently unavailable. Please try again later.";
    default:
      return "Internal server error";
  }
}

bool is_bare_everywhere(model::ValueDefect defect) {
  switch (defect) {
    case model::ValueDefect::kEmptyValue:
    case model::ValueDefect::kMultipleTypes:
    case model::ValueDefect::kNestingTooDeep:
    case model::ValueDefect::kEmptyAttributeName:
      return true;
    default:
      return false;
  }
}

}  // namespace

const ErrorTraits& traits_of(ErrorType type) {
  const ErrorTraits& traits = kTraits[static_cast<std::size_t>(type)];
  INVARIANT(traits.type == type);
  return traits;
}

std::string_view short_name(ErrorType type) {
  const std::string_view wire_type = traits_of(type).wire_type;
  return wire_type.substr(wire_type.find('#') + 1);
}

ApiError::ApiError(const Error& error) : type(type_of(error)), message(client_message(error)) {
  static log::Pause pause;
  if (const auto left_out = pause.over()) {
    log::error("request failed inside the engine", {{"reason", error.message}, {"left_out", *left_out}});
  }
}

ApiError validation(std::string message) { return {ErrorType::kValidation, std::move(message)}; }

ApiError always_bare_validation(std::string_view message) {
  ApiError error = validation(std::string(message));
  error.is_always_bare = true;
  return error;
}

ApiError value_error(const model::ValueError& error, model::Wording wording) {
  std::string message = words::value_message(error, wording);
  if (error.defect == model::ValueDefect::kSerialization) return serialization(std::move(message));
  return is_bare_everywhere(error.defect) ? always_bare_validation(message) : validation(std::move(message));
}

ApiError serialization(std::string message) { return {ErrorType::kSerialization, std::move(message)}; }

ApiError conditional_check_failed(std::string extra_json) {
  return {ErrorType::kConditionalCheckFailed, "The conditional request failed", std::move(extra_json)};
}

ApiError transaction_conflict() {
  return {ErrorType::kTransactionConflict, std::string(words::kTransactionConflict)};
}

ApiError resource_not_found() { return resource_not_found("Requested resource not found"); }

ApiError resource_not_found(std::string message) {
  return {ErrorType::kResourceNotFound, std::move(message)};
}

ApiError resource_in_use(std::string message) { return {ErrorType::kResourceInUse, std::move(message)}; }

ApiError limit_exceeded(std::string message) { return {ErrorType::kLimitExceeded, std::move(message)}; }

ApiError not_implemented_error(std::string message) {
  return {ErrorType::kNotImplemented, std::move(message)};
}

std::string render_error(const ApiError& error) {
  const ErrorTraits& traits = traits_of(error.type);
  std::string body = R"({"__type":")";
  body += traits.wire_type;
  body += '"';
  if (!error.extra_json.empty()) {
    body += ',';
    body += error.extra_json;
  }
  if (traits.message_member != MessageMember::kNone && !error.message.empty()) {
    body += traits.message_member == MessageMember::kCapital ? R"(,"Message":)" : R"(,"message":)";
    append_json_string(&body, error.message);
  }
  body += '}';
  return body;
}

}  // namespace tidemark::api
