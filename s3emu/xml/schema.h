// Shapes of XML documents as data: what a client may store, and how it is written when it is read back.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "s3emu/xml/body.h"

namespace tidemark::s3emu {

enum class XmlKind {
  kGroup,
  kText,
  kInteger,  // 32 bits
  kLong,     // 64 bits
  kBoolean,
  kDate,  // ISO 8601
};

inline constexpr std::size_t kXmlMany = SIZE_MAX;

struct XmlElement {
  std::string_view name;
  XmlKind kind = XmlKind::kText;
  // How often it may stand in its parent.
  std::size_t min = 0;
  std::size_t max = 1;
  // What BadRequest says of more than that; empty: more do not fit.
  std::string_view too_many = {};
  std::span<const XmlElement> children = {};     // of a group
  std::span<const std::string_view> words = {};  // the texts there are; none: any
  // Values of the attribute xsi:type, which is then required; none: attributes are ignored.
  std::span<const std::string_view> types = {};
};

// The document again, of the shape alone: elements in the order of the shape, numbers, dates and booleans in
// their usual form, no comments, no prefixes. Errors: MalformedXML when it does not fit; BadRequest for too
// many of an element, none of which is then looked at.
S3Result<std::string> conform(const XmlElement& shape, const std::string& body);

// Readers for documents that fit a shape.
std::optional<std::int64_t> child_number(pugi::xml_node parent, std::string_view name);
std::optional<Timestamp> child_date(pugi::xml_node parent, std::string_view name);
std::vector<pugi::xml_node> child_elements(pugi::xml_node parent, std::string_view name);
std::vector<std::string> child_texts(pugi::xml_node parent, std::string_view name);

}  // namespace tidemark::s3emu
