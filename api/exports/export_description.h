// How exports look in answers. Source: DynamoDB API reference, ExportDescription; recorded answers.
#pragma once

#include <string_view>

#include "base/json_writer.h"
#include "jobs/job_record.h"
#include "transfer/export_record.h"

namespace tidemark::api {

// Exports know three statuses: one that was cancelled has failed, one that is being cancelled is in progress.
std::string_view export_status_name(jobs::JobStatus status);

// The member `ExportDescription`.
void render_export_description(const transfer::ExportRecord& record, JsonWriter& json);

}  // namespace tidemark::api
