#include "api/expression/reserved_words.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark::api::expression {
namespace {

TEST_CASE("reserved words are known in any case") {
  const auto word = GENERATE(as<std::string>{}, "ABORT", "abort", "aBoRt", "status", "name", "data", "ttl",
                             "count", "values", "Zone", "localtimestamp");
  INFO(word);
  CHECK(is_reserved_word(word));
}

TEST_CASE("other words are not reserved") {
  const auto word = GENERATE(as<std::string>{}, "", "pk", "sk", "statuses", "nam", "abor", "abortt", "zonee",
                             "zzz", "_data", "attribute_exists", "localtimestamplocaltimestamp");
  INFO(word);
  CHECK_FALSE(is_reserved_word(word));
}

}  // namespace
}  // namespace tidemark::api::expression
