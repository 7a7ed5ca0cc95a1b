#include "api/items/key_checks.h"

#include "model/words/items.h"

namespace tidemark::api {
namespace {

std::size_t attribute_count(std::string_view item_text) {
  model::AttributeCursor cursor(item_text);
  std::string_view name, value;
  std::size_t count = 0;
  while (cursor.next(&name, &value)) ++count;
  return count;
}

}  // namespace

ApiError key_schema_mismatch() { return validation(std::string(words::kKeySchemaMismatch)); }

ApiResult<model::Key> key_of_new_item(const model::KeySchema& schema, const model::ItemView& item) {
  auto key = model::key_of(schema, item);
  if (!key) return fail(validation(words::item_key_message(key.error())));
  return std::move(*key);
}

ApiResult<model::Key> key_of_request(const model::KeySchema& schema, std::string_view key_text) {
  if (attribute_count(key_text) != schema.partition_keys.size() + schema.sort_keys.size()) {
    return fail(key_schema_mismatch());
  }
  return key_of_batch_item(schema, key_text);
}

ApiResult<model::Key> key_of_batch_item(const model::KeySchema& schema, const model::ItemView& item) {
  auto key = model::key_of(schema, item);
  if (!key) return fail(validation(words::key_parameter_message(key.error())));
  return std::move(*key);
}

}  // namespace tidemark::api
