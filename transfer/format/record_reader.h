// What an import asks of an input format: items out of a stream of decompressed bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/item.h"
#include "model/table_schema.h"

namespace tidemark::transfer::format {

// Reads one object. Not thread-safe.
class RecordReader {
 public:
  enum class Outcome {
    kItem,      // `*item` is the next one
    kBadItem,   // a record that is no item, `*message` says why; the records behind it are fine
    kAbandon,   // the rest of the object cannot be read, `*message` says why: one error, then the end
    kNeedMore,  // feed(), or, after end(), the end
  };

  virtual ~RecordReader() = default;
  // Only after next() has said kNeedMore; the bytes must stay until it says so again.
  virtual void feed(std::string_view bytes) = 0;
  // There is no more to feed.
  virtual void end() = 0;
  virtual Outcome next(model::Item* item, std::string* message) = 0;
  // Behind kItem, until the next call: JSON with what stands beside the item in its record, a condition for
  // one, and perhaps with the item itself. Empty where there is nothing, or cannot be.
  [[nodiscard]] virtual std::string_view record() const { return {}; }
};

// What a text file is refused with that is none of the format.
inline constexpr std::string_view kUnexpectedToken = "Unexpected token";
inline constexpr std::string_view kItemExpected = "Expected 'Item' top level container";
// A record as it stands in the file: 400 KB of item, every byte escaped as \u00XX, and some room.
inline constexpr std::size_t kRecordBytesMax = 16 << 20;

// `{"Item":{…}}` objects with any white space, or none, between them.
std::unique_ptr<RecordReader> dynamodb_json_reader();

// `{Item:{…}}` structs of Ion, text or binary, one after the other or as elements of lists.
std::unique_ptr<RecordReader> ion_reader();

struct CsvOptions {
  char delimiter = ',';
  std::vector<std::string> header = {};  // names of the columns; empty: the first row of each file has them
};
// Rows of comma-separated values as RFC 4180 has them, also over several lines. Columns that `typed` names
// are of its types, all others are strings; empty ones are left out.
std::unique_ptr<RecordReader> csv_reader(const CsvOptions& options,
                                         std::span<const model::AttributeDefinition> typed);

}  // namespace tidemark::transfer::format
