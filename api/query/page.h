// One page of a Query or Scan: items are read in order, filtered and cut down, until the limit, the size of a
// page or the end is reached.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/core/capacity.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "api/expression/ast.h"
#include "storage/query.h"

namespace tidemark::api {

// Counted before filter and projection; the item that crosses the line is still part of the page.
// Source: DynamoDB developer guide, "Paginating table query results".
inline constexpr std::uint64_t kPageBytesMax = 1'048'576;

struct PageOptions {
  const expression::Condition* filter = nullptr;
  const expression::Projection* projection = nullptr;
  std::optional<std::uint64_t> limit;  // items to evaluate
  bool count_only = false;
  // For a local index: answer with the items of the table instead of the index entries.
  bool fetch_from_table = false;
  bool consistent = false;
  bool over_partitions = false;          // a Scan: its range is no single partition key
  ConsumedCapacity* capacity = nullptr;  // to be charged; null: nobody asks
};

struct Page {
  std::string items;  // canonical texts, joined by commas
  std::uint64_t count = 0;
  std::uint64_t scanned_count = 0;
  std::optional<std::string> last_evaluated_key;
};

// Memory is bound by the page size and one item.
ApiResult<Page> read_page(const OperationContext& context, const storage::Target& target,
                          const storage::KeyRange& range, const storage::ReadOptions& read_options,
                          const PageOptions& options);

}  // namespace tidemark::api
