// Items: a client's JSON becomes canonical text, which is its own canonical text and the same item as a tree;
// what is refused has words in both wordings. Bytes that claim to be canonical text do no harm.
#include "model/item.h"
#include "base/check.h"
#include "model/item_checks.h"
#include "model/item_parts.h"
#include "model/item_size.h"
#include "model/words/items.h"
#include "model/words/values.h"
#include "tests/fuzz/input.h"

namespace tidemark::model {
namespace {

const TableSchema& table() {
  static const TableSchema schema = [] {
    TableSchema made;
    made.keys = {{{"pk", KeyType::kString}}, {{"sk", KeyType::kNumber}}};
    IndexSchema index;
    index.name = "i";
    index.keys = {{{"a", KeyType::kBinary}, {"b", KeyType::kString}}, {{"pk", KeyType::kString}}};
    made.indexes.push_back(index);
    return made;
  }();
  return schema;
}

void judge_error(const ValueError& error) {
  for (const Wording wording : {Wording::kClassic, Wording::kCurrent}) {
    INVARIANT(!words::value_message(error, wording).empty());
  }
}

void judge_item(const Item& item) {
  json::Document document;
  const auto parsed = document.parse(item.text);
  INVARIANT(parsed.has_value());
  const auto again = item_from_json(*parsed);
  INVARIANT(again && again->text == item.text && again->size_bytes == item.size_bytes);

  const auto tree = parse_item(item.text);
  INVARIANT(tree && make_item(*tree).text == item.text && item_size_bytes(*tree) == item.size_bytes);

  std::uint32_t scanned_bytes = 0;
  std::vector<std::string> every_other;
  for (const auto& [name, value] : *tree) {
    if (every_other.empty() || scanned_bytes % 2 == 0) every_other.push_back(name);
    const auto value_text = find_attribute(item.text, name);
    INVARIANT(find_attribute(item, name) == value_text);
    INVARIANT(value_text.has_value() && value_text_size_bytes(*value_text) == value_size_bytes(value));
    scanned_bytes += static_cast<std::uint32_t>(name.size()) + value_size_bytes(value);
  }
  INVARIANT(scanned_bytes == item.size_bytes);

  const auto parts = ItemParts::take(item.text, every_other);
  INVARIANT(parts && parts->attributes().size() == every_other.size());
  const Item same = parts->put_back(parts->attributes(), item.size_bytes);
  INVARIANT(same.text == item.text && same.size_bytes == item.size_bytes);

  if (const auto key = check_item(table(), item); !key) INVARIANT(!words::item_message(key.error()).empty());
  INVARIANT(check_updated_index_keys(table(), item.text, item.text).has_value());
}

void judge_json(std::string_view text) {
  json::Document document;
  const auto parsed = document.parse(text);
  if (!parsed) return;
  const auto item = item_from_json(*parsed);
  if (item) {
    judge_item(*item);
  } else {
    judge_error(item.error());
  }
}

// What comes from a damaged disk.
void judge_canonical_text(std::string_view text) {
  if (const auto tree = parse_item(text)) INVARIANT(parse_item(make_item(*tree).text) == *tree);
  std::string_view name, value;
  std::size_t seen_bytes = 0;
  for (AttributeCursor cursor(text); cursor.next(&name, &value); seen_bytes += name.size() + value.size()) {
    INVARIANT(value_text_size_bytes(value) <= value.size());
  }
  INVARIANT(seen_bytes <= text.size());
  (void)key_of(table().keys, text);
  (void)check_index_keys(table(), text);
  const std::vector<std::string> names = {"a", "pk"};
  if (const auto parts = ItemParts::take(text, names)) {
    // Where a name would stand, a comma comes in that damaged text may lack.
    INVARIANT(parts->put_back({}, 0).text.size() <= text.size() + names.size());
  }
}

}  // namespace
}  // namespace tidemark::model

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tidemark::fuzz::Input input(data, size);
  tidemark::model::judge_json(input.rest());
  tidemark::model::judge_canonical_text(input.rest());
  return 0;
}
