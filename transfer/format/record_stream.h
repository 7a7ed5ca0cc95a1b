// Items out of the bytes of one source object: decompression, then the reader of its format.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/gzip.h"
#include "base/zstd.h"
#include "model/item.h"
#include "transfer/format/input_compression.h"
#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {

// What comes out does not depend on how the bytes are cut when they are fed; of compressed bytes that are
// damaged, how much is read before the damage does. A byte order mark of UTF-8 in front is left out.
// Memory: one record, and a block of decompressed bytes. Not thread-safe.
class RecordStream {
 public:
  using Outcome = RecordReader::Outcome;

  RecordStream(InputCompression compression, std::unique_ptr<RecordReader> reader);

  // The next bytes; only after next() has said kNeedMore. They must stay until it says so again.
  void feed(std::string_view bytes);
  // There is no more to feed.
  void end();
  // As RecordReader::next(). After kAbandon do not call it again.
  Outcome next(model::Item* item, std::string* message);

  // As RecordReader::record().
  [[nodiscard]] std::string_view record() const { return reader_->record(); }

  // Decompressed, as far as read.
  [[nodiscard]] std::uint64_t plain_bytes() const { return plain_bytes_; }

 private:
  enum class State {
    kNothingYet,  // not a byte came: an empty object is no bad one
    kReading,
    kBroken,
  };

  [[nodiscard]] bool is_compressed() const { return !std::holds_alternative<std::monostate>(decompressor_); }
  // Hands the next block to the reader. False when there is none without more bytes.
  bool decompress_block();
  void feed_reader(std::string_view plain);

  const std::unique_ptr<RecordReader> reader_;
  std::variant<std::monostate, GzipReader, ZstdReader> decompressor_;
  std::string_view damaged_;  // what is said of bytes that cannot be decompressed
  State state_ = State::kNothingYet;
  std::string_view input_;  // compressed, not yet seen by the decompressor
  std::string plain_;
  std::string head_;  // the first bytes of all, as long as they may be a byte order mark
  bool is_past_mark_ = false;
  std::uint64_t plain_bytes_ = 0;
};

}  // namespace tidemark::transfer::format
