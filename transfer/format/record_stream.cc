#include "transfer/format/record_stream.h"

#include <type_traits>

namespace tidemark::transfer::format {
namespace {

constexpr std::size_t kPlainBlockBytes = 1 << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

RecordStream::RecordStream(InputCompression compression, std::unique_ptr<RecordReader> reader)
    : reader_(std::move(reader)) {
  switch (compression) {
    case InputCompression::kNone:
      break;
    case InputCompression::kGzip:
      decompressor_.emplace<GzipReader>();
      damaged_ = "The data is not in GZIP format";
      break;
    case InputCompression::kZstd:
      decompressor_.emplace<ZstdReader>();
      damaged_ = "The data is not in ZSTD format";
      break;
  }
}

void RecordStream::feed(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!is_compressed()) return feed_reader(bytes);
  input_ = bytes;
  if (state_ == State::kNothingYet) state_ = State::kReading;
}

void RecordStream::feed_reader(std::string_view plain) {
  plain_bytes_ += plain.size();
  if (is_past_mark_) return reader_->feed(plain);
  const std::size_t head_bytes = head_.size();
  head_ += plain.substr(0, kByteOrderMark.size() - head_bytes);
  if (head_.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(head_)) return;
  is_past_mark_ = true;
  if (head_ == kByteOrderMark) {
    plain.remove_prefix(kByteOrderMark.size() - head_bytes);
    return reader_->feed(plain);
  }
  if (head_bytes == 0) return reader_->feed(plain);
  // It began like one: as it came in pieces, the pieces are put together.
  head_.resize(head_bytes);
  head_ += plain;
  reader_->feed(head_);
}

void RecordStream::end() {
  const bool is_whole = std::visit(
      [](auto& decompressor) {
        if constexpr (std::is_same_v<decltype(decompressor), std::monostate&>) {
          return true;
        } else {
          return decompressor.finish().has_value();
        }
      },
      decompressor_);
  if (state_ == State::kReading && !is_whole) {
    state_ = State::kBroken;
    return;
  }
  if (!is_past_mark_ && !head_.empty()) reader_->feed(head_);
  reader_->end();
}

RecordStream::Outcome RecordStream::next(model::Item* item, std::string* message) {
  while (true) {
    const Outcome outcome = reader_->next(item, message);
    if (outcome != Outcome::kNeedMore) return outcome;
    if (state_ == State::kReading && decompress_block()) continue;
    if (state_ != State::kBroken) return Outcome::kNeedMore;
    *message = damaged_;
    return Outcome::kAbandon;
  }
}

bool RecordStream::decompress_block() {
  plain_.clear();
  const bool is_good = std::visit(
      [this](auto& decompressor) {
        if constexpr (std::is_same_v<decltype(decompressor), std::monostate&>) {
          return true;
        } else {
          return decompressor.read(input_, &plain_, kPlainBlockBytes).has_value();
        }
      },
      decompressor_);
  input_ = {};
  if (!is_good) state_ = State::kBroken;
  if (plain_.empty()) return false;
  // Also of a stream that breaks here: the records before the damage are good.
  feed_reader(plain_);
  return true;
}

}  // namespace tidemark::transfer::format
