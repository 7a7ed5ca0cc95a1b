// Resource policies: who may do what with tables, their indexes and their streams.
//
// In strict mode a table belongs to its account: whoever else asks for it needs an Allow of the policy of the
// table, or of the stream. A Deny that fits wins over everything, and counts in open mode, too.
//
// Every way from a name to a table leads through table_lookup.h, and every one to a stream through
// stream_requests.h: both ask here, so that no operation has to think of it. What says more of a request than
// its operation does, is told by Access.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/context.h"
#include "api/core/error.h"
#include "base/auth/policy/policy.h"
#include "model/table_schema.h"
#include "storage/table.h"

namespace tidemark::api {

// What a request asks of items, for the condition keys of DynamoDB. Nothing: the request says nothing of it.
struct AccessTerms {
  std::optional<std::vector<std::string>> leading_keys;  // dynamodb:LeadingKeys: values of partition keys
  std::optional<std::vector<std::string>> attributes;    // dynamodb:Attributes: names at the top of items
  std::optional<std::string_view> select;                // dynamodb:Select
  std::optional<std::string_view> return_values;         // dynamodb:ReturnValues
  std::optional<std::string_view> return_consumed_capacity;
  std::optional<std::string_view> enclosing_operation;  // of a transaction: its name
  std::optional<bool> full_table_scan;                  // of statements

  // Adds the partition key of an item or Key, given as canonical text.
  void add_leading_key_of(std::string_view text, const model::TableSchema& table);
  void add_leading_key(const model::AttributeValue& value);
  void add_attributes(const std::vector<std::string>& names);
  // All names of an item or Key.
  void add_attributes_of(std::string_view text);
};

struct Access {
  std::string_view action = {};  // without `dynamodb:`; empty: the operation's name
  std::string_view index = {};   // what is read; empty: the table
  // Asked only when a policy has to be judged.
  std::function<AccessTerms(const model::TableSchema& table)> terms = nullptr;
};

// May the caller do this with the table? Errors: AccessDeniedException.
ApiResult<void> check_access(const OperationContext& context, const storage::Table& table,
                             const Access& access);

// The same for a stream by its ARN, with its policy; `owner` is the account it belongs to.
ApiResult<void> check_stream_access(const OperationContext& context, std::string_view arn,
                                    std::string_view owner, std::string_view policy);

// AccessDeniedException: no policy lets the caller in.
ApiError not_authorized(const OperationContext& context, std::string_view arn, std::string_view action = {});

// What a policy of the resource may say. Its language: ARNs of the table and its indexes, or of the stream;
// actions that go with them; no principals of S3.
enum class PolicyOf { kTable, kStream };
// Errors: ValidationException `One or more parameter values were invalid: Invalid policy document: ...`.
ApiResult<void> check_policy_document(std::string_view text, const std::string& arn, PolicyOf of);
// A policy that would keep the caller, who owns the resource, from changing it again. Errors:
// ValidationException.
ApiResult<void> check_policy_access_is_kept(const OperationContext& context, std::string_view text,
                                            const std::string& arn, PolicyOf of);

}  // namespace tidemark::api
