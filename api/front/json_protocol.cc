#include "api/front/json_protocol.h"

#include <utility>

#include "base/digest.h"
#include "base/request_note.h"

namespace tidemark::api {
namespace {

// 52 characters of [A-Z0-9]; the second half is the one that the service's own ids end in.
std::string request_id(Random& random) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  static constexpr std::string_view kEnd = "VV4KQNSO5AEMVJF66Q9ASUAAJG";
  static constexpr std::size_t kBitsPerCharacter = 5;
  static constexpr std::size_t kCharactersPerDraw = 64 / kBitsPerCharacter;
  std::string id(kEnd.size(), '\0');
  id.reserve(2 * kEnd.size());
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kEnd.size(); ++i, bits >>= kBitsPerCharacter) {
    if (i % kCharactersPerDraw == 0) bits = random.next();
    id[i] = kAlphabet[bits & 31];
  }
  id.append(kEnd);
  return id;
}

// Answers of more are compressed for who accepts it.
constexpr std::size_t kPlainBytesMax = 4'096;

class FixedExchange final : public http::Exchange {
 public:
  FixedExchange(const JsonAnswers& answers, http::Response response, std::uint64_t body_bytes_max)
      : answers_(answers), response_(std::move(response)), body_bytes_max_(body_bytes_max) {}

  Result<void, http::Response> write(std::string_view bytes) override {
    size_ += bytes.size();
    if (size_ > body_bytes_max_) return fail(answers_.too_large());
    return {};
  }
  http::Response give_up() override { return std::move(response_); }
  http::Response finish() override { return std::move(response_); }
  [[nodiscard]] bool is_quick() const override { return true; }

 private:
  const JsonAnswers answers_;
  http::Response response_;
  const std::uint64_t body_bytes_max_;
  std::uint64_t size_ = 0;
};

}  // namespace

std::optional<std::string_view> json_type(const http::Headers& request,
                                          std::span<const std::string_view> accepted) {
  const auto header = request.find("Content-Type");
  if (!header) return std::nullopt;
  std::string_view type = header->substr(0, header->find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  for (const std::string_view candidate : accepted) {
    if (http::equal_ignoring_case(type, candidate)) return candidate;
  }
  return std::nullopt;
}

void JsonAnswers::add_cors(http::Response* response) const {
  if (!has_origin_) return;
  response->headers.add("Access-Control-Allow-Origin", "*");
  response->headers.add("Access-Control-Expose-Headers", "x-amzn-RequestId, x-amz-crc32");
}

http::Response JsonAnswers::respond(int status, std::string_view content_type, std::string body) const {
  http::Response response;
  response.status = status;
  const bool is_coded = may_compress() && body.size() > kPlainBytesMax;
  if (is_coded) body = encode_body(body, coding_);
  response.headers.reserve(6);  // all there may be, at once
  response.headers.add("x-amzn-RequestId", request_id(random_));
  response.headers.add("x-amz-crc32", std::to_string(crc32(0, body)));
  if (!content_type.empty()) response.headers.add("Content-Type", std::string(content_type));
  if (is_coded) response.headers.add("Content-Encoding", std::string(coding_name(coding_)));
  add_cors(&response);
  response.body = std::move(body);
  return response;
}

http::Response JsonAnswers::preflight(const http::Headers& request) const {
  http::Response response = respond(200, {}, {});
  response.headers.add("Access-Control-Max-Age", "172800");
  if (const auto headers = request.find("Access-Control-Request-Headers")) {
    response.headers.add("Access-Control-Allow-Headers", std::string(*headers));
  }
  if (const auto methods = request.find("Access-Control-Request-Method")) {
    response.headers.add("Access-Control-Allow-Methods", std::string(*methods));
  }
  return response;
}

http::Response JsonAnswers::too_large() const {
  http::Response response;
  response.status = 413;
  response.close = true;
  add_cors(&response);
  return response;
}

std::unique_ptr<http::Exchange> fixed_exchange(const JsonAnswers& answers, http::Response response,
                                               std::uint64_t body_bytes_max) {
  return std::make_unique<FixedExchange>(answers, std::move(response), body_bytes_max);
}

void note_answer(const http::RequestHead& head, const http::Response& answer) {
  if (head.note == nullptr || !http::is_told(answer.status)) return;
  head.note->request_id = answer.headers.find("x-amzn-RequestId").value_or("");
}

void note_unnamed(const http::RequestHead& head, const http::Response& answer) {
  if (head.note == nullptr || !http::is_told(answer.status)) return;
  note_answer(head, answer);
  head.note->add("request", head.method + ' ' + std::string(head.path()));
}

}  // namespace tidemark::api
