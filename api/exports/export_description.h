// How exports look in answers. Source: DynamoDB API reference, ExportDescription; recorded answers.
#pragma once

#include "base/json_writer.h"
#include "transfer/export_record.h"

namespace tidemark::api {

// The member `ExportDescription`.
void render_export_description(const transfer::ExportRecord& record, JsonWriter& json);

}  // namespace tidemark::api
