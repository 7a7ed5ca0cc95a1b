#include "server/client/signed_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/auth/signer.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/http_message.h"
#include "base/json.h"
#include "server/client/member_text.h"

namespace tidemark::server {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::size_t kAnswerBytesMax = 20U << 20;
constexpr int kNotFound = 404;
constexpr int kRangeNotSatisfiable = 416;

}  // namespace

std::string refusal_text(int status, const std::string& body) {
  json::Document document;
  const auto root = document.parse(body);
  if (!root || !root->is_object()) {
    return "the server answers " + std::to_string(status) + ": " + body.substr(0, 500);
  }
  std::string type = member_text(*root, "__type");
  type.erase(0, type.find('#') + 1);
  const std::string message = member_text(*root, "message");
  return type + ": " + (message.empty() ? member_text(*root, "Message") : message);
}

struct SignedClient::Question {
  std::string_view method;
  std::string target;
  std::string_view service;
  auth::UriForm form = auth::UriForm::kNormalized;
  http::Headers headers = {};
  std::string_view body = {};
};

SignedClient::SignedClient(ServerAddress server, ClientIdentity identity)
    : server_(std::move(server)), identity_(std::move(identity)) {}

Result<HttpAnswer> SignedClient::ask_signed(const Question& question) const {
  const HttpUrl url = url_of(server_, question.target);
  http::RequestHead head;
  head.method = question.method;
  head.target = question.target;
  head.headers = question.headers;
  head.headers.add("host", host_field(url));
  auth::sign(
      {.access_key = identity_.access_key, .secret_key = identity_.secret_key, .region = identity_.region},
      {.service = question.service,
       .form = question.form,
       .payload = to_hex(digest_of(DigestAlgorithm::kSha256, question.body)),
       .time = SystemClock().now()},
      &head);
  return ask(url,
             {.method = question.method,
              .json_body = question.body,
              .answer_bytes_max = kAnswerBytesMax,
              .headers = std::move(head.headers)},
             kPatience);
}

Result<std::string> SignedClient::call(std::string_view operation, std::string_view body) const {
  Question question{.method = "POST", .target = "/", .service = "dynamodb", .body = body};
  question.headers.add("content-type", "application/x-amz-json-1.0");
  question.headers.add("x-amz-target", "DynamoDB_20120810." + std::string(operation));
  ASSIGN_OR_RETURN(HttpAnswer answer, ask_signed(question));
  if (answer.status == 200) return std::move(answer.body);
  std::string text = refusal_text(answer.status, answer.body);
  // Another region or server may well have it.
  if (text.starts_with("ResourceNotFoundException")) {
    text += " (in region " + identity_.region + " at " + text_of(server_) + ": AWS_REGION says which region)";
  }
  return fail(Error::invalid_argument(std::move(text)));
}

Result<std::string> SignedClient::read_object(std::string_view bucket, std::string_view key,
                                              std::uint64_t offset, std::uint64_t size) const {
  Question question{.method = "GET",
                    .target = "/" + http::percent_encode(bucket, http::Slash::kEncoded) + "/" +
                              http::percent_encode(key, http::Slash::kKept),
                    .service = "s3",
                    .form = auth::UriForm::kDecodedOnce};
  question.headers.add("range", "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + size - 1));
  ASSIGN_OR_RETURN(HttpAnswer answer, ask_signed(question));
  if (answer.status == kRangeNotSatisfiable) return std::string();
  if (answer.status == kNotFound) {
    return fail(Error::not_found("there is no s3://" + std::string(bucket) + "/" + std::string(key)));
  }
  if (answer.status >= 300) return fail(Error::invalid_argument(refusal_text(answer.status, answer.body)));
  // Who gives no part of an object gives all of it.
  if (answer.status == 200) answer.body.erase(0, std::min<std::size_t>(offset, answer.body.size()));
  return std::move(answer.body);
}

}  // namespace tidemark::server
