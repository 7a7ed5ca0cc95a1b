#include "model/item_checks.h"

#include <string>

#include "model/item_size.h"
#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

// pk, sk. Index `i` on owner, at (a binary); `a` on owner alone; `by-pk` puts the table's partition key at
// the end; `many` has two attributes of each role.
TableSchema indexed_table() {
  TableSchema schema;
  schema.keys = {{{"pk", KeyType::kString}}, {{"sk", KeyType::kString}}};
  const auto add = [&](std::string name, KeySchema keys) {
    IndexSchema index;
    index.name = std::move(name);
    index.keys = std::move(keys);
    schema.indexes.push_back(std::move(index));
  };
  add("i", {{{"owner", KeyType::kString}}, {{"at", KeyType::kBinary}}});
  add("a", {{{"owner", KeyType::kString}}, {}});
  add("by-pk", {{{"sk", KeyType::kString}}, {{"pk", KeyType::kString}}});
  add("many", {{{"h1", KeyType::kString}, {"h2", KeyType::kNumber}},
               {{"r1", KeyType::kString}, {"r2", KeyType::kString}}});
  return schema;
}

std::string quoted(std::size_t bytes) { return R"({"S":")" + std::string(bytes, 'x') + R"("})"; }

// `i: owner is empty`
std::string text_of(const Result<void, IndexKeyError>& result) {
  static const char* const kDefects[] = {"missing", "of another type", "empty",
                                         "too long for a partition key", "too long for a sort key"};
  if (result) return "";
  const IndexKeyError& error = result.error();
  return error.index_name + ": " + error.key.attribute + " is " +
         kDefects[static_cast<int>(error.key.defect)];
}

TEST_CASE("index keys of an item that is stored") {
  struct Case {
    const char* why;
    std::string item, error;
  };
  const auto c = GENERATE(values<Case>({
      {"both there", R"({"at":{"B":"AA=="},"owner":{"S":"x"}})", ""},
      {"none there", R"({"z":{"S":"x"}})", ""},
      {"only one there", R"({"at":{"B":"AA=="}})", ""},
      {"a wrong type counts though the item is not in the index", R"({"at":{"BOOL":true}})",
       "i: at is of another type"},
      {"of several indexes the first of the schema", R"({"owner":{"N":"1"}})", "i: owner is of another type"},
      {"a type no key has", R"({"owner":{"M":{}}})", "i: owner is of another type"},
      {"empty string", R"({"owner":{"S":""}})", "i: owner is empty"},
      {"empty binary", R"({"at":{"B":""}})", "i: at is empty"},
      {"as long as it may be", R"({"owner":)" + quoted(2'048) + "}", ""},
      {"partition key too long", R"({"owner":)" + quoted(2'049) + "}",
       "i: owner is too long for a partition key"},
      {"bytes count, not base64", R"({"at":{"B":")" + std::string(1'364, 'A') + R"("}})", ""},
      {"sort key too long", R"({"at":{"B":")" + std::string(1'368, 'A') + R"("}})",
       "i: at is too long for a sort key"},
      {"an escape is one byte", R"({"r1":{"S":")" + std::string(1'023, 'x') + R"(\""}})", ""},
      {"attributes of one role share its limit", R"({"r1":)" + quoted(512) + R"(,"r2":)" + quoted(512) + "}",
       ""},
      {"and one byte more", R"({"r1":)" + quoted(513) + R"(,"r2":)" + quoted(512) + "}",
       "many: r2 is too long for a sort key"},
      {"numbers count too", R"({"h1":)" + quoted(2'047) + R"(,"h2":{"N":"1"}})",
       "many: h2 is too long for a partition key"},
      {"the table's partition key may be too long for a sort key", R"({"pk":)" + quoted(1'025) + "}",
       "by-pk: pk is too long for a sort key"},
      {"the rest of the table's key has been judged", R"({"pk":{"N":"1"},"sk":{"S":""}})",
       "by-pk: pk is of another type"},
  }));
  INFO(c.why);
  CHECK(text_of(check_index_keys(indexed_table(), c.item)) == c.error);
  CHECK(text_of(check_updated_index_keys(indexed_table(), "{}", c.item)) == c.error);
}

TEST_CASE("after an update only what it changed is judged") {
  struct Case {
    const char* why;
    std::string old_item, new_item, error;
  };
  const auto c = GENERATE(values<Case>({
      {"a bad value that was there before", R"({"owner":{"N":"1"}})", R"({"b":{"S":"x"},"owner":{"N":"1"}})",
       ""},
      {"a good value becomes a bad one", R"({"owner":{"S":"x"}})", R"({"owner":{"S":""}})",
       "i: owner is empty"},
      {"a bad one goes", R"({"owner":{"N":"1"}})", "{}", ""},
      {"a limit that others share", R"({"r1":)" + quoted(900) + "}",
       R"({"r1":)" + quoted(900) + R"(,"r2":)" + quoted(125) + "}", "many: r2 is too long for a sort key"},
  }));
  INFO(c.why);
  CHECK(text_of(check_updated_index_keys(indexed_table(), c.old_item, c.new_item)) == c.error);
}

TEST_CASE("a whole item is judged as PutItem does: size, table key, index keys") {
  const auto defect_of = [](const Item& item) {
    const auto key = check_item(indexed_table(), item);
    return key ? -1 : static_cast<int>(key.error().index());
  };
  const std::string bad_index = R"("owner":{"N":"1"})";
  CHECK(defect_of({R"({"pk":{"S":"p"},"sk":{"S":"s"}})", 8}) == -1);
  CHECK(defect_of({"{" + bad_index + R"(,"pk":{"S":"p"},"sk":{"S":"s"}})", 8}) == 2);
  CHECK(defect_of({"{" + bad_index + R"(,"pk":{"S":"p"}})", 8}) == 1);
  CHECK(defect_of({"{" + bad_index + "}", kItemSizeBytesMax}) == 1);
  CHECK(defect_of({"{" + bad_index + "}", kItemSizeBytesMax + 1}) == 0);
  CHECK(
      check_item(indexed_table(), {R"({"pk":{"S":"p"},"sk":{"S":"s"}})", 8})->partition.front().sort_bytes ==
      "p");
}

// What the judge counts for a number is what model::key_of() measures against the same limit.
TEST_CASE("a number is as long as a key as it is as a value") {
  const std::string text = GENERATE(as<std::string>(), "0", "1", "-1", "10", "100", "0.1", "-0.01", "123456",
                                    "-1234567", "0.0000001", "99999999999999999999999999999999999999");
  INFO(text);
  const Number number = Number::parse(text).value();
  CHECK(key_part_of({number}).sort_bytes.size() == number.size_bytes());
}

}  // namespace
}  // namespace tidemark::model
