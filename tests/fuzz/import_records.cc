// Source objects of imports: cuts must not matter, compressed or not. The first byte of an input says how the
// rest is taken: as it is, as gzip, or compressed by us.
#include <string>

#include "base/check.h"
#include "base/gzip.h"
#include "model/item.h"
#include "tests/fuzz/input.h"
#include "transfer/format/record_stream.h"

namespace tidemark::transfer::format {
namespace {

struct Told {
  std::string records;
  std::string abandoned;  // why; empty: everything was read
};

// Takes all records that are there. False when the rest is abandoned.
bool drain(RecordStream& stream, Told* told) {
  model::Item item;
  std::string message;
  while (true) {
    switch (stream.next(&item, &message)) {
      case RecordStream::Outcome::kItem:
        told->records += "item " + item.text + "\n";
        break;
      case RecordStream::Outcome::kBadItem:
        told->records += "refused " + message + "\n";
        break;
      case RecordStream::Outcome::kAbandon:
        told->abandoned = message;
        return false;
      case RecordStream::Outcome::kNeedMore:
        return true;
    }
  }
}

Told outcome(InputCompression compression, std::string_view bytes, fuzz::Cuts cuts) {
  RecordStream stream(compression, dynamodb_json_reader());
  Told told;
  while (!bytes.empty()) {
    // A copy of its own size: reading too far is seen, and so is reading it too late.
    const std::string piece(bytes.substr(0, cuts.next()));
    bytes.remove_prefix(piece.size());
    stream.feed(piece);
    if (!drain(stream, &told)) return told;
  }
  stream.end();
  drain(stream, &told);
  return told;
}

void check_equal(const Told& one, const Told& other) {
  const auto is_damaged = [](const Told& told) { return told.abandoned == "The data is not in GZIP format"; };
  if (is_damaged(one)) {
    // How much comes out of the block that is damaged is the decompressor's affair.
    INVARIANT(!other.abandoned.empty());
    INVARIANT(other.records.starts_with(one.records) ||
              (is_damaged(other) && one.records.starts_with(other.records)));
    return;
  }
  if (is_damaged(other)) return check_equal(other, one);
  INVARIANT(one.records == other.records && one.abandoned == other.abandoned);
}

void check(InputCompression compression, std::string_view bytes, std::uint8_t seed) {
  const Told whole = outcome(compression, bytes, fuzz::Cuts(0, 1 << 30));
  check_equal(whole, outcome(compression, bytes, fuzz::Cuts(seed, 1)));
  check_equal(whole, outcome(compression, bytes, fuzz::Cuts(seed, 2 + seed % 50)));
}

}  // namespace
}  // namespace tidemark::transfer::format

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tidemark::transfer::InputCompression;
  using tidemark::transfer::format::check;
  tidemark::fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  switch (choice % 3) {
    case 0:
      check(InputCompression::kNone, input.rest(), choice);
      break;
    case 1:
      check(InputCompression::kGzip, input.rest(), choice);
      break;
    default:
      check(InputCompression::kGzip, tidemark::gzip_compress(input.rest()), choice);
  }
  return 0;
}
