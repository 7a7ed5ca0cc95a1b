#include "storage/vector_entry.h"

#include "model/item.h"
#include "model/vector.h"

namespace tidemark::storage {

std::optional<VectorEntryView> parse_vector_entry(const model::VectorSettings& vector,
                                                  std::string_view entry_text) {
  const std::size_t bytes = std::size_t{vector.dimensions} * model::kBytesPerDimension;
  if (entry_text.size() <= bytes) return std::nullopt;
  return VectorEntryView{entry_text.substr(0, bytes), entry_text.substr(bytes)};
}

std::optional<std::string> item_of(const model::VectorSettings& vector, const VectorEntryView& entry) {
  const auto place = model::find_attribute(entry.attributes, vector.attribute);
  if (place != kVectorPlaceholder) return std::nullopt;
  const auto offset = static_cast<std::size_t>(place->data() - entry.attributes.data());
  std::string text(entry.attributes.substr(0, offset));
  model::append_vector_text(&text, entry.floats);
  text += entry.attributes.substr(offset + place->size());
  return text;
}

}  // namespace tidemark::storage
