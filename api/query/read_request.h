// What Query and Scan have in common: parameters, the choice of table or index and of attributes, the answer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/access.h"
#include "api/core/capacity.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/input.h"
#include "api/expression/ast.h"
#include "api/query/page.h"
#include "api/query/start_key.h"
#include "base/json_writer.h"
#include "storage/query.h"

namespace tidemark::api {

enum class Select { kAllAttributes, kAllProjectedAttributes, kSpecificAttributes, kCount };

struct ReadRequest {
  ReadKind kind = ReadKind::kQuery;
  model::Wording wording = model::Wording::kClassic;
  std::string_view table_name;                 // as sent
  std::optional<std::string_view> index_name;  // nothing: the table itself
  std::optional<Select> select;
  std::optional<std::uint64_t> limit;
  bool consistent = false;
  std::optional<std::string> start_key;  // ExclusiveStartKey as canonical text
  std::optional<expression::Condition> filter;
  std::optional<expression::Projection> projection;
  // ProjectionExpression or AttributesToGet: which parameter the projection came from
  std::string_view projection_parameter = "ProjectionExpression";
  ReturnConsumedCapacity return_consumed_capacity = ReturnConsumedCapacity::kNone;
};

// The parameters that cannot fail.
ReadRequest read_request_of(const Input& input, ReadKind kind);

// The table or index the request names. Errors: ResourceNotFoundException; ValidationException for an unknown
// index or a consistent read of a global index.
// `terms` is what the conditions of policies are told of it.
ApiResult<storage::Target> target_of(const ReadRequest& request, const OperationContext& context,
                                     const std::function<AccessTerms(const model::TableSchema&)>& terms);

// Adds the parameters that both have.
void add_read_terms(const ReadRequest& request, AccessTerms* terms);

// Judges Select together with projection and index, as the service does after looking at the start key.
// Answers whether items have to be fetched from the table because the local index lacks attributes.
ApiResult<bool> check_select(const ReadRequest& request, const storage::Target& target);

struct ReadResponse {
  Page page;
  std::optional<ConsumedCapacity> consumed_capacity;
};

// `start_after` is the position of the start key.
ApiResult<ReadResponse> read(const ReadRequest& request, const storage::Target& target,
                             const storage::KeyRange& range, const storage::ReadOptions& options,
                             bool fetch_from_table, OperationContext& context);
void render_read(const ReadRequest& request, const ReadResponse& response, JsonWriter& json);

}  // namespace tidemark::api
