#include "base/random.h"

#include <set>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("ids have their form") {
  SystemRandom random;
  CHECK(random.hex(0).empty());
  CHECK(random.hex(33).size() == 33);
  CHECK(random.hex(200).find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(random.base32(26).size() == 26);
  CHECK(random.base32(500).find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string::npos);
  for (int i = 0; i < 50; ++i) {
    const std::string uuid = random.uuid();
    INFO(uuid);
    REQUIRE(uuid.size() == 36);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) CHECK(uuid[dash] == '-');
    CHECK(uuid[14] == '4');
    CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
  }
}

TEST_CASE("a seed repeats, another one does not") {
  SeededRandom a(7), b(7), c(8);
  const std::string id = a.uuid();
  CHECK(b.uuid() == id);
  CHECK(c.uuid() != id);
}

TEST_CASE("every digit of an alphabet appears, and ids do not repeat") {
  SystemRandom random;
  const std::string text = random.base32(5'000);
  CHECK(std::set<char>(text.begin(), text.end()).size() == 32);
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) CHECK(seen.insert(random.uuid()).second);
}

}  // namespace
}  // namespace tidemark
