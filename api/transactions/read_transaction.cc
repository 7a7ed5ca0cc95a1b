#include "api/transactions/read_transaction.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include "api/core/past.h"
#include "api/transactions/cancellation.h"
#include "api/transactions/table_accounts.h"
#include "api/transactions/transaction_size.h"

namespace tidemark::api {
namespace {

// Keys that fit no table, and items that somebody is writing to at this moment, cancel the whole of it.
// Nobody writes to the past.
ApiResult<void> check_items(const std::vector<LocatedItem>& items, const OperationContext& context) {
  Cancellation cancellation(items.size());
  std::vector<storage::ItemRef> refs;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].item) {
      RETURN_IF_ERROR(cancellation.add(i, items[i].item.error()));
      continue;
    }
    refs.push_back(*items[i].item);
    positions.push_back(i);
  }
  if (!context.as_of) {
    for (const storage::LockConflict& held : context.engine.held_items(refs)) {
      cancellation.add_conflict(positions[held.position]);
    }
  }
  if (cancellation.any()) return fail(cancellation.error());
  return {};
}

ApiResult<std::unique_ptr<storage::ReadView>> view_of(const std::vector<LocatedItem>& items,
                                                      const OperationContext& context) {
  if (!context.as_of) return context.engine.view();
  std::vector<storage::TableId> tables;
  tables.reserve(items.size());
  for (const LocatedItem& located : items) tables.push_back(located.table->id);
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  return past_view(context, tables);
}

}  // namespace

ApiResult<ReadTransaction> read_together(const std::vector<ActionItem>& actions,
                                         const OperationContext& context, const LocateAction& locate,
                                         const ShowItem& show) {
  ASSIGN_OR_RETURN(const auto items, locate_items(actions, context, locate));
  RETURN_IF_ERROR(check_items(items, context));
  ASSIGN_OR_RETURN(const auto view, view_of(items, context));
  ReadTransaction result;
  TableAccounts accounts;
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ASSIGN_OR_RETURN(const auto item, view->get(*items[i].table, items[i].item->key));
    const std::uint32_t size_bytes = item ? item->size_bytes : 0;
    bytes += size_bytes;
    RETURN_IF_ERROR(check_transaction_size(bytes));
    accounts.of(actions[i].table_name, items[i].table)
        .charge_item(size_bytes, true, kTransactionCapacityFactor);
    std::optional<std::string>& shown = result.items.emplace_back();
    if (!item) continue;
    ASSIGN_OR_RETURN(shown, show(i, item->text()));
  }
  result.consumed_capacity = std::move(accounts).take();
  return result;
}

void render_responses(const std::vector<std::optional<std::string>>& items, JsonWriter& json) {
  json.key("Responses");
  json.begin_array();
  for (const auto& item : items) {
    json.begin_object();
    if (item) json.key("Item"), json.raw(*item);
    json.end_object();
  }
  json.end_array();
}

}  // namespace tidemark::api
