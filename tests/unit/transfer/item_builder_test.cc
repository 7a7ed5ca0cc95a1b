#include "transfer/format/item_builder.h"

#include <string>

#include "model/item_size.h"
#include "tests/support/catch.h"

namespace tidemark::transfer::format {
namespace {

using model::AttributeType;

std::string text_of(ItemBuilder& builder) {
  model::Item item;
  const auto taken = builder.take(&item);
  if (!taken) return taken.error();
  // What it says beside the text must agree with it.
  const auto tree = model::parse_item(item.text);
  REQUIRE(tree);
  CHECK(model::make_item(*tree).text == item.text);
  CHECK(item.size_bytes == model::item_size_bytes(*tree));
  CHECK(item.attribute_starts.size() == tree->size());
  auto start = item.attribute_starts.begin();
  std::string_view name;
  std::string_view value;
  for (model::AttributeCursor cursor(item.text); cursor.next(&name, &value); ++start) {
    CHECK(item.text.substr(*start + 1, name.size()) == name);
  }
  return item.text;
}

TEST_CASE("maps are sorted at every level, the last value of a name wins") {
  ItemBuilder builder;
  for (int round = 0; round < 2; ++round) {
    builder.begin();
    builder.name("z"), builder.string("1");
    builder.name("m"), builder.begin_map();
    builder.name("b"), builder.number("1.50");
    builder.name("a"), builder.begin_list(), builder.null(), builder.boolean(true), builder.end();
    builder.name("b"), builder.number("2");
    builder.end();
    builder.name("a\n"), builder.binary("");
    builder.name("z"), builder.string("22");
    CHECK(
        text_of(builder) ==
        R"({"a\n":{"B":""},"m":{"M":{"a":{"L":[{"NULL":true},{"BOOL":true}]},"b":{"N":"2"}}},"z":{"S":"22"}})");
  }
}

TEST_CASE("sets are sorted") {
  ItemBuilder builder;
  builder.begin();
  builder.name("b"), builder.begin_set(AttributeType::kBinarySet);
  builder.binary("b"), builder.binary("a"), builder.end();
  builder.name("n"), builder.begin_set(AttributeType::kNumberSet);
  builder.number("10"), builder.number("9"), builder.number("-1e2"), builder.end();
  builder.name("s"), builder.begin_set(AttributeType::kStringSet);
  builder.string("b"), builder.string("a\""), builder.end();
  CHECK(text_of(builder) ==
        R"({"b":{"BS":["YQ==","Yg=="]},"n":{"NS":["-100","9","10"]},"s":{"SS":["a\"","b"]}})");
}

TEST_CASE("what cannot be in an item is told, the first of it") {
  ItemBuilder builder;
  const auto refusal = [&builder](auto fill) {
    builder.begin();
    fill();
    builder.number("none");
    return text_of(builder);
  };
  CHECK(refusal([&] { builder.name(""); }) ==
        "One or more parameter values were invalid: Empty attribute name");
  CHECK(refusal([&] { builder.name("a"), builder.begin_set(AttributeType::kStringSet), builder.end(); }) ==
        "One or more parameter values were invalid: An string set  may not be empty");
  CHECK(refusal([&] {
          builder.name("a"), builder.begin_set(AttributeType::kStringSet);
          builder.string("x"), builder.string("x"), builder.end();
        }) == "One or more parameter values were invalid: Input collection [x, x] contains duplicates.");
  CHECK(refusal([&] {
          builder.name("a"), builder.begin_set(AttributeType::kStringSet), builder.boolean(true);
        }) == "One or more parameter values were invalid: A set has a member of another type");
  CHECK(refusal([&] { builder.name("a"), builder.number("1e126"); }).starts_with("Number overflow"));
  CHECK(refusal([&] {
          builder.name("a");
          for (int i = 0; i < 33; ++i) builder.begin_list();
        }).starts_with("Nesting Levels have exceeded supported limits"));
  builder.begin();
  CHECK(text_of(builder) == "{}");
}

}  // namespace
}  // namespace tidemark::transfer::format
