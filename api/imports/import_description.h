// How imports look in answers. Source: DynamoDB API reference, ImportTableDescription; recorded answers.
#pragma once

#include "base/json_writer.h"
#include "transfer/import_record.h"

namespace tidemark::api {

// The member `ImportTableDescription`.
void render_import_description(const transfer::ImportRecord& record, JsonWriter& json);
// An element of ListImports.
void render_import_summary(const transfer::ImportRecord& record, JsonWriter& json);

}  // namespace tidemark::api
