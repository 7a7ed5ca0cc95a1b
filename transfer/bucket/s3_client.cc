#include "transfer/bucket/s3_client.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <pugixml.hpp>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"

namespace tidemark::transfer {
namespace {

using s3emu::S3Code;
using s3emu::S3Error;
using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kPauseMax{5'000};
// So slow may a way be that goes on all the time.
constexpr std::size_t kBytesPerMillisecondMin = 16;
constexpr std::size_t kIdleMax = 16;

// What an answer without a document means: those to HEAD have none.
S3Code code_of_status(int status) {
  switch (status) {
    case 403:
      return S3Code::kAccessDenied;
    case 404:
      return S3Code::kNoSuchKey;
    case 405:
      return S3Code::kMethodNotAllowed;
    case 412:
      return S3Code::kPreconditionFailed;
    case 416:
      return S3Code::kInvalidRange;
    case 501:
      return S3Code::kNotImplemented;
    case 503:
      return S3Code::kServiceUnavailable;
    default:
      return status >= 500 ? S3Code::kInternalError : S3Code::kBadRequest;
  }
}

// Codes that are looked at here or in the jobs.
S3Code code_of_name(std::string_view name, int status) {
  for (const S3Code known :
       {S3Code::kNoSuchBucket, S3Code::kNoSuchKey, S3Code::kNoSuchUpload, S3Code::kAccessDenied,
        S3Code::kSlowDown, S3Code::kInvalidRange, S3Code::kNotImplemented, S3Code::kPreconditionFailed}) {
    if (s3emu::name_of(known) == name) return known;
  }
  return code_of_status(status);
}

S3Error redirection(const HttpAnswer& answer) {
  const auto region = answer.headers.find("x-amz-bucket-region");
  std::string message = "The bucket must be addressed elsewhere";
  if (region) message += ": it is in the region " + std::string(*region);
  return {.id = S3Code::kBadRequest,
          .code = "PermanentRedirect",
          .status = answer.status,
          .message = message + "."};
}

S3Error error_of(const HttpAnswer& answer) {
  pugi::xml_document document;
  document.load_buffer(answer.body.data(), answer.body.size());
  const pugi::xml_node root = document.child("Error");
  const std::string code = root.child_value("Code");
  if (code.empty() && answer.status >= 300 && answer.status < 400) return redirection(answer);
  const int status = answer.status < 300 ? 500 : answer.status;
  S3Error error = S3Error::of(code.empty() ? code_of_status(status) : code_of_name(code, status));
  error.status = status;
  if (!code.empty()) error.code = code;
  if (const std::string message = root.child_value("Message"); !message.empty()) error.message = message;
  const auto request_id = answer.headers.find("x-amz-request-id");
  const auto host_id = answer.headers.find("x-amz-id-2");
  if (request_id) error.extras.emplace_back("RequestId", *request_id);
  if (host_id) error.extras.emplace_back("HostId", *host_id);
  return error;
}

bool passes(const S3Error& error) {
  return error.status >= 500 ? error.id != S3Code::kNotImplemented
                             : error.status == 429 || error.code == "RequestTimeout";
}

}  // namespace

S3Client::S3Client(S3Endpoint endpoint, std::shared_ptr<TlsTrust> trust, Random& random)
    : endpoint_(std::move(endpoint)), trust_(std::move(trust)), random_(random) {}

S3Client::~S3Client() = default;

S3Result<HttpAnswer> S3Client::ask(const S3Question& question, const std::stop_token& stop,
                                   int attempts_max) {
  for (int attempt = 1;; ++attempt) {
    auto answer = ask_once(question, stop);
    if (answer || attempt == attempts_max || !passes(answer.error()) || stop.stop_requested()) return answer;
    pause(attempt, stop);
  }
}

S3Result<HttpAnswer> S3Client::ask_once(const S3Question& question, const std::stop_token& stop) {
  const bool is_host_style = endpoint_.style == BucketStyle::kHost;
  S3Address address = endpoint_.address;
  if (is_host_style) address.host = question.bucket + "." + address.host;
  http::RequestHead head = head_of(question, address.host_field());
  auth::sign(endpoint_.identity,
             {.service = "s3",
              .payload = to_hex(digest_of(DigestAlgorithm::kSha256, question.body)),
              .time = SystemClock().now()},
             &head);
  HttpQuestion asked{.head = head.method + " " + head.target + " HTTP/1.1\r\n",
                     .body = question.body,
                     .is_head_request = question.method == "HEAD",
                     .answer_bytes_max = question.answer_bytes_max};
  for (const auto& [name, value] : head.headers.fields()) {
    asked.head.append(name).append(": ").append(value).append("\r\n");
  }
  asked.head += "\r\n";
  const milliseconds of_bytes((question.body.size() + question.answer_bytes_max) / kBytesPerMillisecondMin);
  const HttpPatience patience{.idle = endpoint_.patience,
                              .deadline = std::chrono::steady_clock::now() + endpoint_.patience + of_bytes};
  auto answer = exchange(asked, address.host, patience, stop);
  if (!answer) {
    return fail(S3Error::of(S3Code::kServiceUnavailable,
                            "The S3 service at " + address.host_field() + " " + answer.error().message));
  }
  if (answer->status >= 300) return fail(error_of(*answer));
  if (auto wrong = question.judge ? question.judge(*answer) : std::nullopt) return fail(*std::move(wrong));
  return *std::move(answer);
}

http::RequestHead S3Client::head_of(const S3Question& question, const std::string& host_field) const {
  http::RequestHead head;
  head.method = question.method;
  head.target = endpoint_.address.path + "/";
  if (endpoint_.style == BucketStyle::kPath) {
    head.target +=
        http::percent_encode(question.bucket, http::Slash::kEncoded) + (question.key.empty() ? "" : "/");
  }
  head.target += http::percent_encode(question.key, http::Slash::kKept);
  char separator = '?';
  for (const auto& [name, value] : question.query) {
    head.target += separator + http::percent_encode(name, http::Slash::kEncoded) + "=" +
                   http::percent_encode(value, http::Slash::kEncoded);
    separator = '&';
  }
  head.headers.add("host", host_field);
  head.headers.add("user-agent", "Tidemark");
  head.headers.add("content-length", std::to_string(question.body.size()));
  for (const auto& [name, value] : question.headers) head.headers.add(name, value);
  return head;
}

Result<HttpAnswer> S3Client::exchange(const HttpQuestion& question, const std::string& host,
                                      const HttpPatience& patience, const std::stop_token& stop) {
  // A connection that waited may have been closed by the other side: that says nothing about the service.
  if (auto idle = take_idle(host)) {
    auto answer = idle->ask(question, patience, stop);
    if (answer) {
      if (idle->may_go_on()) keep_idle(host, std::move(idle));
      return answer;
    }
    if (stop.stop_requested() || std::chrono::steady_clock::now() >= patience.deadline) return answer;
  }
  ASSIGN_OR_RETURN(auto connection, HttpConnection::open(endpoint_.address, host, trust_, patience, stop));
  auto answer = connection->ask(question, patience, stop);
  if (answer && connection->may_go_on()) keep_idle(host, std::move(connection));
  return answer;
}

std::unique_ptr<HttpConnection> S3Client::take_idle(const std::string& host) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(idle_.rbegin(), idle_.rend(),
                                  [&](const auto& connection) { return connection.first == host; });
  if (found == idle_.rend()) return nullptr;
  auto connection = std::move(found->second);
  idle_.erase(std::next(found).base());
  return connection;
}

void S3Client::keep_idle(const std::string& host, std::unique_ptr<HttpConnection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() == kIdleMax) idle_.erase(idle_.begin());
  idle_.emplace_back(host, std::move(connection));
}

// On the wall's time and not the service's: it is another service that gets a rest.
void S3Client::pause(int attempt, const std::stop_token& stop) {
  const milliseconds whole = std::min(kPauseMax, kFirstPause * (1 << (attempt - 1)));
  // Somewhere in its second half, so that those who were refused together do not come back together.
  const auto half = static_cast<std::uint64_t>(whole.count() / 2);
  const milliseconds length(static_cast<std::int64_t>(half + random_.next() % (half + 1)));
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, length, [] { return false; });
}

}  // namespace tidemark::transfer
