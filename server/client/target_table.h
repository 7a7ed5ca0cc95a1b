// What a table takes: known before the first item is sent to it, so that nothing stops in the middle.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/table_schema.h"
#include "server/client/signed_client.h"
#include "server/client/table_writer.h"

namespace tidemark::server {

// A key: the partition key, perhaps the sort key.
using KeyAttributes = std::vector<model::AttributeDefinition>;

std::string text_of(const KeyAttributes& key);  // `pk:S,sk:N`

// The key of the table and those of its indexes, and nothing else.
model::TableSchema schema_of(const KeyAttributes& key);
KeyAttributes key_of(const model::TableSchema& schema);
// The same of a table that is there. Errors: kUnavailable, or the words of the server.
Result<model::TableSchema> schema_on_server(const SignedClient& client, const std::string& table);

// Whether the table takes it. Error: kCorruption, in the service's words, with what it is about.
Result<void> check_change(const model::TableSchema& schema, const Change& change);

}  // namespace tidemark::server
