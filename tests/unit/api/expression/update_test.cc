#include "api/expression/update.h"

#include <string>
#include <vector>

#include "base/random.h"
#include "model/item_parts.h"
#include "tests/unit/api/expression/support.h"

namespace tidemark::api::expression {
namespace {

Update compile(std::string_view text) {
  Substitutions substitutions = substitutions_of(
      R"({"#a":"a"})",
      R"({":s":{"S":"new"},":t":{"S":"other"},":u":{"S":"third"},":n1":{"N":"1"},":n5":{"N":"5"},
          ":half":{"N":"0.5"},":tiny":{"N":"1e-30"},":big":{"N":"9e125"},":one130":{"N":"1e-130"},
          ":l":{"L":[{"S":"c"},{"S":"d"}]},":m":{"M":{"x":{"N":"1"}}},":empty":{"L":[]},
          ":ssa":{"SS":["a"]},":ssab":{"SS":["b","a"]},":ssbc":{"SS":["c","b"]},
          ":ns":{"NS":["1.0","3"]},":bs":{"BS":["AQ=="]}})");
  auto update = compile_update(text, substitutions);
  INFO(text << ": " << outcome(update));
  REQUIRE(update.has_value());
  return std::move(*update);
}

TEST_CASE("updates change the item") {
  struct Case {
    const char* why;
    const char* before;
    const char* text;
    const char* after;
  };
  const auto c = GENERATE(values<Case>({
      {"new attribute", "{}", "SET a = :s", R"({"a":{"S":"new"}})"},
      {"existing attribute", R"({"a":{"N":"1"}})", "SET a = :s", R"({"a":{"S":"new"}})"},
      {"another attribute's value", R"({"b":{"N":"1"}})", "SET a = b", R"({"a":{"N":"1"},"b":{"N":"1"}})"},
      {"swap: right-hand sides read the old item", R"({"a":{"N":"1"},"b":{"N":"2"}})", "SET a = b, b = a",
       R"({"a":{"N":"2"},"b":{"N":"1"}})"},
      {"remove and use", R"({"a":{"N":"1"}})", "REMOVE a SET b = a", R"({"b":{"N":"1"}})"},
      {"addition", R"({"a":{"N":"1.5"}})", "SET a = a + :half", R"({"a":{"N":"2"}})"},
      {"subtraction", R"({"a":{"N":"1"}})", "SET a = :half - a", R"({"a":{"N":"-0.5"}})"},
      {"exact decimals", R"({"a":{"N":"1"}})", "SET a = a + :tiny",
       R"({"a":{"N":"1.000000000000000000000000000001"}})"},
      {"two attributes", R"({"a":{"N":"1"},"b":{"N":"2"}})", "SET a = a + b",
       R"({"a":{"N":"3"},"b":{"N":"2"}})"},
      {"if_not_exists: there", R"({"a":{"N":"7"}})", "SET a = if_not_exists(a, :n1)", R"({"a":{"N":"7"}})"},
      {"if_not_exists: not there", "{}", "SET a = if_not_exists(a, :n1)", R"({"a":{"N":"1"}})"},
      {"if_not_exists: of another attribute", R"({"b":{"S":"x"}})", "SET a = if_not_exists(a, b)",
       R"({"a":{"S":"x"},"b":{"S":"x"}})"},
      {"counter", "{}", "SET a = if_not_exists(a, :n1) + :n5", R"({"a":{"N":"6"}})"},
      {"list_append", R"({"a":{"L":[{"S":"b"}]}})", "SET a = list_append(a, :l)",
       R"({"a":{"L":[{"S":"b"},{"S":"c"},{"S":"d"}]}})"},
      {"list_append in front", R"({"a":{"L":[{"S":"b"}]}})", "SET a = list_append(:l, a)",
       R"({"a":{"L":[{"S":"c"},{"S":"d"},{"S":"b"}]}})"},
      {"list_append to nothing", "{}", "SET a = list_append(if_not_exists(a, :empty), :l)",
       R"({"a":{"L":[{"S":"c"},{"S":"d"}]}})"},
      {"map member", R"({"a":{"M":{"b":{"N":"1"}}}})", "SET a.b = :s, a.c = :n1",
       R"({"a":{"M":{"b":{"S":"new"},"c":{"N":"1"}}}})"},
      {"deep path", R"({"a":{"M":{"b":{"L":[{"M":{}}]}}}})", "SET a.b[0].c = :s",
       R"({"a":{"M":{"b":{"L":[{"M":{"c":{"S":"new"}}}]}}}})"},
      {"list element", R"({"a":{"L":[{"N":"1"},{"N":"2"}]}})", "SET a[1] = :s",
       R"({"a":{"L":[{"N":"1"},{"S":"new"}]}})"},
      {"list element past the end", R"({"a":{"L":[{"N":"1"}]}})", "SET a[7] = :s",
       R"({"a":{"L":[{"N":"1"},{"S":"new"}]}})"},
      {"several past the end, by index", R"({"a":{"L":[]}})", "SET a[9] = :s, a[4] = :t, a[6] = :u",
       R"({"a":{"L":[{"S":"other"},{"S":"third"},{"S":"new"}]}})"},
      {"remove an attribute", R"({"a":{"N":"1"},"b":{"N":"2"}})", "REMOVE a", R"({"b":{"N":"2"}})"},
      {"remove what is not there", R"({"b":{"N":"2"}})", "REMOVE a", R"({"b":{"N":"2"}})"},
      {"remove a map member", R"({"a":{"M":{"b":{"N":"1"}}}})", "REMOVE a.b, a.c", R"({"a":{"M":{}}})"},
      {"remove list elements: original places", R"({"a":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]}})",
       "REMOVE a[0], a[2]", R"({"a":{"L":[{"N":"1"},{"N":"3"}]}})"},
      {"remove past the end", R"({"a":{"L":[{"N":"0"}]}})", "REMOVE a[1], a[5]",
       R"({"a":{"L":[{"N":"0"}]}})"},
      {"remove, set and append in one list", R"({"a":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}})",
       "REMOVE a[0] SET a[1] = :s, a[3] = :t", R"({"a":{"L":[{"S":"new"},{"N":"2"},{"S":"other"}]}})"},
      {"remove inside and outside of a nested list", R"({"a":{"L":[{"N":"0"},{"L":[{"N":"1"},{"N":"2"}]}]}})",
       "REMOVE a[0], a[1][0] SET a[1][5] = :s", R"({"a":{"L":[{"L":[{"N":"2"},{"S":"new"}]}]}})"},
      {"add to a number", R"({"a":{"N":"1"}})", "ADD a :n5", R"({"a":{"N":"6"}})"},
      {"add to nothing", "{}", "ADD a :n5", R"({"a":{"N":"5"}})"},
      {"add inside a map", R"({"a":{"M":{}}})", "ADD a.b :n5", R"({"a":{"M":{"b":{"N":"5"}}}})"},
      {"add to a set", R"({"a":{"SS":["b"]}})", "ADD a :ssab", R"({"a":{"SS":["a","b"]}})"},
      {"add a set to nothing", "{}", "ADD a :ssab", R"({"a":{"SS":["a","b"]}})"},
      {"add numbers to a set, by value", R"({"a":{"NS":["1","2"]}})", "ADD a :ns",
       R"({"a":{"NS":["1","2","3"]}})"},
      {"add binaries", R"({"a":{"BS":["Ag=="]}})", "ADD a :bs", R"({"a":{"BS":["AQ==","Ag=="]}})"},
      {"delete members", R"({"a":{"SS":["a","b"]}})", "DELETE a :ssbc", R"({"a":{"SS":["a"]}})"},
      {"delete the last member", R"({"a":{"SS":["a"]},"b":{"N":"1"}})", "DELETE a :ssab",
       R"({"b":{"N":"1"}})"},
      {"delete the last member inside a map", R"({"a":{"M":{"s":{"SS":["a"]}}}})", "DELETE a.s :ssa",
       R"({"a":{"M":{}}})"},
      {"delete from nothing", R"({"b":{"N":"1"}})", "DELETE a :ssa", R"({"b":{"N":"1"}})"},
      {"all sections", R"({"a":{"N":"1"},"b":{"N":"1"},"c":{"SS":["a","z"]}})",
       "DELETE c :ssa ADD b :n5 REMOVE a SET d = a", R"({"b":{"N":"6"},"c":{"SS":["z"]},"d":{"N":"1"}})"},
  }));
  INFO(c.why);
  const auto result = apply_update(compile(c.text), item_of(c.before));
  REQUIRE(outcome(result) == "ok");
  CHECK(text_of(result->item) == c.after);
}

// Values of the kinds that updates take, and those that they refuse.
std::string random_value(SeededRandom& random) {
  static const std::vector<std::string> kValues = {
      R"({"N":"1"})",        R"({"S":"x\"\n"})",
      R"({"SS":["a","b"]})", R"({"NS":["1","2"]})",
      R"({"BS":["AQ=="]})",  R"({"L":[{"N":"1"},{"M":{"b":{"N":"2"}}},{"S":"z"}]})",
      R"({"L":[]})",         R"({"M":{"b":{"N":"1"},"c":{"L":[{"N":"5"}]}}})",
      R"({"NULL":true})",    R"({"M":{"x":{"M":{}}}})"};
  return kValues[random.next() % kValues.size()];
}

TEST_CASE("an update that knows only what it mentions makes the same item") {
  static const std::vector<std::string> kActions = {"SET a = :s",
                                                    "SET a.b = :n1",
                                                    "SET a[1] = b",
                                                    "SET a = list_append(a, :l)",
                                                    "SET b = a.c[0] + :n5",
                                                    "SET c = if_not_exists(d, a)",
                                                    "REMOVE a",
                                                    "REMOVE a[0], a[2]",
                                                    "REMOVE b.c, d",
                                                    "ADD a :n1, b :n5",
                                                    "ADD c :ssab",
                                                    "DELETE a :ssa, d :ssab",
                                                    "SET d = :m, a = b REMOVE c",
                                                    "SET b[9] = :s, c.x = a"};
  static const std::vector<std::string> kNames = {"A", "a", "aa", "b", "bb", "c", "d", "zz", "\\\"", "\\n"};
  int changed_count = 0;
  for (std::uint64_t seed = 1; seed <= 4'000; ++seed) {
    SeededRandom random(seed);
    std::string text = "{";
    for (const std::string& name : kNames) {
      if (random.next() % 3 == 0) continue;
      text += (text.size() > 1 ? ",\"" : "\"") + name + "\":" + random_value(random);
    }
    const Update update = compile(kActions[random.next() % kActions.size()]);
    const model::AttributeMap whole = item_of(text + "}");
    const model::Item item = model::make_item(whole);
    INFO("seed " << seed << ": " << item.text);
    const auto parts = model::ItemParts::take(item.text, referenced_attributes(update)).value();
    const auto of_whole = apply_update(update, whole);
    const auto of_parts = apply_update(update, parts.attributes());
    REQUIRE(outcome(of_parts) == outcome(of_whole));
    if (!of_whole) continue;
    ++changed_count;
    const model::Item updated = parts.put_back(of_parts->item, item.size_bytes);
    const model::Item expected = model::make_item(of_whole->item);
    REQUIRE(updated.text == expected.text);
    REQUIRE(updated.size_bytes == expected.size_bytes);
    REQUIRE(updated_new(*of_parts) == updated_new(*of_whole));
    REQUIRE(updated_old(update, parts.attributes()) == updated_old(update, whole));
  }
  CHECK(changed_count > 1'000);
}

TEST_CASE("updates that do not fit the item") {
  const std::string path = "The document path provided in the update expression is invalid for update";
  const std::string missing =
      "The provided expression refers to an attribute that does not exist in the item";
  const std::string type = "An operand in the update expression has an incorrect data type";
  const std::string overflow =
      "Number overflow. Attempting to store a number with magnitude larger than supported range";
  struct Case {
    const char* before;
    const char* text;
    std::string message;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"{}", "SET a.b = :s", path},
      {R"({"a":{"S":"x"}})", "SET a.b = :s", path},
      {R"({"a":{"L":[]}})", "SET a.b = :s", path},
      {R"({"a":{"M":{}}})", "SET a[0] = :s", path},
      {R"({"a":{"M":{}}})", "SET a.b.c = :s", path},
      {R"({"a":{"L":[]}})", "SET a[0].b = :s", path},
      {"{}", "REMOVE a.b", path},
      {R"({"a":{"N":"1"}})", "REMOVE a[0]", path},
      {"{}", "ADD a.b :n1", path},
      {"{}", "DELETE a.b :ssa", path},
      {"{}", "SET a = b", missing},
      {R"({"a":{"M":{}}})", "SET b = a.c", missing},
      {"{}", "SET a = a + :n1", missing},
      {"{}", "SET a = list_append(a, :l)", missing},
      {R"({"a":{"N":"1"}})", "SET a = if_not_exists(a, b)", missing},
      {R"({"b":{"S":"x"}})", "SET a = b + :n1", type},
      {R"({"b":{"S":"x"}})", "SET a = :n1 - b", type},
      {R"({"b":{"S":"x"}})", "SET a = list_append(b, :l)", type},
      {R"({"b":{"N":"1"}})", "SET a = list_append(:l, b)", type},
      {R"({"a":{"S":"x"}})", "ADD a :n1", type},
      {R"({"a":{"N":"1"}})", "ADD a :ssa", type},
      {R"({"a":{"NS":["1"]}})", "ADD a :ssa", type},
      {R"({"a":{"NS":["1"]}})", "ADD a :n1", type},
      {R"({"a":{"L":[]}})", "ADD a :ssa", type},
      {R"({"a":{"S":"x"}})", "DELETE a :ssa", type},
      {R"({"a":{"NS":["1"]}})", "DELETE a :ssa", type},
      {R"({"a":{"N":"1e20"}})", "SET a = a + :tiny", overflow},
      {R"({"a":{"N":"1e20"}})", "ADD a :tiny", overflow},
      {R"({"a":{"N":"9e125"}})", "SET a = a + :big", overflow},
      {R"({"a":{"N":"9e125"}})", "ADD a :big", overflow},
      {R"({"a":{"N":"-9e125"}})", "SET a = a - :big", overflow},
      // Right-hand sides come before paths.
      {"{}", "SET a.b = c", missing},
  }));
  INFO(c.before << " " << c.text);
  CHECK(outcome(apply_update(compile(c.text), item_of(c.before))) == c.message);
}

std::string nested(int levels) {
  std::string text;
  for (int i = 1; i < levels; ++i) text += R"({"M":{"k":)";
  text += R"({"S":"x"})";
  for (int i = 1; i < levels; ++i) text += "}}";
  return text;
}

TEST_CASE("nesting of the result is limited") {
  const auto item = item_of(R"({"a":{"M":{}},"b":)" + nested(31) + R"(,"c":)" + nested(32) + "}");
  CHECK(outcome(apply_update(compile("SET a.x = b"), item)) == "ok");
  CHECK(outcome(apply_update(compile("SET d = c"), item)) == "ok");
  CHECK(outcome(apply_update(compile("SET a.x = c"), item)) ==
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond "
        "supported limit");
}

TEST_CASE("what cannot fit into an item is refused before it is built") {
  const std::string message = "Item size to update has exceeded the maximum allowed size";
  const auto item = item_of(R"({"big":{"S":")" + std::string(300'000, 'x') + R"("},"li":{"L":[{"S":")" +
                            std::string(300'000, 'y') + R"("}]}})");
  CHECK(outcome(apply_update(compile("SET a = big"), item)) == "ok");
  CHECK(outcome(apply_update(compile("SET a = big, b = big"), item)) == message);
  CHECK(outcome(apply_update(compile("SET li = list_append(li, li)"), item)) == message);
  CHECK(outcome(apply_update(compile("SET b = list_append(if_not_exists(x, li), li)"), item)) == message);
}

TEST_CASE("only what was touched is shown") {
  struct Case {
    const char* before;
    const char* text;
    const char* updated_old;
    const char* updated_new;
  };
  const auto c = GENERATE(values<Case>({
      {R"({"x":{"N":"1"},"y":{"N":"2"}})", "SET x = :n5", R"({"x":{"N":"1"}})", R"({"x":{"N":"5"}})"},
      {R"({"y":{"N":"2"}})", "SET x = :n5", "{}", R"({"x":{"N":"5"}})"},
      {R"({"x":{"N":"1"},"y":{"N":"2"}})", "REMOVE x", R"({"x":{"N":"1"}})", "{}"},
      {R"({"x":{"N":"1"}})", "ADD x :n5, z :ssa", R"({"x":{"N":"1"}})",
       R"({"x":{"N":"6"},"z":{"SS":["a"]}})"},
      {R"({"x":{"SS":["a","b"]}})", "DELETE x :ssa", R"({"x":{"SS":["a","b"]}})", R"({"x":{"SS":["b"]}})"},
      {R"({"x":{"SS":["a"]}})", "DELETE x :ssa", R"({"x":{"SS":["a"]}})", "{}"},
      {R"({"m":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}})", "SET m.x = :n5", R"({"m":{"M":{"x":{"N":"1"}}}})",
       R"({"m":{"M":{"x":{"N":"5"}}}})"},
      {R"({"m":{"M":{"x":{"N":"1"},"y":{"N":"2"}}}})", "SET m.z = :n5 REMOVE m.y",
       R"({"m":{"M":{"y":{"N":"2"}}}})", R"({"m":{"M":{"z":{"N":"5"}}}})"},
      {R"({"l":{"L":[{"N":"0"},{"N":"1"}]}})", "SET l[1] = :n5", R"({"l":{"L":[{"N":"1"}]}})",
       R"({"l":{"L":[{"N":"5"}]}})"},
      {R"({"l":{"L":[{"N":"0"}]}})", "SET l[9] = :s, l[8] = :t", "{}", "{}"},
      {R"({"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"}]}})", "REMOVE l[0] SET l[2] = :n5, l[7] = :s",
       R"({"l":{"L":[{"N":"0"},{"N":"2"}]}})", R"({"l":{"L":[{"N":"5"}]}})"},
      {R"({"l":{"L":[{"N":"0"},{"L":[{"N":"1"},{"N":"2"}]}]}})",
       "REMOVE l[0], l[1][0] SET l[1][1] = :n5, l[1][4] = :s",
       R"({"l":{"L":[{"N":"0"},{"L":[{"N":"1"},{"N":"2"}]}]}})", R"({"l":{"L":[{"L":[{"N":"5"}]}]}})"},
      {R"({"l":{"L":[{"N":"0"}]}})", "REMOVE l[0]", R"({"l":{"L":[{"N":"0"}]}})", "{}"},
  }));
  INFO(c.text);
  const Update update = compile(c.text);
  const auto before = item_of(c.before);
  const auto result = apply_update(update, before);
  REQUIRE(outcome(result) == "ok");
  CHECK(text_of(updated_old(update, before)) == c.updated_old);
  CHECK(text_of(updated_new(*result)) == c.updated_new);
}

TEST_CASE("legacy updates append to lists and name a type mismatch their way") {
  Update update = compile("ADD a :n1");
  update.legacy = true;
  CHECK(outcome(apply_update(update, item_of(R"({"a":{"S":"x"}})"))) ==
        "Type mismatch for attribute to update");
  update.actions[0].operand = Operand::of_value(item_of(R"({"v":{"L":[{"S":"y"}]}})").at("v"));
  const auto result = apply_update(update, item_of(R"({"a":{"L":[{"S":"x"}]}})"));
  REQUIRE(outcome(result) == "ok");
  CHECK(text_of(result->item) == R"({"a":{"L":[{"S":"x"},{"S":"y"}]}})");
  Update removal = compile("DELETE a :ssa");
  removal.legacy = true;
  CHECK(outcome(apply_update(removal, item_of(R"({"a":{"N":"1"}})"))) ==
        "Type mismatch for attribute to update");
}

}  // namespace
}  // namespace tidemark::api::expression
