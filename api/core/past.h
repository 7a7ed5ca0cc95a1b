// Reading tables as they were: a request with the header `X-Tidemark-As-Of: <time>` is answered from that
// moment. An extension of ours; any SDK can send it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/operation.h"
#include "base/clock.h"
#include "model/key.h"
#include "storage/read_view.h"
#include "storage/table.h"

namespace tidemark::api {

inline constexpr std::string_view kAsOfHeader = "X-Tidemark-As-Of";

// What the header says. Errors: ValidationException when it is no time, or the operation does not read items.
ApiResult<Timestamp> moment_of(std::string_view header, const Operation& operation);

// These tables as they were at the moment of the request, which must name one. Errors: ValidationException
// when it is out of reach.
ApiResult<std::unique_ptr<storage::ReadView>> past_view(const OperationContext& context,
                                                        const std::vector<storage::TableId>& tables);

// What the past cannot show is an error of the request.
ApiError past_error(const Error& error);

// One item, of the moment of the request, or of now when it names none.
ApiResult<std::optional<storage::StoredItem>> read_item(const OperationContext& context,
                                                        const storage::Table& table, const model::Key& key);

}  // namespace tidemark::api
