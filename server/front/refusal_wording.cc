#include "server/front/refusal_wording.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "api/core/error.h"
#include "api/front/json_protocol.h"
#include "base/bytes.h"
#include "s3emu/rest/core/answers.h"
#include "s3emu/s3_error.h"

namespace tidemark::server {

namespace {

// DynamoDB has no words for what is no request of its own; failures of the server are errors that clients
// know, and retry.
http::Response as_dynamodb(const Refusal& refusal, const RefusedRequest& request, Random& random,
                           const Admits& admits) {
  const bool may_be_read = request.has_origin && (request.head == nullptr || admits(*request.head));
  const api::JsonAnswers answers(random, may_be_read, api::Coding::kIdentity);
  http::Response response;
  if (refusal.status == 500 || refusal.status == 503) {
    const auto type =
        refusal.status == 500 ? api::ErrorType::kInternalServerError : api::ErrorType::kServiceUnavailable;
    response = answers.respond(refusal.status, "application/x-amz-json-1.0",
                               api::render_error({type, std::string(refusal.text)}));
  } else {
    response = answers.respond(refusal.status, "text/plain", std::string(refusal.text) + '\n');
  }
  request.note.request_id = response.headers.find("x-amzn-RequestId").value_or("");
  return response;
}

http::Response as_s3(const Refusal& refusal, const RefusedRequest& request, Random& random) {
  std::string id = random.hex(16);
  std::transform(id.begin(), id.end(), id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  s3emu::S3Error error = s3emu::S3Error::of(s3emu::S3Code::kBadRequest, std::string(refusal.text));
  error.code = refusal.s3_code;
  error.status = refusal.status;
  constexpr std::size_t kResourceBytesMax = 1'024;
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  http::Response response = s3emu::error_answer(error, id, std::string(path.substr(0, kResourceBytesMax)));
  response.headers.add("x-amz-request-id", id);
  response.headers.add("x-amz-id-2", base64_encode(id + id));
  request.note.request_id = std::move(id);
  return response;
}

// All that is DynamoDB's is asked of the root.
bool is_for_s3(const RefusedRequest& request) {
  return !request.target.empty() && request.target.substr(0, request.target.find('?')) != "/";
}

}  // namespace

RefusalWording word_refusals(bool is_s3_alone, Random& random, Admits admits) {
  return [is_s3_alone, &random, admits = std::move(admits)](const Refusal& refusal,
                                                            const RefusedRequest& request) {
    const std::string_view service = request.note.service;
    if (!service.empty() && service != "s3" && service != "dynamodb") return plain_refusal(refusal);
    const bool is_s3 = service.empty() ? is_s3_alone || is_for_s3(request) : service == "s3";
    return is_s3 ? as_s3(refusal, request, random) : as_dynamodb(refusal, request, random, admits);
  };
}

}  // namespace tidemark::server
