// From a TableName member, which may be an ARN, to the table.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/core/access.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "storage/table.h"

namespace tidemark::api {

struct TableArn {
  std::string_view region;
  std::string_view account_id;
  std::string_view table_name;
  std::string_view resource;  // what follows the table name, `index/i`, `stream/<label>`; may be empty
};
// `arn:aws:dynamodb:<region>:<account>:table/<name>[/<resource>]`, of any AWS partition.
std::optional<TableArn> parse_table_arn(std::string_view text);

// The table's own name: of an ARN its last part.
std::string_view table_name_of(std::string_view name_or_arn);

// The table in whatever state, or null. An ARN of another account is looked up there (this server holds all
// accounts); one of another region names nothing. Errors: AccessDeniedException where a policy denies
// (access.h), and in strict mode for an ARN of another account that no policy opens, whether or not the table
// is there.
ApiResult<storage::TablePtr> find_table(const OperationContext& context, std::string_view name_or_arn,
                                        const Access& access = {});

// For operations on items: a table that is neither being created nor deleted.
// Errors: those of find_table(), ResourceNotFoundException `Requested resource not found`.
ApiResult<storage::TablePtr> active_table(const OperationContext& context, std::string_view name_or_arn,
                                          const Access& access = {});

// For operations on the table itself, in any state.
// Errors: those of find_table(), ResourceNotFoundException `Requested resource not found: Table: <name> not
// found`.
ApiResult<storage::TablePtr> existing_table(const OperationContext& context, std::string_view name_or_arn,
                                            const Access& access = {});

// A restore is filling the table: DescribeTable and DeleteTable alone know it.
bool is_being_restored(const storage::Table& table);

// `Requested resource not found: Table: <name> not found`
ApiError table_not_found(std::string_view name_or_arn);

}  // namespace tidemark::api
