#include "server/client/target_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/json.h"
#include "model/item_checks.h"
#include "model/key.h"
#include "model/words/items.h"
#include "server/client/described_table.h"
#include "server/client/member_text.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kShownBytesMax = 200;

// The objects in a list; none where there is no such list.
std::vector<json::Value> objects_in(const json::Value& object, std::string_view name) {
  std::vector<json::Value> objects;
  const auto list = object.find(name);
  if (!list || !list->is_array()) return objects;
  json::Value element;
  for (json::ArrayCursor cursor = list->elements(); cursor.next(&element);) {
    if (element.is_object()) objects.push_back(element);
  }
  return objects;
}

model::KeySchema key_schema_of(const json::Value& object, const KeyAttributes& definitions) {
  model::KeySchema schema;
  for (const json::Value& element : objects_in(object, "KeySchema")) {
    const auto found = std::ranges::find(definitions, member_text(element, "AttributeName"),
                                         &model::AttributeDefinition::name);
    if (found == definitions.end()) continue;
    const bool is_partition = member_text(element, "KeyType") == "HASH";
    (is_partition ? schema.partition_keys : schema.sort_keys).push_back(*found);
  }
  return schema;
}

tl::unexpected<Error> refusal(const std::string& why, const Change& change) {
  return fail(Error::corruption(why + ": " + change.text.substr(0, kShownBytesMax)));
}

}  // namespace

std::string text_of(const KeyAttributes& key) {
  std::string text;
  for (const model::AttributeDefinition& attribute : key) {
    text += (text.empty() ? "" : ",") + attribute.name + ':';
    text += model::key_type_descriptor(attribute.type);
  }
  return text;
}

model::TableSchema schema_of(const KeyAttributes& key) {
  model::TableSchema schema;
  for (const model::AttributeDefinition& attribute : key) {
    const bool is_partition = &attribute == &key.front();
    (is_partition ? schema.keys.partition_keys : schema.keys.sort_keys).push_back(attribute);
  }
  return schema;
}

KeyAttributes key_of(const model::TableSchema& schema) {
  KeyAttributes key = schema.keys.partition_keys;
  key.insert(key.end(), schema.keys.sort_keys.begin(), schema.keys.sort_keys.end());
  return key;
}

Result<model::TableSchema> schema_on_server(const SignedClient& client, const std::string& table) {
  json::Document document;
  ASSIGN_OR_RETURN(const json::Value described, described_table(client, table, &document));
  KeyAttributes definitions;
  for (const json::Value& definition : objects_in(described, "AttributeDefinitions")) {
    const auto type = model::parse_key_type(member_text(definition, "AttributeType"));
    if (type) definitions.push_back({member_text(definition, "AttributeName"), *type});
  }
  model::TableSchema schema;
  schema.keys = key_schema_of(described, definitions);
  for (const char* const kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
    for (const json::Value& index : objects_in(described, kind)) {
      model::IndexSchema& added = schema.indexes.emplace_back();
      added.name = member_text(index, "IndexName");
      added.keys = key_schema_of(index, definitions);
    }
  }
  return schema;
}

Result<void> check_change(const model::TableSchema& schema, const Change& change) {
  if (change.is_put) {
    const auto checked = model::check_item(schema, {.text = change.text, .size_bytes = change.size_bytes});
    return checked ? Result<void>() : refusal(model::words::item_message(checked.error()), change);
  }
  const auto key = model::key_of(schema.keys, change.text);
  if (!key) return refusal(model::words::key_parameter_message(key.error()), change);
  if (model::key_text(schema.keys, *key).size() == change.text.size()) return {};
  return refusal(std::string(model::words::kKeySchemaMismatch), change);
}

}  // namespace tidemark::server
