// What a reader makes of a file.
#pragma once

#include <string>
#include <string_view>

#include "transfer/format/record_reader.h"

namespace tidemark::transfer::format {

// A line a record: the item's text, or `bad: ` or `abandoned: ` and why. `Stream` is a RecordReader or a
// RecordStream. The bytes arrive in pieces of so many.
template <class Stream>
std::string record_outcomes(Stream& stream, std::string_view bytes, std::size_t piece_bytes) {
  std::string found;
  model::Item item;
  std::string message;
  const auto drain = [&] {
    while (true) {
      switch (stream.next(&item, &message)) {
        case RecordReader::Outcome::kItem:
          found += item.text + "\n";
          break;
        case RecordReader::Outcome::kBadItem:
          found += "bad: " + message + "\n";
          break;
        case RecordReader::Outcome::kAbandon:
          found += "abandoned: " + message + "\n";
          return false;
        case RecordReader::Outcome::kNeedMore:
          return true;
      }
    }
  };
  while (!bytes.empty()) {
    // A copy of its own: whoever keeps a view of it too long is found out.
    const std::string piece(bytes.substr(0, piece_bytes));
    bytes.remove_prefix(piece.size());
    stream.feed(piece);
    if (!drain()) return found;
  }
  stream.end();
  drain();
  return found;
}

}  // namespace tidemark::transfer::format
