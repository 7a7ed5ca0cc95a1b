// Items as canonical DynamoDB-JSON text, the form they have from the socket to RocksDB, to the export file.
//
//   {"name":{"S":"value"},"tags":{"SS":["a","b"]}}
//
// Canonical means: compact; member names ascending bytewise at every level, each once (the last one sent
// wins); numbers in normal form; sets sorted (strings and binaries bytewise by value, numbers by value); JSON
// escapes only where JSON requires them, in their shortest form. Equal items have equal text.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "model/attribute_value.h"
#include "model/item_size.h"
#include "model/value_error.h"

namespace tidemark::model {

struct Item {
  std::string text = "{}";
  std::uint32_t size_bytes = 0;  // as the service counts it (model/item_size.h)
  // Where in `text` each top-level attribute begins, if item_from_json() noted it while it wrote the text;
  // empty otherwise. Whoever changes the text clears it.
  std::vector<std::uint32_t> attribute_starts = {};
};

// An item's text to look attributes up in, at once where it is known where they begin.
struct ItemView {
  std::string_view text;
  std::span<const std::uint32_t> attribute_starts;

  template <std::convertible_to<std::string_view> Text>
  ItemView(const Text& item_text) : text(item_text) {}                                      // NOLINT
  ItemView(const Item& item) : text(item.text), attribute_starts(item.attribute_starts) {}  // NOLINT
};

// Reads the JSON object of an item or key that a client sent, checks it and appends its canonical text to
// `*text`; returns the size as the service counts it. Builds no tree. The nesting limit is checked.
// Does not check the 400 KB limit: that message depends on the operation.
// On an error `*text` is as it was.
Result<std::uint32_t, ValueError> canonicalize(json::Value object, std::string* text);
Result<Item, ValueError> item_from_json(json::Value object);

// The first wrong JSON type in an object of attribute values: the message of a SerializationException. The
// functions here report it before any other defect by themselves; an operation that must judge all JSON types
// of a request before anything else asks here first.
std::optional<std::string> serialization_defect(json::Value object);

// The same for one attribute value, as a tree (expression attribute values, legacy conditions). What is not
// stored may be nested deeper: up to `levels_max`.
Result<AttributeValue, ValueError> value_from_json(json::Value value, int levels_max = kNestingLevelsMax);
Result<AttributeMap, ValueError> map_from_json(json::Value object);

// Canonical text <-> tree. `text` must be canonical (it comes from our own store).
// Errors: kCorruption.
Result<AttributeMap> parse_item(std::string_view text);
Result<AttributeValue> parse_value(std::string_view text);
Item make_item(const AttributeMap& attributes);
void append_value(std::string* out, const AttributeValue& value);          // {"S":"x"}
void append_attributes(std::string* out, const AttributeMap& attributes);  // {"a":{"S":"x"}}

// One top-level attribute of an item: `{"S":"value"}`.
std::optional<std::string_view> find_attribute(const ItemView& item, std::string_view name);

// Walks the top-level attributes of a canonical text without a tree.
class AttributeCursor {
 public:
  // Begins with the attribute that begins at text[start].
  explicit AttributeCursor(std::string_view text, std::size_t start = 1) : text_(text), at_(start) {}
  // `name` is the raw JSON string content (escapes not undone), `value` the value's text. False at the end.
  bool next(std::string_view* raw_name, std::string_view* value);
  // The index behind what was read.
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_;
};

// Size of one attribute value given as canonical text.
std::uint32_t value_text_size_bytes(std::string_view value_text);

}  // namespace tidemark::model
