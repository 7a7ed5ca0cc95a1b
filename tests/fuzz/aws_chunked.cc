// The framing of bodies: cuts must not matter, what comes out is never longer than what goes in, and nobody
// guesses the signatures of chunks.
#include "s3emu/rest/core/aws_chunked.h"

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

enum class Signed { kNo, kChunks, kTrailer };

Outcome decode(std::string_view body, fuzz::Cuts cuts, Signed is_signed) {
  AwsChunkedDecoder decoder;
  if (is_signed != Signed::kNo) {
    decoder.verify_with(auth::ChunkSignatures(auth::SigV4{}, "key"), is_signed == Signed::kTrailer);
  }
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

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tidemark::fuzz::Cuts;
  using tidemark::s3emu::Signed;
  tidemark::fuzz::Input input(data, size);
  const std::uint8_t seed = input.byte();
  for (const Signed is_signed : {Signed::kNo, Signed::kChunks, Signed::kTrailer}) {
    const auto whole = tidemark::s3emu::decode(input.rest(), Cuts(0, 1 << 30), is_signed);
    INVARIANT(whole.bytes.size() <= input.rest().size());
    INVARIANT(is_signed == Signed::kNo || !whole.code.empty());
    INVARIANT(whole == tidemark::s3emu::decode(input.rest(), Cuts(seed, 1), is_signed));
    INVARIANT(whole == tidemark::s3emu::decode(input.rest(), Cuts(seed, 2 + seed % 40), is_signed));
  }
  return 0;
}
