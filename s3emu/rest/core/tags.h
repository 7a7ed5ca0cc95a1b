// Tags of objects and buckets.
#pragma once

#include <string>
#include <string_view>

#include "s3emu/store/object_store.h"
#include "s3emu/xml/schema.h"
#include "s3emu/xml/writer.h"

namespace tidemark::s3emu {

// What may carry tags, and how many.
struct TagLimits {
  std::size_t count_max = 0;
  std::string_view too_many;
};
inline constexpr TagLimits kObjectTags = {10, "Object tags cannot be greater than 10"};
inline constexpr TagLimits kBucketTags = {50, "Bucket tag count cannot be greater than 50"};

// A <Tagging> document of a bucket, with no more tags than it may have.
extern const XmlElement kBucketTaggingShape;

// Number, lengths in characters, characters, no key twice. Errors: InvalidTag, BadRequest.
S3Result<void> check_tags(const NamedValues& tags, const TagLimits& limits = kObjectTags);
// `a=1&b=2`, percent-encoded, of an object. Errors: InvalidTag, InvalidArgument, BadRequest.
S3Result<NamedValues> parse_tag_header(std::string_view text);
// A <Tagging> document of an object. Errors: MalformedXML, InvalidTag, BadRequest.
S3Result<NamedValues> parse_tagging(const std::string& body);
// The <Tag> elements below a <TagSet> or <Tags>.
NamedValues tags_below(pugi::xml_node set);
void write_tag_set(XmlWriter* xml, const NamedValues& tags);

}  // namespace tidemark::s3emu
