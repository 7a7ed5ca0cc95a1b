// The framing of bodies: cuts must not matter, and what comes out is never longer than what goes in.
#include "s3emu/rest/aws_chunked.h"

#include "base/check.h"
#include "tests/fuzz/input.h"

namespace tidemark::s3emu {
namespace {

struct Outcome {
  std::string code;  // empty: decoded
  std::string bytes;
  NamedValues trailers;

  bool operator==(const Outcome&) const = default;
};

Outcome decode(std::string_view body, fuzz::Cuts cuts) {
  AwsChunkedDecoder decoder;
  Outcome outcome;
  const auto sink = [&](std::string_view bytes) -> S3Result<void> {
    outcome.bytes.append(bytes);
    return {};
  };
  S3Result<void> result;
  while (result && !body.empty()) {
    const std::string piece(body.substr(0, cuts.next()));
    body.remove_prefix(piece.size());
    result = decoder.feed(piece, sink);
  }
  if (result) result = decoder.finish();
  if (!result) {
    outcome.code = result.error().code;
    outcome.bytes.clear();  // how far it came before the error may depend on the cuts
    return outcome;
  }
  outcome.trailers = decoder.trailers();
  return outcome;
}

}  // namespace
}  // namespace tidemark::s3emu

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tidemark::fuzz::Cuts;
  tidemark::fuzz::Input input(data, size);
  const std::uint8_t seed = input.byte();
  const auto whole = tidemark::s3emu::decode(input.rest(), Cuts(0, 1 << 30));
  INVARIANT(whole.bytes.size() <= input.rest().size());
  INVARIANT(whole == tidemark::s3emu::decode(input.rest(), Cuts(seed, 1)));
  INVARIANT(whole == tidemark::s3emu::decode(input.rest(), Cuts(seed, 2 + seed % 40)));
  return 0;
}
