#include "base/release_memory.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark {

TEST_CASE("what is released is empty and keeps no room") {
  std::string text(10'000, 'x');
  release_memory(&text);
  CHECK(text.empty());
  CHECK(text.capacity() == std::string().capacity());
  std::vector<int> numbers(10'000);
  release_memory(&numbers);
  CHECK(numbers.empty());
  CHECK(numbers.capacity() == 0);
}

}  // namespace tidemark
