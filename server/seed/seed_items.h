// Items out of the files of a seed, one by one, with the line at which each stands.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/table_schema.h"

namespace tidemark::server {

// `item` is canonical DynamoDB JSON.
using VisitItem = std::function<Result<void>(std::size_t line, const std::string& item)>;

// Lines of DynamoDB JSON, each an item or `{"Item":…}`; blank ones are passed over. A file that is one JSON
// object with `Items` is what Scan answers. Errors: those of the visitor; kIo; kInvalidArgument,
// `file:7: …`.
Result<void> visit_json_items(const std::string& path, const VisitItem& visit);

// The names of the columns are in the first line; `typed` says of which type some are. Errors: the same.
Result<void> visit_csv_items(const std::string& path, const std::vector<model::AttributeDefinition>& typed,
                             const VisitItem& visit);

}  // namespace tidemark::server
