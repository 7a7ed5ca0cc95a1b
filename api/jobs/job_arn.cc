#include "api/jobs/job_arn.h"

#include "base/bytes.h"
#include "model/words/constraints.h"

namespace tidemark::api {
namespace {

// Tokens are lower-case hexadecimal of at least 112 digits, a multiple of 16: clients may check that pattern.
constexpr std::size_t kTokenBytes = 56;
constexpr std::string_view kTokenPrefix = "tidemark-page:";

}  // namespace

std::optional<TableArn> parse_job_arn(std::string_view arn, std::string_view kind) {
  auto parsed = parse_table_arn(arn);
  if (!parsed) return std::nullopt;
  const std::string_view resource = parsed->resource;
  if (!resource.starts_with(kind) || resource.size() <= kind.size() + 1 || resource[kind.size()] != '/') {
    return std::nullopt;
  }
  return parsed;
}

std::string next_token(std::string_view last_id) {
  std::string bytes(kTokenPrefix);
  bytes += last_id;
  bytes.resize(kTokenBytes, '.');
  return to_hex(bytes);
}

std::optional<std::string> id_of_token(std::string_view token) {
  const auto bytes = from_hex(token);
  if (!bytes || bytes->size() != kTokenBytes || !bytes->starts_with(kTokenPrefix)) return std::nullopt;
  const std::string id = bytes->substr(kTokenPrefix.size());
  return id.substr(0, id.find('.'));
}

ApiError invalid_table_arn() { return validation(words::invalid_parameter("tableArn is not a valid ARN")); }

ApiError access_denied() { return {ErrorType::kAccessDenied, "Access is denied"}; }

}  // namespace tidemark::api
