#include "api/tables/table_shapes.h"

#include "api/tables/vector_indexes.h"

#include <utility>

namespace tidemark::api {
namespace {

constexpr auto kRequired = Presence::kRequired;

Shape key_schema(std::int64_t elements_max) {
  return list_of(structure("KeySchemaElement", {{"AttributeName", string().length(1, 255), kRequired},
                                                {"KeyType", enumeration({"HASH", "RANGE"}), kRequired}}))
      .length(1, elements_max);
}

}  // namespace

Shape projection() {
  return structure("Projection", {{"ProjectionType", enumeration({"ALL", "INCLUDE", "KEYS_ONLY"})},
                                  {"NonKeyAttributes", list_of(string().length(1, 255)).length(1, 20)}});
}

Shape new_table_name() { return string().length(3, 255).name_pattern().alone(); }

Shape attribute_definitions() {
  return list_of(structure("AttributeDefinition", {{"AttributeType", enumeration({"B", "N", "S"}), kRequired},
                                                   {"AttributeName", string().length(1, 255), kRequired}}));
}

Shape billing_mode() { return enumeration({"PROVISIONED", "PAY_PER_REQUEST"}); }

Shape provisioned_throughput() {
  return structure("ProvisionedThroughput", {{"WriteCapacityUnits", long_integer().at_least(1), kRequired},
                                             {"ReadCapacityUnits", long_integer().at_least(1), kRequired}});
}

Shape on_demand_throughput() {
  return structure("OnDemandThroughput",
                   {{"MaxReadRequestUnits", long_integer()}, {"MaxWriteRequestUnits", long_integer()}});
}

Shape warm_throughput() {
  return structure("WarmThroughput",
                   {{"ReadUnitsPerSecond", long_integer()}, {"WriteUnitsPerSecond", long_integer()}});
}

Shape sse_specification() {
  return structure("SSESpecification", {{"Enabled", boolean()},
                                        {"SSEType", enumeration({"AES256", "KMS"})},
                                        {"KMSMasterKeyId", string().at_least(1)}});
}

Shape stream_specification() {
  return structure(
      "StreamSpecification",
      {{"StreamEnabled", boolean(), kRequired},
       {"StreamViewType", enumeration({"OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE"})}});
}

Shape local_index() {
  return structure("LocalSecondaryIndex", {{"Projection", projection(), kRequired},
                                           {"IndexName", index_name(), kRequired},
                                           {"KeySchema", key_schema(2), kRequired}});
}

Shape global_index() {
  static constexpr std::int64_t kKeyElementsMax = 8;  // four HASH, then four RANGE
  return structure("GlobalSecondaryIndex",
                   {{"Projection", projection(), kRequired},
                    {"IndexName", index_name().before("LocalSecondaryIndexes"), kRequired},
                    {"ProvisionedThroughput", provisioned_throughput()},
                    {"KeySchema", key_schema(kKeyElementsMax), kRequired},
                    {"OnDemandThroughput", on_demand_throughput()},
                    {"WarmThroughput", warm_throughput()}});
}

std::vector<Member> table_definition_members(Member name) {
  return {{"AttributeDefinitions", attribute_definitions(), kRequired},
          std::move(name),
          {"BillingMode", billing_mode()},
          {"ProvisionedThroughput", provisioned_throughput()},
          {"KeySchema", key_schema(2), kRequired},
          {"LocalSecondaryIndexes", list_of(local_index())},
          {"GlobalSecondaryIndexes", list_of(global_index())},
          {"SSESpecification", sse_specification()},
          {"OnDemandThroughput", on_demand_throughput()},
          {"VectorIndexes", list_of(vector_index())}};
}

}  // namespace tidemark::api
