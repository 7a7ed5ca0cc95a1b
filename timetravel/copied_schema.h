// What a table that is made from another one takes over of it.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "model/table_schema.h"
#include "storage/catalog.h"

namespace tidemark::timetravel {

// As it is to be created: without id and state.
model::IndexSchema copied_index(const model::IndexSchema& index);

// Those attribute definitions of the source that the keys of the copy and of its indexes use.
std::vector<model::AttributeDefinition> used_definitions(const model::TableSchema& source,
                                                         const model::TableSchema& copy);

// Keys, indexes (but for those that are going), capacity and encryption. Tags, time to live, streams,
// recovery, deletion protection, policy and table class are not taken over.
// Source: DynamoDB API reference, RestoreTableToPointInTime; recorded answers.
model::TableSchema copied_schema(const model::TableSchema& source, std::string name,
                                 const storage::Owner& owner, std::string uuid, Timestamp now);

}  // namespace tidemark::timetravel
