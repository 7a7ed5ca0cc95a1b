// Random items: tree, canonical text and any other JSON spelling of the same item must agree.
#include <algorithm>
#include <set>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "model/item.h"
#include "model/item_parts.h"
#include "model/item_size.h"
#include "tests/support/catch.h"

namespace tidemark::model {
namespace {

class ItemMaker {
 public:
  explicit ItemMaker(std::uint64_t seed) : random_(seed) {}

  AttributeMap attributes(int levels_left) {
    AttributeMap out;
    for (std::size_t count = below(6); count > 0; --count) out[name()] = value(levels_left);
    return out;
  }

  AttributeValue value(int levels_left) {
    AttributeValue out;
    switch (below(levels_left > 0 ? 10 : 8)) {
      case 0:
        out.data = text();
        break;
      case 1:
        out.data = number();
        break;
      case 2:
        out.data = Binary{bytes()};
        break;
      case 3:
        out.data = below(2) == 0;
        break;
      case 4:
        out.data = Null{};
        break;
      case 5:
        out.data = StringSet{distinct<std::string>([this] { return text(); })};
        break;
      case 6:
        out.data = NumberSet{distinct<Number>([this] { return number(); })};
        break;
      case 7:
        out.data = BinarySet{distinct<std::string>([this] { return bytes(); })};
        break;
      case 8: {
        auto& list = out.data.emplace<List>();
        for (std::size_t count = below(4); count > 0; --count) list.push_back(value(levels_left - 1));
        break;
      }
      default:
        out.data = attributes(levels_left - 1);
    }
    return out;
  }

  std::size_t below(std::size_t bound) { return random_.next() % bound; }

  std::string name() {
    const std::string out = text();
    return out.empty() ? "n" : out;
  }

 private:
  std::string text() {
    static const std::vector<std::string> kPieces = {
        "a",  "Z", "0", " ",    "\"",       "\\",   "\n",
        "\t", "/", "{", "}",    "\xc3\xa4", "]",    ",",
        ":",  "'", "~", "\x01", "\x7f",     "\x1f", "\xf0\x9f\x98\x80"};
    std::string out;
    for (std::size_t count = below(12); count > 0; --count) out += kPieces[below(kPieces.size())];
    return out;
  }
  std::string bytes() {
    std::string out;
    for (std::size_t count = below(7); count > 0; --count) out.push_back(static_cast<char>(random_.next()));
    return out;
  }
  Number number() {
    std::string digits = below(2) == 0 ? "-" : "";
    for (std::size_t count = 1 + below(below(2) == 0 ? 3 : 38); count > 0; --count) {
      digits.push_back(static_cast<char>('0' + below(10)));
    }
    return Number::parse(digits + "e" + std::to_string(static_cast<int>(below(60)) - 40)).value();
  }
  template <class T, class Make>
  std::vector<T> distinct(Make make) {
    std::set<T> members;
    for (std::size_t count = 1 + below(4); count > 0; --count) members.insert(make());
    return {members.begin(), members.end()};
  }

  SeededRandom random_;
};

// Writes an item as a client might: members and sets in any order, blanks, escapes, odd numbers.
class Spelling {
 public:
  explicit Spelling(std::uint64_t seed) : random_(seed) {}

  std::string attributes(const AttributeMap& map) {
    std::vector<std::string> members;
    for (const auto& [name, value] : map) members.push_back(text(name) + ":" + this->value(value));
    return joined('{', members, '}');
  }

 private:
  std::string value(const AttributeValue& value) {
    const std::string content =
        std::visit([this](const auto& data) { return this->content(data); }, value.data);
    return "{" + blank() + "\"" + std::string(type_descriptor(value.type())) + "\"" + blank() + ":" +
           content + "}";
  }

  std::string content(const std::string& data) { return text(data); }
  std::string content(const Number& data) { return "\"" + number(data.to_string()) + "\""; }
  std::string content(const Binary& data) { return "\"" + base64_encode(data.bytes) + "\""; }
  std::string content(bool data) { return data ? (chance() ? "true" : "\"Yes\"") : "false"; }
  std::string content(Null) { return "true"; }
  std::string content(const StringSet& data) {
    std::vector<std::string> members;
    for (const std::string& member : data.members) members.push_back(text(member));
    return joined('[', members, ']');
  }
  std::string content(const NumberSet& data) {
    std::vector<std::string> members;
    for (const Number& member : data.members) members.push_back(content(member));
    return joined('[', members, ']');
  }
  std::string content(const BinarySet& data) {
    std::vector<std::string> members;
    for (const std::string& member : data.members) members.push_back("\"" + base64_encode(member) + "\"");
    return joined('[', members, ']');
  }
  std::string content(const List& data) {
    std::string out = "[";
    for (const AttributeValue& element : data) out += (out.size() > 1 ? "," : "") + blank() + value(element);
    return out + "]";
  }
  std::string content(const AttributeMap& data) { return attributes(data); }

  // Joins in random order.
  std::string joined(char open, std::vector<std::string> members, char close) {
    for (std::size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[random_.next() % i]);
    std::string out(1, open);
    for (const std::string& member : members) out += (out.size() > 1 ? "," : "") + blank() + member + blank();
    return out + close;
  }

  std::string text(const std::string& data) {
    std::string out;
    append_json_string(&out, data);
    if (!chance()) return out;
    // Every ASCII character may be escaped.
    std::string escaped = "\"";
    for (const char c : data) {
      if (static_cast<unsigned char>(c) < 0x80) {
        escaped += "\\u00" + to_hex({&c, 1});
      } else {
        escaped.push_back(c);
      }
    }
    return escaped + "\"";
  }

  // `text` is in normal form; the answer is the same number, written less well.
  std::string number(const std::string& text) {
    switch (random_.next() % 4) {
      case 0:
        return text + (text.find('.') == std::string::npos ? ".000" : "000");
      case 1:
        return text + "E0";
      case 2: {
        const std::string sign = text.starts_with('-') ? "-" : "+";
        return sign + "00" + (text.starts_with('-') ? text.substr(1) : text);
      }
      default:
        return text;
    }
  }

  bool chance() { return random_.next() % 2 == 0; }
  std::string blank() { return std::string(random_.next() % 3 == 0 ? " \n" : ""); }

  SeededRandom random_;
};

TEST_CASE("random items: every form agrees with every other") {
  json::Document document;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    INFO("seed " << seed);
    const AttributeMap tree = ItemMaker(seed).attributes(4);
    const Item item = make_item(tree);

    REQUIRE(parse_item(item.text).value() == tree);
    REQUIRE(item.size_bytes == item_size_bytes(tree));

    const std::string spelling = Spelling(seed).attributes(tree);
    INFO(spelling);
    const auto parsed = document.parse(spelling);
    REQUIRE(parsed.has_value());
    const auto canonical = item_from_json(*parsed);
    REQUIRE(canonical.has_value());
    REQUIRE(canonical->text == item.text);
    REQUIRE(canonical->size_bytes == item.size_bytes);
    REQUIRE(map_from_json(*parsed).value() == tree);
    REQUIRE_FALSE(serialization_defect(*parsed).has_value());

    std::uint32_t scanned_bytes = 0;
    for (const auto& [name, value] : tree) {
      const auto text = find_attribute(item.text, name);
      REQUIRE(text.has_value());
      REQUIRE(parse_value(*text).value() == value);
      REQUIRE(value_text_size_bytes(*text) == value_size_bytes(value));
      scanned_bytes += static_cast<std::uint32_t>(name.size()) + value_text_size_bytes(*text);
    }
    REQUIRE(scanned_bytes == item.size_bytes);
    REQUIRE_FALSE(find_attribute(item.text, "no such name").has_value());

    // Looked up at once, as attributes that the text says are there.
    REQUIRE(canonical->attribute_starts.size() == tree.size());
    ItemMaker maker(seed + 1'000'000);
    for (int i = 0; i < 20; ++i) {
      const std::string name = maker.name();
      REQUIRE(find_attribute(*canonical, name) == find_attribute(canonical->text, name));
    }
    for (const auto& [name, value] : tree) {
      REQUIRE(find_attribute(*canonical, name) == find_attribute(canonical->text, name));
    }
  }
}

TEST_CASE("random items taken apart and put together are what they were, or what they were made") {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    INFO("seed " << seed);
    ItemMaker maker(seed);
    const AttributeMap tree = maker.attributes(3);
    const Item item = make_item(tree);
    std::set<std::string> names;
    for (const auto& [name, value] : tree) {
      if (maker.below(2) == 0) names.insert(name);
    }
    for (std::size_t count = maker.below(3); count > 0; --count) names.insert(maker.name());

    const auto parts = ItemParts::take(item.text, {names.begin(), names.end()});
    REQUIRE(parts.has_value());
    AttributeMap changed = tree;
    AttributeMap changed_parts;
    for (const std::string& name : names) {
      REQUIRE(parts->attributes().count(name) == tree.count(name));
      if (tree.count(name) > 0) REQUIRE(parts->attributes().at(name) == tree.at(name));
      changed.erase(name);
      if (maker.below(3) == 0) continue;
      changed[name] = changed_parts[name] = maker.value(2);
    }
    const Item same = parts->put_back(parts->attributes(), item.size_bytes);
    REQUIRE(same.text == item.text);
    REQUIRE(same.size_bytes == item.size_bytes);
    const Item made = parts->put_back(changed_parts, item.size_bytes);
    REQUIRE(made.text == make_item(changed).text);
    REQUIRE(made.size_bytes == item_size_bytes(changed));
  }
}

TEST_CASE("damaged canonical text never does harm") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    ItemMaker maker(seed);
    const std::string good = make_item(maker.attributes(3)).text;
    std::string bad = good;
    for (int edits = 0; edits < 3; ++edits) {
      const std::size_t at = maker.below(bad.size());
      switch (maker.below(3)) {
        case 0:
          bad[at] = static_cast<char>(maker.below(256));
          break;
        case 1:
          bad.resize(at + 1);
          break;
        default:
          bad.insert(at, 1, "\"{}[]\\,:"[maker.below(8)]);
      }
    }
    const auto parsed = parse_item(bad);
    // What still parses is a well-formed item: its own text parses to the same tree.
    if (parsed.has_value()) REQUIRE(parse_item(make_item(*parsed).text).value() == *parsed);
    std::string_view name, value;
    std::size_t seen_bytes = 0;
    for (AttributeCursor cursor(bad); cursor.next(&name, &value);) {
      seen_bytes += name.size() + value.size();
      REQUIRE(value_text_size_bytes(value) <= value.size());
    }
    REQUIRE(seen_bytes <= bad.size());
    REQUIRE(find_attribute(bad, "a").value_or("").size() <= bad.size());
    if (const auto parts = ItemParts::take(bad, {"0", "Z", "a"})) {
      REQUIRE(parts->put_back({}, 1'000'000).text.size() <= bad.size() + 1);
    }
  }
}

}  // namespace
}  // namespace tidemark::model
