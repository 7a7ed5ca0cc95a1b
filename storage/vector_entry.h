// Entries of vector indexes, which are found by their vector.
//
//   entry text := float:f32le times the dimensions  item text
//
// `item text` is the canonical text of the projected attributes, in which the vector's value is `{"L":[]}`:
// it stands before the text as floats, so that a search reads no decimal numbers.
//
// ON DISK: it is the `text` of the stored value of such an entry (store/item_codec.h); pinned by a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/table_schema.h"

namespace tidemark::storage {

struct VectorEntryView {
  std::string_view floats;
  std::string_view attributes;  // the item text, in which the vector is empty
};

// Views into the text of an entry; nothing when it is too short for one of the index.
std::optional<VectorEntryView> parse_vector_entry(const model::VectorSettings& vector,
                                                  std::string_view entry_text);
// The projected item, whose vector has the precision of the index. Nothing when the vector has no place in
// it: the entry is damaged.
std::optional<std::string> item_of(const model::VectorSettings& vector, const VectorEntryView& entry);

// What goes into an entry, for those who make it.
inline constexpr std::string_view kVectorPlaceholder = R"({"L":[]})";

}  // namespace tidemark::storage
