#include "api/transactions/located_items.h"

#include <string>
#include <unordered_set>
#include <utility>

#include "api/core/table_lookup.h"
#include "model/words/transactions.h"
#include "storage/query.h"

namespace tidemark::api {
namespace {

// Equal for actions on the same item; empty when nobody can tell.
std::string identity_of(const ActionItem& action, const LocatedItem& located) {
  if (located.item) {
    storage::Target target;
    target.table = located.table;
    return storage::encoded_position(target, {}, located.item->key);
  }
  if (action.key.empty()) return {};
  return std::string(table_name_of(action.table_name)).append(1, '\0').append(action.key);
}

bool is_strongly_consistent(const storage::Table& table) {
  return table.replica && table.replica->consistency == storage::RegionConsistency::kStrong;
}

}  // namespace

ApiResult<std::vector<LocatedItem>> locate_items(const std::vector<ActionItem>& actions,
                                                 const OperationContext& context,
                                                 const LocateAction& locate) {
  std::vector<LocatedItem> items;
  items.reserve(actions.size());
  std::unordered_set<std::string> identities;
  ApiResult<void> tables;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    auto table = active_table(context, actions[i].table_name, actions[i].access);
    LocatedItem located{.table = table ? *table : nullptr, .item = fail(resource_not_found())};
    if (table) located.item = locate(i, *table);
    if (table && is_strongly_consistent(**table)) {
      return fail(validation(
          "Transactions are not supported for global tables with multi-Region strong consistency"));
    }
    std::string identity = identity_of(actions[i], located);
    if (!identity.empty() && !identities.insert(std::move(identity)).second) {
      return fail(validation(std::string(words::kSeveralOperationsOnItem)));
    }
    if (!table && tables) tables = fail(std::move(table).error());
    items.push_back(std::move(located));
  }
  RETURN_IF_ERROR(tables);
  return items;
}

}  // namespace tidemark::api
