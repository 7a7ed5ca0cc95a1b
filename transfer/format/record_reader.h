// What an import asks of an input format: items out of a stream of decompressed bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "model/item.h"

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
  virtual void feed(std::string_view bytes) = 0;
  // There is no more to feed.
  virtual void end() = 0;
  virtual Outcome next(model::Item* item, std::string* message) = 0;
};

// `{"Item":{…}}` objects with any white space, or none, between them.
std::unique_ptr<RecordReader> dynamodb_json_reader();

}  // namespace tidemark::transfer::format
