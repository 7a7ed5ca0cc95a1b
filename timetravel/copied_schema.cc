#include "timetravel/copied_schema.h"

#include <algorithm>
#include <utility>

namespace tidemark::timetravel {

std::vector<model::AttributeDefinition> used_definitions(const model::TableSchema& source,
                                                         const model::TableSchema& copy) {
  std::vector<model::AttributeDefinition> used;
  for (const model::AttributeDefinition& attribute : source.attribute_definitions) {
    const auto uses = [&](const model::IndexSchema& index) { return index.uses_definition(attribute.name); };
    if (copy.keys.contains(attribute.name) || std::ranges::any_of(copy.indexes, uses)) {
      used.push_back(attribute);
    }
  }
  return used;
}

model::IndexSchema copied_index(const model::IndexSchema& index) {
  model::IndexSchema copy;
  copy.name = index.name;
  copy.kind = index.kind;
  copy.keys = index.keys;
  copy.vector = index.vector;
  copy.projection = index.projection;
  copy.throughput = index.throughput;
  copy.on_demand_throughput = index.on_demand_throughput;
  return copy;
}

model::TableSchema copied_schema(const model::TableSchema& source, std::string name,
                                 const storage::Owner& owner, std::string uuid, Timestamp now) {
  model::TableSchema copy;
  copy.name = std::move(name);
  copy.uuid = std::move(uuid);
  copy.account_id = owner.account_id;
  copy.region = owner.region;
  copy.keys = source.keys;
  copy.created_at = now;
  copy.billing_mode = source.billing_mode;
  copy.throughput = source.throughput;
  copy.on_demand_throughput = source.on_demand_throughput;
  if (copy.billing_mode == model::BillingMode::kPayPerRequest) copy.last_update_to_pay_per_request = now;
  copy.sse = source.sse;
  for (const model::IndexSchema& index : source.indexes) {
    if (index.status != model::IndexStatus::kDeleting) copy.indexes.push_back(copied_index(index));
  }
  copy.attribute_definitions = used_definitions(source, copy);
  return copy;
}

}  // namespace tidemark::timetravel
