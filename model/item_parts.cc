#include "model/item_parts.h"

#include <utility>

#include "base/check.h"
#include "base/json_writer.h"
#include "model/canonical_text.h"
#include "model/item_size.h"

namespace tidemark::model {
namespace {

// Joins members of an object, given as text with or without the commas around them.
class MemberWriter {
 public:
  explicit MemberWriter(std::size_t bytes) {
    text_.reserve(bytes);
    text_.push_back('{');
  }

  void add(std::string_view members) {
    if (members.starts_with(',')) members.remove_prefix(1);
    if (members.ends_with(',')) members.remove_suffix(1);
    if (members.empty()) return;
    separate();
    text_.append(members);
  }
  void add(std::string_view name, const AttributeValue& value) {
    separate();
    append_json_string(&text_, name);
    text_.push_back(':');
    append_value(&text_, value);
  }
  std::string finish() {
    text_.push_back('}');
    return std::move(text_);
  }

 private:
  void separate() {
    if (text_.size() > 1) text_.push_back(',');
  }

  std::string text_;
};

Error damaged(std::size_t at) {
  return Error::corruption("not canonical item text, at byte " + std::to_string(at));
}

}  // namespace

Result<ItemParts> ItemParts::take(std::string_view item_text, std::vector<std::string> names) {
  if (item_text.size() < 2 || item_text.front() != '{' || item_text.back() != '}') return fail(damaged(0));
  ItemParts parts;
  parts.text_ = item_text;
  parts.names_ = std::move(names);
  AttributeCursor cursor(item_text);
  std::size_t begin = cursor.position();
  std::string_view raw_name;
  std::string_view value;
  bool is_at_attribute = cursor.next(&raw_name, &value);
  for (const std::string& name : parts.names_) {
    while (is_at_attribute && order_of(raw_name, name) < 0) {
      begin = cursor.position();
      is_at_attribute = cursor.next(&raw_name, &value);
    }
    if (!is_at_attribute && begin + 1 != item_text.size()) return fail(damaged(begin));
    if (!is_at_attribute || order_of(raw_name, name) != 0) {
      parts.places_.push_back({begin, begin});
      continue;
    }
    parts.places_.push_back({begin, cursor.position()});
    ASSIGN_OR_RETURN(parts.attributes_[name], parse_value(value));
  }
  return parts;
}

Item ItemParts::put_back(const AttributeMap& attributes, std::uint32_t size_bytes) const {
  const std::uint32_t size_kept = size_bytes - item_size_bytes(attributes_);
  constexpr std::size_t kRoomForGrowth = 256;
  MemberWriter writer(text_.size() + kRoomForGrowth);
  std::size_t copied = 1;  // behind the opening brace
  std::size_t put = 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    writer.add(text_.substr(copied, places_[i].begin - copied));
    copied = places_[i].end;
    const auto changed = attributes.find(names_[i]);
    if (changed == attributes.end()) continue;
    writer.add(changed->first, changed->second);
    ++put;
  }
  INVARIANT(put == attributes.size());
  writer.add(text_.substr(copied, text_.size() - 1 - copied));
  Item item;
  item.text = writer.finish();
  item.size_bytes = size_kept + item_size_bytes(attributes);
  return item;
}

}  // namespace tidemark::model
