// Source objects of imports as inputs: where they are cut must not matter, compressed or not.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json.h"
#include "model/item.h"
#include "tests/fuzz/input.h"
#include "transfer/format/record_stream.h"

namespace tidemark::fuzz {

using transfer::InputCompression;
using transfer::format::RecordReader;
using transfer::format::RecordStream;

struct Told {
  std::string records;
  std::string abandoned;  // why; empty: everything was read
};

// What a reader says of an item beside its text must be so.
inline void check_item(const model::Item& item) {
  json::Document document;
  const auto root = document.parse(item.text);
  INVARIANT(root.has_value());
  const auto canonical = model::item_from_json(*root);
  INVARIANT(canonical.has_value());
  INVARIANT(canonical->text == item.text && canonical->size_bytes == item.size_bytes);
  INVARIANT(item.attribute_starts.empty() || canonical->attribute_starts == item.attribute_starts);
}

// Takes all records that are there. False when the rest is abandoned.
inline bool drain(RecordStream& stream, Told* told) {
  model::Item item;
  std::string message;
  while (true) {
    switch (stream.next(&item, &message)) {
      case RecordStream::Outcome::kItem:
        check_item(item);
        told->records += "item " + item.text + "\n";
        break;
      case RecordStream::Outcome::kBadItem:
        told->records += "refused " + message + "\n";
        break;
      case RecordStream::Outcome::kAbandon:
        told->abandoned = message;
        return false;
      case RecordStream::Outcome::kNeedMore:
        return true;
    }
  }
}

template <class MakeReader>
Told outcome(InputCompression compression, MakeReader make_reader, std::string_view bytes, Cuts cuts) {
  RecordStream stream(compression, make_reader());
  Told told;
  while (!bytes.empty()) {
    // A copy of its own size: reading too far is seen, and so is reading it too late.
    const std::string piece(bytes.substr(0, cuts.next()));
    bytes.remove_prefix(piece.size());
    stream.feed(piece);
    if (!drain(stream, &told)) return told;
  }
  stream.end();
  drain(stream, &told);
  return told;
}

inline void check_equal(const Told& one, const Told& other) {
  const auto is_damaged = [](const Told& told) { return told.abandoned.starts_with("The data is not in "); };
  if (is_damaged(one)) {
    // How much comes out of the block that is damaged is the decompressor's affair.
    INVARIANT(!other.abandoned.empty());
    INVARIANT(other.records.starts_with(one.records) ||
              (is_damaged(other) && one.records.starts_with(other.records)));
    return;
  }
  if (is_damaged(other)) return check_equal(other, one);
  INVARIANT(one.records == other.records && one.abandoned == other.abandoned);
}

// `make_reader()` makes a new RecordReader.
template <class MakeReader>
void check_records(InputCompression compression, MakeReader make_reader, std::string_view bytes,
                   std::uint8_t seed) {
  const Told whole = outcome(compression, make_reader, bytes, Cuts(0, 1 << 30));
  check_equal(whole, outcome(compression, make_reader, bytes, Cuts(seed, 1)));
  check_equal(whole, outcome(compression, make_reader, bytes, Cuts(seed, 2 + seed % 50)));
}

}  // namespace tidemark::fuzz
