// Source objects of imports in CSV. The first byte of an input says which delimiter there is and where the
// names come from; it is the seed of the cuts, too.
#include "tests/fuzz/records.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tidemark::model::AttributeDefinition;
  using tidemark::model::KeyType;
  tidemark::fuzz::Input input(data, size);
  const std::uint8_t choice = input.byte();
  tidemark::transfer::format::CsvOptions options{.delimiter = ",;:|\t "[choice % 6]};
  if (choice >= 128) options.header = {"pk", "sk", "a"};
  const std::vector<AttributeDefinition> typed = {
      {"pk", KeyType::kString}, {"sk", KeyType::kNumber}, {"bin", KeyType::kBinary}};
  const auto make_reader = [&] { return tidemark::transfer::format::csv_reader(options, typed); };
  tidemark::fuzz::check_records(tidemark::fuzz::InputCompression::kNone, make_reader, input.rest(), choice);
  return 0;
}
