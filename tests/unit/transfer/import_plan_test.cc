// What the load of an import keeps for the next process.
#include "transfer/import_plan.h"

#include "tests/support/catch.h"

namespace tidemark::transfer {
namespace {

using Plan = std::vector<ListedObject>;

bool same(const Plan& a, const Plan& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.key == y.key && x.size == y.size; });
}

}  // namespace

TEST_CASE("the plan of an import has the bytes that import_plan.h says") {
  const Plan sources = {{"in/a", 300}, {"in/\xc3\xa9", 0}};
  const std::string text = plan_text(sources);
  CHECK(text == std::string("\x01\x02\x04in/a\xac\x02\x05in/\xc3\xa9\x00", 16));
  const auto parsed = parse_plan(text);
  REQUIRE(parsed);
  CHECK(same(*parsed, sources));
}

TEST_CASE("a plan that is damaged is none") {
  const std::string text = plan_text({{"in/a", 300}, {"in/b", 1}});
  for (std::size_t size = 0; size < text.size(); ++size) CHECK_FALSE(parse_plan(text.substr(0, size)));
  CHECK_FALSE(parse_plan(text + "x"));
  CHECK_FALSE(parse_plan("\x02" + text.substr(1)));
}

TEST_CASE("the notes of an import have the bytes that import_plan.h says") {
  const std::vector<DoneObject> done = {
      {.position = 2, .counts = {.items = 5, .bytes = 300, .files = 1, .errors = 1}},
      {.position = 0, .counts = {.items = 1, .bytes = 0, .files = 0, .errors = 1}}};
  const std::string text = note_text(done);
  CHECK(text == std::string("\x02\x05\xac\x02\x01\x01\x00\x01\x00\x00\x01", 11));
  CHECK(parse_note(text) == done);
  CHECK(parse_note("") == std::vector<DoneObject>{});
  CHECK_FALSE(parse_note(text.substr(0, 3)));
}

}  // namespace tidemark::transfer
