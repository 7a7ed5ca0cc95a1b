#include "transfer/format/record_stream.h"

namespace tidemark::transfer::format {
namespace {

constexpr std::size_t kPlainBlockBytes = 1 << 20;

}  // namespace

void RecordStream::feed(std::string_view bytes) {
  if (compression_ == InputCompression::kNone) {
    plain_bytes_ += bytes.size();
    reader_->feed(bytes);
    return;
  }
  input_ = bytes;
  if (!bytes.empty() && gzip_state_ == Gzip::kNothingYet) gzip_state_ = Gzip::kReading;
}

void RecordStream::end() {
  if (gzip_state_ == Gzip::kReading && !gzip_.finish()) {
    gzip_state_ = Gzip::kBroken;
    return;
  }
  reader_->end();
}

RecordStream::Outcome RecordStream::next(model::Item* item, std::string* message) {
  while (true) {
    const Outcome outcome = reader_->next(item, message);
    if (outcome != Outcome::kNeedMore) return outcome;
    if (gzip_state_ == Gzip::kReading && decompress_block()) continue;
    if (gzip_state_ != Gzip::kBroken) return Outcome::kNeedMore;
    *message = "The data is not in GZIP format";
    return Outcome::kAbandon;
  }
}

bool RecordStream::decompress_block() {
  plain_.clear();
  const auto read = gzip_.read(input_, &plain_, kPlainBlockBytes);
  input_ = {};
  if (!read) gzip_state_ = Gzip::kBroken;
  if (plain_.empty()) return false;
  // Also of a stream that breaks here: the records before the damage are good.
  plain_bytes_ += plain_.size();
  reader_->feed(plain_);
  return true;
}

}  // namespace tidemark::transfer::format
