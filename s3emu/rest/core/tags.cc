#include "s3emu/rest/core/tags.h"

#include <algorithm>
#include <set>

#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kKeyMax = 128;
constexpr std::size_t kValueMax = 256;
constexpr std::string_view kReserved = "aws:";

constexpr XmlElement kTag[] = {{.name = "Key", .min = 1}, {.name = "Value", .min = 1}};
constexpr XmlElement tags_within(const TagLimits& limits) {
  return {.name = "Tag",
          .kind = XmlKind::kGroup,
          .max = limits.count_max,
          .too_many = limits.too_many,
          .children = kTag};
}
constexpr XmlElement kTagSetOfObject[] = {tags_within(kObjectTags)};
constexpr XmlElement kTagSetOfBucket[] = {tags_within(kBucketTags)};
constexpr XmlElement kTaggingOfObject[] = {
    {.name = "TagSet", .kind = XmlKind::kGroup, .min = 1, .children = kTagSetOfObject},
};
constexpr XmlElement kTaggingOfBucket[] = {
    {.name = "TagSet", .kind = XmlKind::kGroup, .min = 1, .children = kTagSetOfBucket},
};
constexpr XmlElement kObjectTaggingShape = {
    .name = "Tagging", .kind = XmlKind::kGroup, .children = kTaggingOfObject};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// Letters, digits, blanks and `+ - = . _ : / @`; letters beyond ASCII are not told from other characters.
bool has_good_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" \t+-=._:/@").find(c) != std::string_view::npos;
  });
}

auto invalid_tag(std::string message, const char* element, const std::string& text) {
  return fail(S3Error::of(S3Code::kInvalidTag, std::move(message)).with(element, text));
}

}  // namespace

constinit const XmlElement kBucketTaggingShape = {
    .name = "Tagging", .kind = XmlKind::kGroup, .children = kTaggingOfBucket};

S3Result<void> check_tags(const NamedValues& tags, const TagLimits& limits) {
  if (tags.size() > limits.count_max) {
    return fail(S3Error::of(S3Code::kBadRequest, std::string(limits.too_many)));
  }
  std::set<std::string_view> seen;
  for (const auto& [key, value] : tags) {
    if (key.empty() || characters(key) > kKeyMax || !has_good_characters(key)) {
      return invalid_tag("The TagKey you have provided is invalid", "TagKey", key);
    }
    if (http::equal_ignoring_case(std::string_view(key).substr(0, kReserved.size()), kReserved)) {
      return invalid_tag("System tags cannot be added/updated by requester", "TagKey", key);
    }
    if (characters(value) > kValueMax || !has_good_characters(value)) {
      return invalid_tag("The TagValue you have provided is invalid", "TagValue", value);
    }
    if (!seen.insert(key).second) {
      return invalid_tag("Cannot provide multiple Tags with the same key", "TagKey", key);
    }
  }
  return {};
}

S3Result<NamedValues> parse_tag_header(std::string_view text) {
  auto tags = parse_query(text);
  if (!tags) {
    return fail(S3Error::of(S3Code::kInvalidArgument,
                            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
                            "parameters without tag name duplicates.")
                    .with("ArgumentName", "x-amz-tagging"));
  }
  RETURN_IF_ERROR(check_tags(*tags));
  return std::move(*tags);
}

NamedValues tags_below(pugi::xml_node set) {
  NamedValues tags;
  for (const pugi::xml_node tag : child_elements(set, "Tag")) {
    tags.emplace_back(child_text(tag, "Key").value_or(""), child_text(tag, "Value").value_or(""));
  }
  return tags;
}

S3Result<NamedValues> parse_tagging(const std::string& body) {
  ASSIGN_OR_RETURN(const std::string document, conform(kObjectTaggingShape, body));
  pugi::xml_document parsed;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&parsed, document, kObjectTaggingShape.name));
  NamedValues tags = tags_below(child_element(root, "TagSet"));
  RETURN_IF_ERROR(check_tags(tags));
  return tags;
}

void write_tag_set(XmlWriter* xml, const NamedValues& tags) {
  xml->open("TagSet");
  for (const auto& [key, value] : tags) {
    xml->open("Tag");
    xml->text("Key", key);
    xml->text("Value", value);
    xml->close();
  }
  xml->close();
}

}  // namespace tidemark::s3emu
