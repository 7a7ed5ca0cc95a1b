// The table or stream that a ResourceArn names, with its policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/access.h"
#include "api/core/context.h"
#include "api/core/error.h"
#include "api/core/policy_book.h"
#include "api/core/shape.h"
#include "storage/table_states.h"

namespace tidemark::api {

Shape policy_revision();

// Errors: ValidationException for what is no ARN of a table or stream; AccessDeniedException;
// ResourceNotFoundException.
ApiResult<storage::TablePtr> find_policy_holder(const OperationContext& context, std::string_view arn);
// The same, held still to be changed. Errors also: ResourceInUseException.
ApiResult<storage::TableChange> hold_policy_holder(const OperationContext& context, std::string_view arn);

PolicyOf kind_of(std::string_view arn);

// That of the table, or of its stream.
StoredPolicy& policy_in(PolicyBook& book, std::string_view arn);

// Errors: PolicyNotFoundException when the revision is not the one that is expected.
ApiResult<void> check_revision(const StoredPolicy& policy, const std::optional<std::string_view>& expected,
                               std::string_view arn);
ApiError policy_not_found(std::string_view why);

}  // namespace tidemark::api
