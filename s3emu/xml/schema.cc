#include "s3emu/xml/schema.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/text.h"
#include "base/utf8.h"
#include "s3emu/xml/writer.h"

namespace tidemark::s3emu {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

constexpr std::string_view kTypeNamespace = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

auto malformed() { return fail(S3Error::of(S3Code::kMalformedXml)); }

std::string own_text(pugi::xml_node node) {
  std::string text;
  for (pugi::xml_node piece = node.first_child(); piece; piece = piece.next_sibling()) text += piece.value();
  return text;
}

std::optional<std::int64_t> to_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool one_of(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The usual form of a value; nothing when it is none of its kind.
std::optional<std::string> usual_form(const XmlElement& shape, std::string text) {
  // A reference such as &#xD800; stands for no character.
  if (!is_utf8(text)) return std::nullopt;
  if (shape.kind == XmlKind::kText && shape.words.empty()) return text;
  const std::string_view value = trimmed(text, kBlanks);
  switch (shape.kind) {
    case XmlKind::kInteger:
    case XmlKind::kLong: {
      const auto number = to_number(value);
      if (!number) return std::nullopt;
      if (shape.kind == XmlKind::kInteger && (*number > std::numeric_limits<std::int32_t>::max() ||
                                              *number < std::numeric_limits<std::int32_t>::min())) {
        return std::nullopt;
      }
      return std::to_string(*number);
    }
    case XmlKind::kBoolean:
      if (value == "true" || value == "TRUE" || value == "True" || value == "1") return "true";
      if (value == "false" || value == "FALSE" || value == "False" || value == "0") return "false";
      return std::nullopt;
    case XmlKind::kDate: {
      const auto time = parse_iso_time(value);
      return time ? std::optional(format_iso_millis(*time)) : std::nullopt;
    }
    default:
      return one_of(shape.words, value) ? std::optional(std::string(value)) : std::nullopt;
  }
}

// Whether there is nothing in a group but elements that the shape knows.
bool knows_all(const XmlElement& shape, pugi::xml_node node) {
  for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling()) {
    if (child.type() != pugi::node_element) {
      if (!trimmed(child.value(), kBlanks).empty()) return false;
      continue;
    }
    const auto fits = [&](const XmlElement& known) { return is_element(child, known.name); };
    if (std::none_of(shape.children.begin(), shape.children.end(), fits)) return false;
  }
  return true;
}

std::optional<std::string> type_attribute(const XmlElement& shape, pugi::xml_node node) {
  for (const pugi::xml_attribute attribute : node.attributes()) {
    const std::string_view name = attribute.name();
    const bool is_type = name.ends_with(":type") || name == "type";
    if (is_type && one_of(shape.types, attribute.value())) {
      return std::string(kTypeNamespace) + " xsi:type=\"" + attribute.value() + "\"";
    }
  }
  return std::nullopt;
}

S3Result<void> write_children(const XmlElement& shape, pugi::xml_node node, XmlWriter* out);

S3Result<void> write_element(const XmlElement& shape, pugi::xml_node node, XmlWriter* out) {
  if (shape.kind == XmlKind::kGroup) {
    std::optional<std::string> attributes = std::string();
    if (!shape.types.empty()) attributes = type_attribute(shape, node);
    if (!attributes) return malformed();
    out->open(shape.name, *attributes);
    RETURN_IF_ERROR(write_children(shape, node, out));
    out->close();
    return {};
  }
  for (pugi::xml_node child = node.first_child(); child; child = child.next_sibling()) {
    if (child.type() == pugi::node_element) return malformed();
  }
  const auto text = usual_form(shape, own_text(node));
  if (!text) return malformed();
  out->text(shape.name, *text);
  return {};
}

// The shapes are not recursive, so neither is this, beyond their depth.
S3Result<void> write_children(const XmlElement& shape, pugi::xml_node node, XmlWriter* out) {
  if (!knows_all(shape, node)) return malformed();
  for (const XmlElement& known : shape.children) {
    const auto found = child_elements(node, known.name);
    if (found.size() > known.max && !known.too_many.empty()) {
      return fail(S3Error::of(S3Code::kBadRequest, std::string(known.too_many)));
    }
    if (found.size() < known.min || found.size() > known.max) return malformed();
    for (const pugi::xml_node child : found) RETURN_IF_ERROR(write_element(known, child, out));
  }
  return {};
}

}  // namespace

S3Result<std::string> conform(const XmlElement& shape, const std::string& body) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, body, shape.name));
  XmlWriter out(shape.name);
  RETURN_IF_ERROR(write_children(shape, root, &out));
  return out.take();
}

std::optional<std::int64_t> child_number(pugi::xml_node parent, std::string_view name) {
  const auto text = child_text(parent, name);
  return text ? to_number(*text) : std::nullopt;
}

std::optional<Timestamp> child_date(pugi::xml_node parent, std::string_view name) {
  const auto text = child_text(parent, name);
  return text ? parse_iso_time(*text) : std::nullopt;
}

std::vector<pugi::xml_node> child_elements(pugi::xml_node parent, std::string_view name) {
  std::vector<pugi::xml_node> found;
  for (pugi::xml_node child = parent.first_child(); child; child = child.next_sibling()) {
    if (is_element(child, name)) found.push_back(child);
  }
  return found;
}

std::vector<std::string> child_texts(pugi::xml_node parent, std::string_view name) {
  std::vector<std::string> texts;
  for (const pugi::xml_node child : child_elements(parent, name)) texts.push_back(own_text(child));
  return texts;
}

}  // namespace tidemark::s3emu
