// Canonical text to trees and back, and the scans that need no tree.
#include "model/item.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "model/canonical_text.h"
#include "model/item_size.h"

namespace tidemark::model {
namespace {

// Deeper than any item may be; keeps damaged text from exhausting the stack.
constexpr int kParseLevelsMax = 128;

// Reads one value after another from canonical text. Each method removes what it read from the front and
// returns false when something else stands there.
class TreeReader {
 public:
  explicit TreeReader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool attributes(AttributeMap* out, int level) {
    return sequence('{', '}', [&] {
      std::string name;
      if (!string(&name) || !take_literal(&rest_, ":")) return false;
      return value(&(*out)[std::move(name)], level);
    });
  }

  bool value(AttributeValue* out, int level) {
    if (level > kParseLevelsMax || !take_literal(&rest_, "{")) return false;
    const auto descriptor = take_raw_string(&rest_);
    if (!descriptor || !take_literal(&rest_, ":")) return false;
    const auto type = parse_type_descriptor(*descriptor);
    return type && content(*type, out, level) && take_literal(&rest_, "}");
  }

 private:
  bool content(AttributeType type, AttributeValue* out, int level) {
    switch (type) {
      case AttributeType::kString:
        return string(&out->data.emplace<std::string>());
      case AttributeType::kNumber:
        return number(&out->data.emplace<Number>());
      case AttributeType::kBinary:
        return binary(&out->data.emplace<Binary>().bytes);
      case AttributeType::kBool:
        return boolean(&out->data.emplace<bool>());
      case AttributeType::kNull:
        out->data.emplace<Null>();
        return take_literal(&rest_, "true");
      case AttributeType::kStringSet: {
        auto& members = out->data.emplace<StringSet>().members;
        return sequence('[', ']', [&] { return string(&members.emplace_back()); });
      }
      case AttributeType::kNumberSet: {
        auto& members = out->data.emplace<NumberSet>().members;
        return sequence('[', ']', [&] { return number(&members.emplace_back()); });
      }
      case AttributeType::kBinarySet: {
        auto& members = out->data.emplace<BinarySet>().members;
        return sequence('[', ']', [&] { return binary(&members.emplace_back()); });
      }
      case AttributeType::kList: {
        auto& elements = out->data.emplace<List>();
        return sequence('[', ']', [&] { return value(&elements.emplace_back(), level + 1); });
      }
      case AttributeType::kMap:
        break;
    }
    return attributes(&out->data.emplace<AttributeMap>(), level + 1);
  }

  template <class ReadOne>
  bool sequence(char open, char close, ReadOne read_one) {
    if (!take_literal(&rest_, {&open, 1})) return false;
    if (take_literal(&rest_, {&close, 1})) return true;
    do {
      if (!read_one()) return false;
    } while (take_literal(&rest_, ","));
    return take_literal(&rest_, {&close, 1});
  }

  bool string(std::string* out) {
    const auto raw = take_raw_string(&rest_);
    if (!raw) return false;
    auto text = unescape(*raw);
    if (!text) return false;
    *out = std::move(*text);
    return true;
  }

  bool number(Number* out) {
    const auto raw = take_raw_string(&rest_);
    if (!raw) return false;
    const auto parsed = Number::parse(*raw);
    if (!parsed) return false;
    *out = *parsed;
    return true;
  }

  bool binary(std::string* out) {
    const auto raw = take_raw_string(&rest_);
    if (!raw) return false;
    auto bytes = base64_decode(*raw);
    if (!bytes) return false;
    *out = std::move(*bytes);
    return true;
  }

  bool boolean(bool* out) {
    *out = take_literal(&rest_, "true");
    return *out || take_literal(&rest_, "false");
  }

  std::string_view rest_;
};

Error damaged(std::string_view text) {
  constexpr std::size_t kShownBytes = 80;
  return Error::corruption("not canonical item text: " + std::string(text.substr(0, kShownBytes)));
}

template <class Container, class AppendOne>
void append_array(std::string* out, const Container& members, AppendOne append_one) {
  out->push_back('[');
  bool is_first = true;
  for (const auto& member : members) {
    if (!std::exchange(is_first, false)) out->push_back(',');
    append_one(member);
  }
  out->push_back(']');
}

struct AppendContent {
  std::string* out;

  void operator()(const std::string& value) const { append_json_string(out, value); }
  void operator()(const Number& value) const {
    out->push_back('"');
    value.append_to(out);
    out->push_back('"');
  }
  void operator()(const Binary& value) const { append_binary(value.bytes); }
  void operator()(bool value) const { out->append(value ? "true" : "false"); }
  void operator()(Null) const { out->append("true"); }
  void operator()(const StringSet& value) const { append_array(out, value.members, *this); }
  void operator()(const NumberSet& value) const { append_array(out, value.members, *this); }
  void operator()(const BinarySet& value) const {
    append_array(out, value.members, [this](const std::string& bytes) { append_binary(bytes); });
  }
  void operator()(const List& value) const {
    append_array(out, value, [this](const AttributeValue& element) { append_value(out, element); });
  }
  void operator()(const AttributeMap& value) const { append_attributes(out, value); }

  void append_binary(std::string_view bytes) const {
    out->push_back('"');
    append_base64(out, bytes);
    out->push_back('"');
  }
};

// Adds up the size of the value at the front of `*rest` and removes it. False when the text is damaged.
bool add_value_size(std::string_view* rest, int level, std::uint32_t* size);

bool add_element_sizes(std::string_view* rest, bool has_names, int level, std::uint32_t* size) {
  *size += 3;
  if (!take_literal(rest, has_names ? "{" : "[")) return false;
  const std::string_view close = has_names ? "}" : "]";
  if (take_literal(rest, close)) return true;
  do {
    *size += 1;
    if (has_names) {
      const auto name = take_raw_string(rest);
      if (!name || !take_literal(rest, ":")) return false;
      *size += unescaped_size(*name);
    }
    if (!add_value_size(rest, level + 1, size)) return false;
  } while (take_literal(rest, ","));
  return take_literal(rest, close);
}

std::uint32_t string_content_size(AttributeType type, std::string_view raw) {
  switch (type) {
    case AttributeType::kNumber:
    case AttributeType::kNumberSet:
      return number_text_size_bytes(raw);
    case AttributeType::kBinary:
    case AttributeType::kBinarySet:
      return static_cast<std::uint32_t>(base64_decoded_size(raw));
    default:
      return unescaped_size(raw);
  }
}

bool add_content_size(AttributeType type, std::string_view* rest, int level, std::uint32_t* size) {
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kNumber:
    case AttributeType::kBinary: {
      const auto raw = take_raw_string(rest);
      if (raw) *size += string_content_size(type, *raw);
      return raw.has_value();
    }
    case AttributeType::kBool:
    case AttributeType::kNull:
      *size += 1;
      return take_literal(rest, "true") || take_literal(rest, "false");
    case AttributeType::kStringSet:
    case AttributeType::kNumberSet:
    case AttributeType::kBinarySet: {
      if (!take_literal(rest, "[")) return false;
      do {
        const auto raw = take_raw_string(rest);
        if (!raw) return false;
        *size += string_content_size(type, *raw);
      } while (take_literal(rest, ","));
      return take_literal(rest, "]");
    }
    case AttributeType::kList:
      return add_element_sizes(rest, false, level, size);
    case AttributeType::kMap:
      break;
  }
  return add_element_sizes(rest, true, level, size);
}

bool add_value_size(std::string_view* rest, int level, std::uint32_t* size) {
  if (level > kParseLevelsMax || !take_literal(rest, "{")) return false;
  const auto descriptor = take_raw_string(rest);
  if (!descriptor || !take_literal(rest, ":")) return false;
  const auto type = parse_type_descriptor(*descriptor);
  return type && add_content_size(*type, rest, level, size) && take_literal(rest, "}");
}

// The name of the attribute that begins at text[start].
std::string_view raw_name_at(std::string_view text, std::size_t start) {
  return text.substr(start + 1, closing_quote(text, start) - start - 1);
}

}  // namespace

Result<AttributeMap> parse_item(std::string_view text) {
  TreeReader reader(text);
  AttributeMap attributes;
  if (!reader.attributes(&attributes, 1) || !reader.at_end()) return fail(damaged(text));
  return attributes;
}

Result<AttributeValue> parse_value(std::string_view text) {
  TreeReader reader(text);
  AttributeValue value;
  if (!reader.value(&value, 1) || !reader.at_end()) return fail(damaged(text));
  return value;
}

Item make_item(const AttributeMap& attributes) {
  Item item;
  item.text.clear();
  append_attributes(&item.text, attributes);
  item.size_bytes = item_size_bytes(attributes);
  return item;
}

void append_value(std::string* out, const AttributeValue& value) {
  out->append("{\"");
  out->append(type_descriptor(value.type()));
  out->append("\":");
  std::visit(AppendContent{out}, value.data);
  out->push_back('}');
}

void append_attributes(std::string* out, const AttributeMap& attributes) {
  out->push_back('{');
  bool is_first = true;
  for (const auto& [name, value] : attributes) {
    if (!std::exchange(is_first, false)) out->push_back(',');
    append_json_string(out, name);
    out->push_back(':');
    append_value(out, value);
  }
  out->push_back('}');
}

bool AttributeCursor::next(std::string_view* raw_name, std::string_view* value) {
  std::size_t open = at_;
  if (open < text_.size() && text_[open] == ',') ++open;
  if (open >= text_.size() || text_[open] != '"') return false;
  const std::size_t close = closing_quote(text_, open);
  if (close == std::string_view::npos || close + 1 >= text_.size() || text_[close + 1] != ':') return false;
  const std::size_t end = value_end(text_, close + 2);
  if (end == std::string_view::npos) return false;
  *raw_name = text_.substr(open + 1, close - open - 1);
  *value = text_.substr(close + 2, end - close - 2);
  at_ = end;
  return true;
}

std::optional<std::string_view> find_attribute(const ItemView& item, std::string_view name) {
  std::string_view raw_name;
  std::string_view value;
  if (!item.attribute_starts.empty()) {
    const auto found = std::ranges::lower_bound(item.attribute_starts, 0, [&](std::uint32_t start, int) {
      return order_of(raw_name_at(item.text, start), name) < 0;
    });
    if (found == item.attribute_starts.end()) return std::nullopt;
    AttributeCursor cursor(item.text, *found);
    if (!cursor.next(&raw_name, &value) || order_of(raw_name, name) != 0) return std::nullopt;
    return value;
  }
  for (AttributeCursor cursor(item.text); cursor.next(&raw_name, &value);) {
    const auto order = order_of(raw_name, name);
    if (order == 0) return value;
    if (order > 0) return std::nullopt;  // names ascend
  }
  return std::nullopt;
}

std::uint32_t value_text_size_bytes(std::string_view value_text) {
  std::uint32_t size = 0;
  const bool is_whole = add_value_size(&value_text, 1, &size) && value_text.empty();
  return is_whole ? size : 0;
}

}  // namespace tidemark::model
