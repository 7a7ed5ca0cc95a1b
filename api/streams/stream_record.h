// A stream record as the service shows it.
#pragma once

#include "base/json_writer.h"
#include "storage/shards.h"
#include "storage/stream.h"
#include "storage/streams.h"

namespace tidemark::api {

struct StreamView {
  bool has_old_image = false;
  bool has_new_image = false;
};
// Reads `NEW_AND_OLD_IMAGES` and its kin.
StreamView stream_view(std::string_view view_type);

void render_stream_record(const storage::Stream& stream, const storage::StreamRecord& record,
                          JsonWriter& json);

}  // namespace tidemark::api
