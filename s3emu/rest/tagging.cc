#include "s3emu/rest/handlers.h"
#include "s3emu/rest/object_headers.h"
#include "s3emu/rest/xml_body.h"

namespace tidemark::s3emu {

S3Result<NamedValues> parse_tagging(const std::string& body) {
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, body, "Tagging"));
  const pugi::xml_node set = child_element(root, "TagSet");
  if (!set) return fail(S3Error::of(S3Code::kMalformedXml));
  NamedValues tags;
  for (pugi::xml_node node = set.first_child(); node; node = node.next_sibling()) {
    if (!is_element(node, "Tag")) continue;
    auto key = child_text(node, "Key");
    auto value = child_text(node, "Value");
    if (!key || !value) return fail(S3Error::of(S3Code::kMalformedXml));
    tags.emplace_back(std::move(*key), std::move(*value));
  }
  RETURN_IF_ERROR(check_tags(tags));
  return tags;
}

S3Result<http::Response> get_object_tagging(OperationContext& context, const S3Request& request,
                                            const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ObjectDetails object,
                   context.store.head_object(request.bucket, request.key, version_choice(request)));
  XmlWriter xml("Tagging");
  xml.open("TagSet");
  for (const auto& [key, value] : object.metadata.tags) {
    xml.open("Tag");
    xml.text("Key", key);
    xml.text("Value", value);
    xml.close();
  }
  http::Response response = xml_answer(xml);
  add_version_header(&response, object.info.version_id);
  return response;
}

S3Result<http::Response> put_object_tagging(OperationContext& context, const S3Request& request,
                                            const std::string& body) {
  ASSIGN_OR_RETURN(NamedValues tags, parse_tagging(body));
  ASSIGN_OR_RETURN(
      const ObjectInfo object,
      context.store.set_object_tags(request.bucket, request.key, std::move(tags), version_choice(request)));
  http::Response response = empty_answer(200);
  add_version_header(&response, object.version_id);
  return response;
}

S3Result<http::Response> delete_object_tagging(OperationContext& context, const S3Request& request,
                                               const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ObjectInfo object,
                   context.store.set_object_tags(request.bucket, request.key, {}, version_choice(request)));
  http::Response response = empty_answer(204);
  add_version_header(&response, object.version_id);
  return response;
}

}  // namespace tidemark::s3emu
