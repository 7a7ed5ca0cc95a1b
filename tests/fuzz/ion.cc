// Source objects of imports in Ion, text and binary. The first byte of an input is the seed of the cuts; what
// was read is written as the export does and read again.
#include "tests/fuzz/records.h"
#include "transfer/format/record_writer.h"

namespace tidemark::fuzz {
namespace {

void check_again(std::string_view item_text) {
  std::string line;
  transfer::format::ion_writer()->append_item(item_text, &line);
  const Told told = outcome(InputCompression::kNone, transfer::format::ion_reader, line, Cuts(0, 1 << 30));
  INVARIANT(told.abandoned.empty() && told.records == "item " + std::string(item_text) + "\n");
}

void check_round_trip(std::string_view bytes) {
  RecordStream stream(InputCompression::kNone, transfer::format::ion_reader());
  stream.feed(bytes);
  model::Item item;
  std::string message;
  while (true) {
    const auto found = stream.next(&item, &message);
    if (found == RecordStream::Outcome::kItem) check_again(item.text);
    if (found == RecordStream::Outcome::kAbandon || found == RecordStream::Outcome::kNeedMore) return;
  }
}

}  // namespace
}  // namespace tidemark::fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidemark::fuzz;  // NOLINT(google-build-using-namespace)
  Input input(data, size);
  const std::uint8_t seed = input.byte();
  check_records(InputCompression::kNone, tidemark::transfer::format::ion_reader, input.rest(), seed);
  check_round_trip(input.rest());
  return 0;
}
