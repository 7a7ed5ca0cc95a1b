// The head of a request, from bytes to bucket, key, query and operation: cuts must not matter.
#include "base/check.h"
#include "s3emu/rest/core/operation.h"
#include "server/http/request_parser.h"
#include "tests/fuzz/input.h"

namespace tidemark::server {
namespace {

struct Outcome {
  bool broken = false;  // or cut short
  std::string description;
  std::string body;

  bool operator==(const Outcome&) const = default;
};

void describe(RequestParser* parser, Outcome* outcome) {
  http::RequestHead head = parser->take_head();
  std::string& text = outcome->description;
  text = head.method + '\n' + head.target + '\n' + parser->expectation() + '\n';
  for (const auto& [name, value] : head.headers.fields())
    text.append(name).append("=").append(value).append("\n");
  if (head.content_length) text += std::to_string(*head.content_length);
  text += head.chunked ? "chunked" : "";
  const auto request = s3emu::parse_request(std::move(head), {"localhost", "s3.localhost"});
  if (!request) {
    text += request.error().code;
    return;
  }
  text += '\n' + request->bucket + '\n' + request->key;
  for (const auto& [name, value] : request->query) text.append("\n").append(name).append("=").append(value);
  const auto operation = s3emu::route(*request);
  text += '\n' + (operation ? std::string((*operation)->name) : operation.error().code);
}

// As a session does: what was not taken stays in the buffer.
Outcome parse(std::string_view bytes, fuzz::Cuts cuts) {
  RequestParser parser;
  Outcome outcome;
  std::string buffer;
  bool described = false;
  while (!bytes.empty() && !outcome.broken && !parser.is_done()) {
    const std::string_view piece = bytes.substr(0, cuts.next());
    buffer.append(piece);
    bytes.remove_prefix(piece.size());
    for (;;) {
      boost::beast::error_code error;
      const std::string copy = buffer;  // of exactly this size: reading too far is seen
      const std::size_t taken = parser.put(boost::asio::buffer(copy), error);
      outcome.body.append(parser.take_piece());
      if (!described && parser.is_header_done()) {
        described = true;
        describe(&parser, &outcome);
      }
      buffer.erase(0, taken);
      if (error && error != boost::beast::http::error::need_more) outcome.broken = true;
      if (error || taken == 0 || buffer.empty() || parser.is_done()) break;
    }
  }
  // When something broken is noticed depends on the cuts, so at the end of the bytes it may not be, yet.
  if (!parser.is_done()) {
    outcome.broken = true;
    outcome.body.clear();
  }
  return outcome;
}

}  // namespace
}  // namespace tidemark::server

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tidemark::fuzz::Cuts;
  tidemark::fuzz::Input input(data, size);
  const std::uint8_t seed = input.byte();
  const auto whole = tidemark::server::parse(input.rest(), Cuts(0, 1 << 30));
  const auto cut = tidemark::server::parse(input.rest(), Cuts(seed, 1 + seed % 30));
  INVARIANT(whole == cut);
  return 0;
}
