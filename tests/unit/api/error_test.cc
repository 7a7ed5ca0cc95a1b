#include "api/core/error.h"

#include <set>
#include <string>

#include "base/json.h"
#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

TEST_CASE("every error has its own wire type, a namespace and a sensible status") {
  std::set<std::string_view> seen;
  for (int i = 0; i < kErrorTypeCount; ++i) {
    const ErrorTraits& traits = traits_of(static_cast<ErrorType>(i));
    INFO(traits.wire_type);
    CHECK(seen.insert(traits.wire_type).second);
    CHECK((traits.wire_type.starts_with("com.amazonaws.dynamodb.v20120810#") ||
           traits.wire_type.starts_with("com.amazon.coral.")));
    CHECK_FALSE(short_name(traits.type).empty());
    CHECK(traits.http_status >= 400);
    CHECK(traits.http_status <= 503);
  }
}

TEST_CASE("errors are rendered as the service does") {
  struct Case {
    ApiError error;
    const char* body;
  };
  const auto c = GENERATE(values<Case>({
      {validation("bad \"x\""),
       R"({"__type":"com.amazon.coral.validate#ValidationException","message":"bad \"x\""})"},
      {serialization(), R"({"__type":"com.amazon.coral.service#SerializationException"})"},
      {serialization("no"), R"({"__type":"com.amazon.coral.service#SerializationException","Message":"no"})"},
      {ApiError(ErrorType::kUnknownOperation, "not sent"),
       R"({"__type":"com.amazon.coral.service#UnknownOperationException"})"},
      {resource_not_found(),
       R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"})"},
      {conditional_check_failed(R"("Item":{"a":{"S":"x"}})"),
       R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","Item":{"a":{"S":"x"}},"message":"The conditional request failed"})"},
      {ApiError(ErrorType::kTransactionCanceled, "cancelled", R"("CancellationReasons":[])"),
       R"({"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[],"Message":"cancelled"})"},
  }));
  CHECK(render_error(c.error) == c.body);
}

TEST_CASE("errors of the engine tell the client nothing about files") {
  struct Case {
    Error error;
    ErrorType type;
  };
  const auto c = GENERATE(values<Case>({
      {Error::io("/data/000012.sst: short read"), ErrorType::kInternalServerError},
      {Error::corruption("/data/000012.sst: checksum"), ErrorType::kInternalServerError},
      {Error::not_found("/data/000012.sst"), ErrorType::kInternalServerError},
      {Error::no_space("/data/000012.sst"), ErrorType::kServiceUnavailable},
      {Error::unavailable("/data/000012.sst"), ErrorType::kServiceUnavailable},
  }));
  const ApiError error = c.error;
  CHECK(error.type == c.type);
  CHECK_FALSE(error.message.empty());
  CHECK(error.message.find("sst") == std::string::npos);
}

TEST_CASE("value errors become validation errors, except for wrong JSON types") {
  const ApiError empty = value_error({model::ValueDefect::kEmptyValue}, model::Wording::kClassic);
  CHECK(empty.type == ErrorType::kValidation);
  CHECK(empty.message ==
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  const ApiError wrong =
      value_error({model::ValueDefect::kSerialization, "Unexpected field type"}, model::Wording::kClassic);
  CHECK(wrong.type == ErrorType::kSerialization);
  CHECK(wrong.message == "Unexpected field type");
}

}  // namespace
}  // namespace tidemark::api
