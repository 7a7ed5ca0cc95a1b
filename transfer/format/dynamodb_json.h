// DynamoDB JSON files: a stream of `{"Item":{…}}` objects.
// Source: DynamoDB developer guide, "Amazon S3 import formats" and "DynamoDB table export output format".
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {

// Cuts a stream of bytes into top-level JSON objects, whatever white space is between them, also none.
// Memory: one record, at most kRecordBytesMax.
class JsonObjectSplitter {
 public:
  enum class Outcome { kRecord, kNeedMore, kBroken };

  // Adds bytes behind those not consumed yet.
  void feed(std::string_view bytes);
  // kRecord: `*record` is the text of the next object, valid until the next call of feed() or next().
  // kNeedMore: feed. kBroken: what comes next is not an object, or an object too large; nothing more can be
  // cut from this stream.
  Outcome next(std::string_view* record);
  // After the last feed: true when only white space is left.
  [[nodiscard]] bool at_clean_end() const;

 private:
  std::string buffer_;
  std::size_t begin_ = 0;  // of the record being cut
  std::size_t scanned_ = 0;
  int depth_ = 0;
  bool in_string_ = false;
};

}  // namespace tidemark::transfer::format
