// GetObjectAttributes: what is known of an object, without its bytes.
#include <algorithm>
#include <charconv>

#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/objects/handlers.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kPartsMax = 1000;

struct Wanted {
  bool etag = false;
  bool checksum = false;
  bool parts = false;
  bool storage_class = false;
  bool size = false;
};

S3Result<void> add_name(std::string_view name, Wanted* wanted) {
  struct Row {
    std::string_view name;
    bool Wanted::*flag;
  };
  constexpr Row kRows[] = {
      {"ETag", &Wanted::etag},         {"Checksum", &Wanted::checksum},
      {"ObjectParts", &Wanted::parts}, {"StorageClass", &Wanted::storage_class},
      {"ObjectSize", &Wanted::size},
  };
  for (const Row& row : kRows) {
    if (row.name != name) continue;
    wanted->*row.flag = true;
    return {};
  }
  return fail(S3Error::of(S3Code::kInvalidArgument, "Invalid attribute name specified.")
                  .with("ArgumentName", "x-amz-object-attributes")
                  .with("ArgumentValue", std::string(name)));
}

// From a list with commas; some clients send a header for each name instead.
S3Result<Wanted> wanted_attributes(const S3Request& request) {
  Wanted wanted;
  bool any = false;
  for (const auto& [header, value] : request.head.headers.fields()) {
    if (!http::equal_ignoring_case(header, "x-amz-object-attributes")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::string_view name = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      RETURN_IF_ERROR(add_name(name, &wanted));
      any = true;
    }
  }
  if (any) return wanted;
  return fail(S3Error::of(S3Code::kInvalidRequest,
                          "The x-amz-object-attributes header specifying the attributes to be retrieved is "
                          "either missing or empty"));
}

S3Result<std::size_t> count_header(const S3Request& request, const char* name, std::size_t fallback) {
  const auto text = request.header(name);
  if (!text) return fallback;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size()) return value;
  return fail(S3Error::of(S3Code::kInvalidArgument, "Not a number of parts.")
                  .with("ArgumentName", name)
                  .with("ArgumentValue", std::string(*text)));
}

struct PartsPage {
  std::size_t marker = 0;
  std::size_t parts_max = kPartsMax;
};

// Parts are listed when the checksum of the object is made of those of its parts; their number is told
// always.
void write_parts(const ObjectDetails& object, const PartsPage& page, XmlWriter* xml) {
  const std::vector<ObjectPart>& parts = object.parts;
  const ChecksumAlgorithm algorithm = object.info.checksum.algorithm;
  xml->open("ObjectParts");
  xml->number("PartsCount", parts.size());
  const bool is_listed =
      algorithm != ChecksumAlgorithm::kNone && object.info.checksum.type == ChecksumType::kComposite &&
      std::none_of(parts.begin(), parts.end(), [](const ObjectPart& part) { return part.checksum.empty(); });
  if (is_listed) {
    const std::size_t first = std::min(page.marker, parts.size());
    const std::size_t last = std::min(parts.size(), first + page.parts_max);
    xml->number("PartNumberMarker", page.marker);
    xml->number("NextPartNumberMarker", last);
    xml->number("MaxParts", page.parts_max);
    xml->boolean("IsTruncated", last < parts.size());
    for (std::size_t i = first; i < last; ++i) {
      xml->open("Part");
      xml->number("PartNumber", i + 1);
      xml->number("Size", parts[i].size);
      xml->text(checksum_element(algorithm),
                Checksum{algorithm, ChecksumType::kFullObject, parts[i].checksum, 0}.text());
      xml->close();
    }
  }
  xml->close();
}

}  // namespace

S3Result<http::Response> get_object_attributes(S3Context& context, const S3Request& request,
                                               const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const Wanted wanted, wanted_attributes(request));
  PartsPage page;
  ASSIGN_OR_RETURN(page.marker, count_header(request, "x-amz-part-number-marker", 0));
  ASSIGN_OR_RETURN(page.parts_max, count_header(request, "x-amz-max-parts", kPartsMax));
  page.parts_max = std::min(page.parts_max, kPartsMax);
  ASSIGN_OR_RETURN(const ObjectDetails object,
                   context.store.head_object(request.bucket, request.key, version_choice(request)));
  const ObjectInfo& info = object.info;
  XmlWriter xml("GetObjectAttributesResponse");
  if (wanted.etag) xml.text("ETag", info.etag);
  if (wanted.checksum && info.checksum.algorithm != ChecksumAlgorithm::kNone) {
    xml.open("Checksum");
    write_checksum(&xml, info.checksum);
    xml.close();
  }
  if (wanted.parts && info.multipart) write_parts(object, page, &xml);
  if (wanted.storage_class) xml.text("StorageClass", storage_class_name(info.storage_class));
  if (wanted.size) xml.number("ObjectSize", info.size);
  http::Response response = xml_answer(xml);
  response.headers.add("Last-Modified", format_http_date(info.last_modified));
  if (!info.version_id.empty()) response.headers.add("x-amz-version-id", info.version_id);
  return response;
}

}  // namespace tidemark::s3emu
