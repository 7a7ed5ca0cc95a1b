// Items out of the bytes of one source object: decompression, then the reader of its format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/gzip.h"
#include "model/item.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer {

enum class InputCompression { kNone, kGzip };

namespace format {

// What comes out does not depend on how the bytes are cut when they are fed; of gzip that is damaged, how
// much is read before the damage does. Memory: one record, and a block of decompressed bytes. Not
// thread-safe.
class RecordStream {
 public:
  using Outcome = RecordReader::Outcome;

  RecordStream(InputCompression compression, std::unique_ptr<RecordReader> reader)
      : compression_(compression), reader_(std::move(reader)) {}

  // The next bytes; only after next() has said kNeedMore. They must stay until it says so again.
  void feed(std::string_view bytes);
  // There is no more to feed.
  void end();
  // As RecordReader::next(). After kAbandon do not call it again.
  Outcome next(model::Item* item, std::string* message);

  // Decompressed, as far as read.
  [[nodiscard]] std::uint64_t plain_bytes() const { return plain_bytes_; }

 private:
  enum class Gzip {
    kNothingYet,  // not a byte came: an empty object is no bad one
    kReading,
    kBroken,
  };

  // Hands the next block to the reader. False when there is none without more bytes.
  bool decompress_block();

  const InputCompression compression_;
  const std::unique_ptr<RecordReader> reader_;
  GzipReader gzip_;
  Gzip gzip_state_ = Gzip::kNothingYet;
  std::string_view input_;  // compressed, not yet seen by gzip_
  std::string plain_;
  std::uint64_t plain_bytes_ = 0;
};

}  // namespace format
}  // namespace tidemark::transfer
