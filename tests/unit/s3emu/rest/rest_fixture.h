// The REST API without a network: requests go in as text, answers come out whole.
#pragma once

#include <algorithm>

#include "s3emu/rest/front/service.h"
#include "tests/unit/s3emu/rest/digest_header.h"
#include "tests/unit/s3emu/store_fixture.h"

namespace tidemark::s3emu {

struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::optional<std::uint64_t> content_length;

  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string(headers.find(name).value_or("(none)"));
  }
  [[nodiscard]] bool has(std::string_view text) const { return body.find(text) != std::string::npos; }
  // The text of the first element of that name.
  [[nodiscard]] std::string element(const std::string& name) const {
    const std::size_t start = body.find("<" + name + ">");
    if (start == std::string::npos) return "(none)";
    const std::size_t text = start + name.size() + 2;
    return body.substr(text, body.find("</" + name + ">", text) - text);
  }
};

class RestFixture : public StoreFixture {
 public:
  explicit RestFixture(S3Service::Options options = {})
      : service(*store, std::move(options), clock, random) {}

  // Sends the body in pieces of `piece` bytes.
  Answer send(const std::string& method, const std::string& target, const NamedValues& headers = {},
              const std::string& body = {}, std::size_t piece = SIZE_MAX) {
    http::RequestHead head;
    head.method = method;
    head.target = target;
    for (const auto& [name, value] : headers) head.headers.add(name, value);
    if (!head.headers.find("Host")) head.headers.add("Host", "127.0.0.1:8000");
    head.content_length = body.size();
    add_digest(body, &head);
    auto exchange = service.begin(std::move(head));
    if (!exchange) return collect(exchange.error());
    for (std::size_t at = 0; at < body.size(); at += piece) {
      piece = std::min(piece, body.size() - at);
      if (auto written = (*exchange)->write(std::string_view(body).substr(at, piece)); !written) {
        return collect(written.error());
      }
    }
    return collect((*exchange)->finish());
  }

  void make_bucket() { INVARIANT(send("PUT", "/bucket").status == 200); }

  static Answer collect(const http::Response& response) {
    Answer answer{response.status, response.headers, {}, response.content_length};
    if (const auto* text = std::get_if<std::string>(&response.body)) {
      answer.body = *text;
      return answer;
    }
    for (const http::FileRange& range : std::get<std::vector<http::FileRange>>(response.body)) {
      std::string bytes(range.size, '\0');
      const auto got = range.file->read_at(range.offset, bytes.data(), bytes.size());
      INVARIANT(got && *got == bytes.size());
      answer.body += bytes;
    }
    return answer;
  }

  S3Service service;
};

}  // namespace tidemark::s3emu
