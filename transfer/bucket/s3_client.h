// Asks one S3 service: signed, with retries that back off, over connections that are used again.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http_message.h"
#include "base/net/s3_endpoint.h"
#include "base/random.h"
#include "base/result.h"
#include "s3emu/s3_error.h"
#include "transfer/bucket/http_connection.h"

namespace tidemark::transfer {

using s3emu::S3Result;

struct S3Question {
  std::string_view method = "GET";
  std::string bucket;
  std::string key = {};
  std::vector<std::pair<std::string, std::string>> query = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // names in lower case
  std::string_view body = {};
  std::size_t answer_bytes_max = 4U << 20;
  // What is wrong with an answer that is none of the refusals; nothing: it is good. What it finds is asked
  // for again where the same refusal would be.
  std::function<std::optional<s3emu::S3Error>(const HttpAnswer&)> judge = nullptr;
};

// Thread-safety: all methods may be called concurrently.
class S3Client {
 public:
  // How often a question is asked: once, and again after failures that pass, with about twelve seconds of
  // pauses.
  static constexpr int kAttemptsMax = 8;

  // The caller keeps `random` alive. `trust` is null for plain HTTP.
  S3Client(S3Endpoint endpoint, std::shared_ptr<TlsTrust> trust, Random& random);
  ~S3Client();

  // The answer, whose status is below 300. Asked again, up to `attempts_max` times in all, after 500, 502,
  // 503, 504, 429 and what breaks a connection. Errors: the service's own, with its RequestId among the
  // extras; ServiceUnavailable when it cannot be reached. A redirection is an error: what is signed for one
  // service is nothing to give to another.
  S3Result<HttpAnswer> ask(const S3Question& question, const std::stop_token& stop,
                           int attempts_max = kAttemptsMax);

 private:
  S3Result<HttpAnswer> ask_once(const S3Question& question, const std::stop_token& stop);
  Result<HttpAnswer> exchange(const HttpQuestion& question, const std::string& host,
                              const HttpPatience& patience, const std::stop_token& stop);
  [[nodiscard]] http::RequestHead head_of(const S3Question& question, const std::string& host_field) const;
  std::unique_ptr<HttpConnection> take_idle(const std::string& host);
  void keep_idle(const std::string& host, std::unique_ptr<HttpConnection> connection);
  void pause(int attempt, const std::stop_token& stop);

  const S3Endpoint endpoint_;
  const std::shared_ptr<TlsTrust> trust_;
  Random& random_;
  std::mutex mutex_;
  // By the host; guarded by mutex_.
  std::vector<std::pair<std::string, std::unique_ptr<HttpConnection>>> idle_;
};

}  // namespace tidemark::transfer
