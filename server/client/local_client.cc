#include "server/client/local_client.h"

#include "base/json.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kAnswerBytesMax = 4U << 20;

HttpQuestion question_of(const LocalRequest& request) {
  return {.method = request.method, .json_body = request.json_body, .answer_bytes_max = kAnswerBytesMax};
}

Result<HttpAnswer> with_hint(Result<HttpAnswer> answer) {
  if (answer || !answer.error().message.ends_with(kNobodyThere)) return answer;
  return fail(Error::unavailable(answer.error().message + ": is `tidemark serve` running there? (--port)"));
}

}  // namespace

std::string text_of(const ServerAddress& server) { return "http://" + host_field(url_of(server, "/")); }

HttpUrl url_of(const ServerAddress& server, std::string_view path) {
  HttpUrl url{.host = server.host, .port = server.port, .target = std::string(path)};
  if (url.host == "0.0.0.0") url.host = "127.0.0.1";
  if (url.host == "::") url.host = "::1";
  return url;
}

Result<HttpAnswer> ask_server(const ServerAddress& server, const LocalRequest& request) {
  return with_hint(ask(url_of(server, request.path), question_of(request), request.patience));
}

Result<HttpAnswer> ask_server_for_stream(const ServerAddress& server, const LocalRequest& request,
                                         const TakePiece& take) {
  return with_hint(
      ask_for_stream(url_of(server, request.path), question_of(request), request.patience, take));
}

Error refusal_of(const ServerAddress& server, const HttpAnswer& answer) {
  constexpr int kNotFound = 404;
  std::string sentence = error_sentence(answer.body);
  if (answer.status != kNotFound) return Error::invalid_argument(std::move(sentence));
  if (sentence.ends_with('.')) sentence.pop_back();
  sentence += " at " + text_of(server);
  return Error::invalid_argument(std::move(sentence));
}

std::string error_sentence(const std::string& body) {
  json::Document document;
  const auto root = document.parse(body);
  if (!root || !root->is_object()) return body;
  const auto sentence = root->find("error");
  return sentence && sentence->is_string() ? std::string(sentence->string()) : body;
}

}  // namespace tidemark::server
