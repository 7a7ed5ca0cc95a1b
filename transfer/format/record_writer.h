// What an export asks of an output format: records as lines of a file.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace tidemark::transfer::format {

// What became of an item in the window of an incremental export. All texts are canonical item text.
struct ChangeRecord {
  std::string_view keys;  // the key attributes alone
  Timestamp write_time;   // of the last write
  std::optional<std::string_view> old_image;
  std::optional<std::string_view> new_image;
};

// Not thread-safe. Errors never: what is written comes from our own store, and is canonical.
class RecordWriter {
 public:
  virtual ~RecordWriter() = default;
  // With what each file begins; nothing in most formats.
  virtual void append_head(std::string* /*out*/) {}
  // Both append one line with its line feed.
  virtual void append_item(std::string_view item_text, std::string* out) = 0;
  virtual void append_change(const ChangeRecord& change, std::string* out) = 0;
};

// `{"Item":{…}}`, `{"Metadata":{…},"Keys":{…},"OldImage":{…},"NewImage":{…}}`.
std::unique_ptr<RecordWriter> dynamodb_json_writer();
// `$ion_1_0 {Item:{…}}`, `$ion_1_0 {Record:{Keys:{…},Metadata:{…},OldImage:{…},NewImage:{…}}}`.
std::unique_ptr<RecordWriter> ion_writer();

}  // namespace tidemark::transfer::format
