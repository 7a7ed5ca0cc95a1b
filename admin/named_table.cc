#include "admin/named_table.h"

#include <utility>
#include <vector>

#include "admin/route.h"
#include "base/json.h"
#include "model/item.h"

namespace tidemark::admin {
namespace {

std::string names_of(const std::vector<model::AttributeDefinition>& attributes) {
  std::string names;
  for (const model::AttributeDefinition& attribute : attributes) {
    names += (names.empty() ? "" : ", ") + attribute.name;
  }
  return names;
}

std::string key_names(const model::KeySchema& keys) {
  std::string names = names_of(keys.partition_keys);
  if (!keys.sort_keys.empty()) names += ", " + names_of(keys.sort_keys);
  return names;
}

}  // namespace

Result<storage::TablePtr, http::Response> choose_table(const storage::Catalog& catalog,
                                                       const TableChoice& choice) {
  std::vector<storage::TablePtr> found;
  for (const storage::TablePtr& table : catalog.all()) {
    const model::TableSchema& schema = table->schema;
    if (schema.name != choice.name) continue;
    if (choice.account && schema.account_id != *choice.account) continue;
    if (choice.region && schema.region != *choice.region) continue;
    found.push_back(table);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) return fail(error_answer(404, "There is no such table."));
  std::string owners;
  for (const storage::TablePtr& table : found) {
    owners += (owners.empty() ? "" : ", ") + table->schema.account_id + '/' + table->schema.region;
  }
  return fail(error_answer(
      400, "There are several tables of that name (" + owners + "): say which with account and region."));
}

Result<model::Key, std::string> parse_key(const storage::Table& table, std::string_view text) {
  const model::KeySchema& keys = table.schema.keys;
  const std::string wanted = "The key must be DynamoDB JSON with the key attributes of the table, " +
                             key_names(keys) + R"(, as in {"pk":{"S":"a"}}.)";
  json::Document document;
  const auto root = document.parse(text);
  if (!root || !root->is_object()) return fail(wanted);
  if (root->size() != keys.partition_keys.size() + keys.sort_keys.size()) return fail(wanted);
  std::string canonical;
  if (!model::canonicalize(*root, &canonical)) return fail(wanted);
  auto key = model::key_of(keys, canonical);
  if (!key) return fail(wanted);
  return *std::move(key);
}

}  // namespace tidemark::admin
