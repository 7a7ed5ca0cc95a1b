#include "model/key.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/json_writer.h"
#include "model/canonical_text.h"
#include "model/item_size.h"

namespace tidemark::model {
namespace {

// What stands in an item under the name of a key attribute.
struct Found {
  AttributeType type = AttributeType::kString;
  std::optional<KeyPart> part;  // for S, N and B
};

std::optional<KeyType> key_type(AttributeType type) {
  switch (type) {
    case AttributeType::kString:
      return KeyType::kString;
    case AttributeType::kNumber:
      return KeyType::kNumber;
    case AttributeType::kBinary:
      return KeyType::kBinary;
    default:
      return std::nullopt;
  }
}

// The part for a string, a number or a binary in canonical form; nothing if the text is damaged.
std::optional<KeyPart> part_from_text(const ScalarText& scalar) {
  KeyPart part;
  switch (scalar.type) {
    case AttributeType::kNumber: {
      const auto number = Number::parse(scalar.raw);
      if (!number) return std::nullopt;
      part.type = KeyType::kNumber;
      number->append_sort_key(&part.sort_bytes);
      return part;
    }
    case AttributeType::kBinary: {
      auto bytes = base64_decode(scalar.raw);
      if (!bytes) return std::nullopt;
      part.type = KeyType::kBinary;
      part.sort_bytes = std::move(*bytes);
      return part;
    }
    default:
      break;
  }
  auto text = unescape(scalar.raw);
  if (!text) return std::nullopt;
  part.sort_bytes = std::move(*text);
  return part;
}

std::optional<Found> find_in(const ItemView& item, const std::string& name) {
  const auto value = find_attribute(item, name);
  if (!value) return std::nullopt;
  if (const auto scalar = scalar_text(*value)) {
    auto part = part_from_text(*scalar);
    if (!part) return std::nullopt;
    return Found{scalar->type, std::move(part)};
  }
  const auto type = type_of_text(*value);
  if (!type) return std::nullopt;
  return Found{*type, std::nullopt};
}

std::optional<Found> find_in(const AttributeMap& item, const std::string& name) {
  const auto found = item.find(name);
  if (found == item.end()) return std::nullopt;
  const AttributeType type = found->second.type();
  if (!key_type(type)) return Found{type, std::nullopt};
  return Found{type, key_part_of(found->second)};
}

struct Limit {
  KeyDefect defect;
  std::size_t bytes_max;
};

// Judges the attributes one by one and collects their parts. The limit holds for all of them together.
template <class ItemForm>
std::optional<KeyError> collect(const std::vector<AttributeDefinition>& attributes, const ItemForm& item,
                                Limit limit, std::vector<KeyPart>* parts) {
  std::size_t bytes = 0;
  parts->reserve(attributes.size());
  for (const AttributeDefinition& attribute : attributes) {
    auto found = find_in(item, attribute.name);
    KeyError error{KeyDefect::kMissing, attribute.name, attribute.type, AttributeType::kString};
    if (!found) return error;
    error.actual = found->type;
    error.defect = KeyDefect::kWrongType;
    if (!found->part || found->part->type != attribute.type) return error;
    error.defect = KeyDefect::kEmpty;
    if (found->part->sort_bytes.empty()) return error;
    bytes += found->part->sort_bytes.size();
    error.defect = limit.defect;
    if (bytes > limit.bytes_max) return error;
    parts->push_back(std::move(*found->part));
  }
  return std::nullopt;
}

template <class ItemForm>
Result<Key, KeyError> collect_key(const KeySchema& schema, const ItemForm& item) {
  Key key;
  const Limit partition_limit{KeyDefect::kPartitionTooLong, kPartitionKeyBytesMax};
  const Limit sort_limit{KeyDefect::kSortTooLong, kSortKeyBytesMax};
  if (auto error = collect(schema.partition_keys, item, partition_limit, &key.partition)) {
    return fail(std::move(*error));
  }
  if (auto error = collect(schema.sort_keys, item, sort_limit, &key.sort)) return fail(std::move(*error));
  return key;
}

}  // namespace

Result<Key, KeyError> key_of(const KeySchema& schema, const ItemView& item) {
  return collect_key(schema, item);
}

Result<Key, KeyError> key_of(const KeySchema& schema, const AttributeMap& item) {
  return collect_key(schema, item);
}

KeyPart key_part_of(const AttributeValue& value) {
  KeyPart part;
  if (const auto* text = value.string()) {
    part.sort_bytes = *text;
    return part;
  }
  if (const auto* number = value.number()) {
    part.type = KeyType::kNumber;
    number->append_sort_key(&part.sort_bytes);
    return part;
  }
  const auto* binary = value.binary();
  INVARIANT(binary != nullptr);
  part.type = KeyType::kBinary;
  part.sort_bytes = binary->bytes;
  return part;
}

void append_key_part(std::string* out, const KeyPart& part) {
  out->append("{\"");
  out->append(key_type_descriptor(part.type));
  out->append("\":");
  switch (part.type) {
    case KeyType::kString:
      append_json_string(out, part.sort_bytes);
      break;
    case KeyType::kNumber: {
      const auto number = Number::from_sort_key(part.sort_bytes);
      INVARIANT(number.has_value());
      out->push_back('"');
      number->append_to(out);
      out->push_back('"');
      break;
    }
    case KeyType::kBinary:
      out->push_back('"');
      append_base64(out, part.sort_bytes);
      out->push_back('"');
      break;
  }
  out->push_back('}');
}

std::string key_text(const KeySchema& schema, const Key& key) {
  INVARIANT(key.partition.size() == schema.partition_keys.size() &&
            key.sort.size() == schema.sort_keys.size());
  std::vector<std::pair<std::string_view, const KeyPart*>> members;
  for (std::size_t i = 0; i < key.partition.size(); ++i) {
    members.emplace_back(schema.partition_keys[i].name, &key.partition[i]);
  }
  for (std::size_t i = 0; i < key.sort.size(); ++i) {
    members.emplace_back(schema.sort_keys[i].name, &key.sort[i]);
  }
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

  std::string out;
  char separator = '{';
  for (const auto& [name, part] : members) {
    out.push_back(std::exchange(separator, ','));
    append_json_string(&out, name);
    out.push_back(':');
    append_key_part(&out, *part);
  }
  out.push_back('}');
  return out;
}

std::uint16_t partition_hash(const std::vector<KeyPart>& partition) {
  thread_local std::string hashed;
  hashed.assign("Outliers");
  for (const KeyPart& part : partition) hashed.append(part.sort_bytes);
  const auto digest = md5_of(hashed);
  return static_cast<std::uint16_t>(digest[0] << 8 | digest[1]);
}

}  // namespace tidemark::model
