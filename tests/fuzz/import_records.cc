// Source objects of imports in DynamoDB JSON. The first byte of an input says how the rest is taken: as it
// is, as gzip, compressed by us, or as Zstandard.
#include "base/gzip.h"
#include "tests/fuzz/records.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tidemark::fuzz::check_records;
  using tidemark::fuzz::InputCompression;
  using tidemark::transfer::format::dynamodb_json_reader;
  tidemark::fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  switch (choice % 4) {
    case 0:
      check_records(InputCompression::kNone, dynamodb_json_reader, input.rest(), choice);
      break;
    case 1:
      check_records(InputCompression::kGzip, dynamodb_json_reader, input.rest(), choice);
      break;
    case 2:
      check_records(InputCompression::kGzip, dynamodb_json_reader, tidemark::gzip_compress(input.rest()),
                    choice);
      break;
    default:
      check_records(InputCompression::kZstd, dynamodb_json_reader, input.rest(), choice);
  }
  return 0;
}
