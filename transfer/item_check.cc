#include "transfer/item_check.h"

#include <utility>
#include <vector>

#include "model/item_size.h"
#include "model/key_messages.h"

namespace tidemark::transfer {
namespace {

// Each key attribute of an index on its own: one that is absent leaves the item out of the index but does not
// excuse the next one from being of the right type.
Result<void, std::string> check_index_keys(const model::IndexSchema& index, const model::Item& item) {
  const auto check = [&](const model::KeySchema& one) -> Result<void, std::string> {
    const auto key = model::key_of(one, item.text);
    if (key || key.error().defect == model::KeyDefect::kMissing) return {};
    return fail(model::index_key_message(key.error(), index.name));
  };
  for (const auto& attribute : index.keys.partition_keys) RETURN_IF_ERROR(check({{attribute}, {}}));
  for (const auto& attribute : index.keys.sort_keys) RETURN_IF_ERROR(check({{}, {attribute}}));
  return {};
}

}  // namespace

Result<model::Key, std::string> check_item(const model::TableSchema& schema, const model::Item& item) {
  auto key = model::key_of(schema.keys, item.text);
  if (!key) return fail(model::table_key_message(key.error()));
  if (item.size_bytes > model::kItemSizeBytesMax) {
    return fail(std::string("Item size has exceeded the maximum allowed size"));
  }
  for (const auto& index : schema.indexes) RETURN_IF_ERROR(check_index_keys(index, item));
  return *std::move(key);
}

}  // namespace tidemark::transfer
