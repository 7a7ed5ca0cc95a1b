#include "api/front/registry.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

// Source: DynamoDB API reference, Actions, and the service's newest published model.
const std::vector<std::string> kDocumented = {
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "CancelBulkOperation",
    "CreateBackup",
    "CreateGlobalTable",
    "CreateTable",
    "DeleteBackup",
    "DeleteItem",
    "DeleteResourcePolicy",
    "DeleteTable",
    "DescribeBackup",
    "DescribeBulkOperation",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeEndpoints",
    "DescribeExport",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeImport",
    "DescribeKinesisStreamingDestination",
    "DescribeLimits",
    "DescribeTable",
    "DescribeTableReplicaAutoScaling",
    "DescribeTimeToLive",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "ExecuteStatement",
    "ExecuteTransaction",
    "ExportTableToPointInTime",
    "GetItem",
    "GetResourcePolicy",
    "ImportTable",
    "ListBackups",
    "ListBulkOperations",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListTables",
    "ListTagsOfResource",
    "PutItem",
    "PutResourcePolicy",
    "Query",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
    "Scan",
    "SearchVectors",
    "StartBulkPutItems",
    "TagResource",
    "TransactGetItems",
    "TransactWriteItems",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateItem",
    "UpdateKinesisStreamingDestination",
    "UpdateTable",
    "UpdateTableReplicaAutoScaling",
    "UpdateTimeToLive",
};
const std::vector<std::string> kDocumentedStreams = {"DescribeStream", "GetRecords", "GetShardIterator",
                                                     "ListStreams"};

std::vector<std::string> registered(ServiceKind service) {
  std::vector<std::string> names;
  for (const Operation& operation : all_operations()) {
    if (operation.service == service) names.emplace_back(operation.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("the registry holds the documented operations, each once") {
  CHECK(registered(ServiceKind::kDynamoDb) == kDocumented);
  CHECK(registered(ServiceKind::kStreams) == kDocumentedStreams);
  CHECK(all_operations().size() == 66);
}

TEST_CASE("every operation stands in one family, with what it does") {
  std::vector<std::string> names;
  for (const OperationFamily& family : operation_families()) {
    INFO(family.name);
    CHECK_FALSE(family.operations.empty());
    for (const OperationLine& line : family.operations) {
      names.emplace_back(line.name);
    }
  }
  std::vector<std::string> registered_names = registered(ServiceKind::kDynamoDb);
  for (const std::string& name : registered(ServiceKind::kStreams)) registered_names.push_back(name);
  std::ranges::sort(names);
  std::ranges::sort(registered_names);
  CHECK(names == registered_names);
}

TEST_CASE("operations are found by their service's target only") {
  REQUIRE(find_operation("DynamoDB_20120810.CreateTable") != nullptr);
  CHECK(find_operation("DynamoDB_20120810.CreateTable")->name == "CreateTable");
  REQUIRE(find_operation("DynamoDBStreams_20120810.GetRecords") != nullptr);
  CHECK(find_operation("DynamoDB_20120810.GetRecords") == nullptr);
  CHECK(find_operation("DynamoDBStreams_20120810.CreateTable") == nullptr);
  CHECK(find_operation("DynamoDB_20120810.createTable") == nullptr);
  CHECK(find_operation("CreateTable") == nullptr);
  CHECK(find_operation("") == nullptr);
}

TEST_CASE("no operation shares a member name within one structure") {
  for (const Operation& operation : all_operations()) {
    INFO(operation.name);
    std::vector<std::string_view> names;
    for (const Member& member : operation.shape.members) names.push_back(member.name);
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  }
}

}  // namespace tidemark::api
