#include "api/items/key_checks.h"

#include <string>

#include "model/table_schema.h"
#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

using model::KeyType;

model::KeySchema composite_key() {
  model::KeySchema schema;
  schema.partition_keys = {{"pk", KeyType::kString}};
  schema.sort_keys = {{"sk", KeyType::kNumber}};
  return schema;
}

std::string quoted(std::size_t bytes) { return R"({"S":")" + std::string(bytes, 'x') + R"("})"; }

template <class T>
std::string message_of(const ApiResult<T>& result) {
  if (result) return "";
  CHECK(result.error().type == ErrorType::kValidation);
  return result.error().message;
}

TEST_CASE("the key of a new item") {
  struct Case {
    const char* why;
    std::string item, message;
  };
  const auto c = GENERATE(values<Case>({
      {"complete", R"({"a":{"S":"x"},"pk":{"S":"x"},"sk":{"N":"1"}})", ""},
      {"a missing attribute", R"({"pk":{"S":"x"}})",
       "One or more parameter values were invalid: Missing the key sk in the item"},
      {"of another type", R"({"pk":{"S":"x"},"sk":{"S":"1"}})",
       "One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S"},
      {"of a type no key has", R"({"pk":{"BOOL":true},"sk":{"N":"1"}})",
       "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: BOOL"},
      {"empty", R"({"pk":{"S":""},"sk":{"N":"1"}})",
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
       "empty "
       "string value. Key: pk"},
      {"as long as it may be", R"({"pk":)" + quoted(2048) + R"(,"sk":{"N":"1"}})", ""},
      {"too long", R"({"pk":)" + quoted(2049) + R"(,"sk":{"N":"1"}})",
       "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit "
       "of2048 bytes"},
  }));
  INFO(c.why);
  CHECK(message_of(key_of_new_item(composite_key(), c.item)) == c.message);
}

TEST_CASE("a Key parameter has exactly the schema's attributes") {
  const std::string mismatch = "The provided key element does not match the schema";
  struct Case {
    const char* why;
    std::string key, message;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"complete", R"({"pk":{"S":"x"},"sk":{"N":"1"}})", ""},
      {"nothing", "{}", mismatch},
      {"one is missing", R"({"pk":{"S":"x"}})", mismatch},
      {"one too many", R"({"a":{"S":"x"},"pk":{"S":"x"},"sk":{"N":"1"}})", mismatch},
      {"another name", R"({"pk":{"S":"x"},"sl":{"N":"1"}})", mismatch},
      {"another type", R"({"pk":{"S":"x"},"sk":{"S":"1"}})", mismatch},
      {"empty", R"({"pk":{"S":""},"sk":{"N":"1"}})",
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
       "empty "
       "string value. Key: pk"},
      {"too long", R"({"pk":)" + quoted(2049) + R"(,"sk":{"N":"1"}})",
       "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit "
       "of2048 bytes"},
  }));
  INFO(c.why);
  CHECK(message_of(key_of_request(composite_key(), c.key)) == c.message);
}

TEST_CASE("in a batch a put may carry more attributes, but its key must fit") {
  CHECK(message_of(key_of_batch_item(composite_key(), R"({"a":{"S":"x"},"pk":{"S":"x"},"sk":{"N":"1"}})"))
            .empty());
  CHECK(message_of(key_of_batch_item(composite_key(), R"({"a":{"S":"x"},"pk":{"S":"x"}})")) ==
        "The provided key element does not match the schema");
}

}  // namespace
}  // namespace tidemark::api
