#include "base/nearest.h"

#include "tests/support/catch.h"

namespace tidemark::test {
namespace {

TEST_CASE("slips between two names") {
  CHECK(edit_distance("port", "port") == 0);
  CHECK(edit_distance("prot", "port") == 2);
  CHECK(edit_distance("por", "port") == 1);
  CHECK(edit_distance("", "port") == 4);
  CHECK(edit_distance("sharedDB", "sharedDb") == 1);
}

TEST_CASE("the nearest name, if it is near enough") {
  const std::vector<std::string> known = {"--port", "--host", "--s3-port"};
  CHECK(nearest_name("--prot", known, 2) == "--port");
  CHECK(nearest_name("--s3port", known, 2) == "--s3-port");
  CHECK(nearest_name("--nothing", known, 2).empty());
  CHECK(nearest_name("--prot", {}, 2).empty());
}

}  // namespace
}  // namespace tidemark::test
