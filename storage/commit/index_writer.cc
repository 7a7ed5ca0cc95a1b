#include "storage/commit/index_writer.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "model/item_size.h"
#include "model/vector.h"
#include "storage/store/item_codec.h"
#include "storage/store/keys.h"
#include "storage/vector_entry.h"

namespace tidemark::storage {
namespace {

// `raw` is the JSON string content, escapes not undone.
bool is_name(std::string_view raw, std::string_view name) {
  if (raw.find('\\') == std::string_view::npos) return raw == name;
  std::string quoted;
  append_json_string(&quoted, name);
  return raw == std::string_view(quoted).substr(1, quoted.size() - 2);
}

std::vector<std::string_view> projected_names(const model::KeySchema& table_keys,
                                              const model::IndexSchema& index) {
  std::vector<std::string_view> names;
  for (const model::KeySchema* keys : {&table_keys, &index.keys}) {
    for (const auto& attribute : keys->partition_keys) names.push_back(attribute.name);
    for (const auto& attribute : keys->sort_keys) names.push_back(attribute.name);
  }
  if (index.projection.type == model::ProjectionType::kInclude) {
    names.insert(names.end(), index.projection.non_key_attributes.begin(),
                 index.projection.non_key_attributes.end());
  }
  if (index.vector) {
    names.emplace_back(index.vector->attribute);
    for (const auto& filter : index.vector->filters) names.emplace_back(filter.name);
  }
  return names;
}

// The attributes are in `entry` already. What the vector counts for is its floats.
std::optional<IndexEntry> vector_entry(const model::VectorSettings& vector, IndexEntry entry) {
  const auto value = model::find_attribute(entry.text, vector.attribute);
  std::string text;
  if (!value || !model::append_vector(&text, *value, vector.dimensions)) return std::nullopt;
  entry.size_bytes -= model::value_text_size_bytes(*value);
  entry.size_bytes += static_cast<std::uint32_t>(text.size());
  const auto offset = static_cast<std::size_t>(value->data() - entry.text.data());
  text.append(entry.text, 0, offset);
  text += kVectorPlaceholder;
  text.append(entry.text, offset + value->size());
  entry.text = std::move(text);
  return entry;
}

// Copies the projected attributes as they stand: the text stays canonical.
void project(const std::vector<std::string_view>& names, std::string_view item_text, IndexEntry* entry) {
  model::AttributeCursor cursor(item_text);
  std::string_view raw_name;
  std::string_view value;
  entry->text = "{";
  while (cursor.next(&raw_name, &value)) {
    const auto name = std::find_if(names.begin(), names.end(),
                                   [raw_name](std::string_view wanted) { return is_name(raw_name, wanted); });
    if (name == names.end()) continue;
    if (entry->text.size() > 1) entry->text += ',';
    entry->text += '"';
    entry->text += raw_name;
    entry->text += "\":";
    entry->text += value;
    entry->size_bytes += static_cast<std::uint32_t>(name->size()) + model::value_text_size_bytes(value);
  }
  entry->text += '}';
}

std::optional<IndexEntry> entry_of(const Table& table, const model::IndexSchema& index,
                                   const model::Key& table_key, const std::optional<ItemImage>& item) {
  return item ? index_entry(table, index, table_key, *item) : std::nullopt;
}

OwnedWrite put_entry(IndexEntry entry, std::optional<std::uint32_t> old_size) {
  OwnedWrite write;
  write.space = wal::Space::kIndex;
  append_stored(&write.value, {}, entry.size_bytes, entry.text);
  write.key = std::move(entry.key);
  write.old_size = old_size;
  return write;
}

OwnedWrite delete_entry(IndexEntry entry) {
  OwnedWrite write;
  write.kind = wal::WriteKind::kDelete;
  write.space = wal::Space::kIndex;
  write.old_size = entry.size_bytes;
  write.key = std::move(entry.key);
  return write;
}

// Charges an index for an entry of that size that is written or removed.
void charge(const model::IndexSchema& index, std::uint32_t size_bytes, IndexEffect* effect) {
  if (index.kind == model::IndexKind::kVector) {
    effect->vector_bytes += size_bytes;
  } else {
    effect->write_units += model::write_units(size_bytes);
  }
}

// Answers what is charged: nothing when the index is not touched.
IndexEffect append_difference(const model::IndexSchema& index, std::optional<IndexEntry> old_entry,
                              std::optional<IndexEntry> new_entry, std::vector<OwnedWrite>* writes) {
  IndexEffect effect{.index = index.id};
  if (old_entry && new_entry && old_entry->key == new_entry->key) {
    if (old_entry->text == new_entry->text) return effect;
    charge(index, std::max(old_entry->size_bytes, new_entry->size_bytes), &effect);
    writes->push_back(put_entry(std::move(*new_entry), old_entry->size_bytes));
    return effect;
  }
  if (old_entry) {
    charge(index, old_entry->size_bytes, &effect);
    writes->push_back(delete_entry(std::move(*old_entry)));
  }
  if (new_entry) {
    charge(index, new_entry->size_bytes, &effect);
    writes->push_back(put_entry(std::move(*new_entry), std::nullopt));
  }
  return effect;
}

}  // namespace

OwnedWrite put_entry(IndexEntry entry) { return put_entry(std::move(entry), std::nullopt); }

std::optional<IndexEntry> index_entry(const Table& table, const model::IndexSchema& index,
                                      const model::Key& table_key, const ItemImage& item) {
  const auto position = model::key_of(index.keys, item.text);
  if (!position) return std::nullopt;
  IndexEntry entry;
  entry.key = index_key(index.id, *position, table_key);
  if (index.projection.type == model::ProjectionType::kAll) {
    entry.text = item.text;
    entry.size_bytes = item.size_bytes;
  } else {
    project(projected_names(table.schema.keys, index), item.text, &entry);
  }
  if (index.vector) return vector_entry(*index.vector, std::move(entry));
  return entry;
}

void append_index_writes(const Table& table, const model::Key& table_key,
                         const std::optional<ItemImage>& old_item, const std::optional<ItemImage>& new_item,
                         const EntryLookup& has_entry, std::vector<OwnedWrite>* writes,
                         std::vector<IndexEffect>* effects) {
  if (old_item && new_item && old_item->text == new_item->text) return;
  for (const model::IndexSchema& index : table.schema.indexes) {
    auto old_entry = entry_of(table, index, table_key, old_item);
    if (index.backfilling && old_entry && !has_entry(old_entry->key)) old_entry.reset();
    const IndexEffect effect =
        append_difference(index, std::move(old_entry), entry_of(table, index, table_key, new_item), writes);
    if (effect.write_units > 0 || effect.vector_bytes > 0) effects->push_back(effect);
  }
}

}  // namespace tidemark::storage
