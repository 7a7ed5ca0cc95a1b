#include "s3emu/rest/core/event_origin.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/core/tags.h"
#include "s3emu/rest/objects/handlers.h"

namespace tidemark::s3emu {
namespace {

BodyKeys tagging_keys(const std::string& body) {
  auto tags = parse_tagging(body);
  return tags ? BodyKeys{.tags = std::move(*tags)} : BodyKeys{};
}

}  // namespace

constinit const BodyKeyReader kTaggingKeys = {.names = kTagKeyNames, .read = tagging_keys};

S3Result<http::Response> get_object_tagging(S3Context& context, const S3Request& request,
                                            const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ObjectDetails object,
                   context.store.head_object(request.bucket, request.key, version_choice(request)));
  XmlWriter xml("Tagging");
  write_tag_set(&xml, object.metadata.tags);
  http::Response response = xml_answer(xml);
  add_version_header(&response, object.info.version_id);
  return response;
}

S3Result<http::Response> put_object_tagging(S3Context& context, const S3Request& request,
                                            const std::string& body) {
  ASSIGN_OR_RETURN(NamedValues tags, parse_tagging(body));
  ASSIGN_OR_RETURN(const ObjectInfo object,
                   context.store.set_object_tags(request.bucket, request.key, std::move(tags),
                                                 version_choice(request), origin_of(request)));
  http::Response response = empty_answer(200);
  add_version_header(&response, object.version_id);
  return response;
}

S3Result<http::Response> delete_object_tagging(S3Context& context, const S3Request& request,
                                               const std::string& /*body*/) {
  ASSIGN_OR_RETURN(const ObjectInfo object,
                   context.store.set_object_tags(request.bucket, request.key, {}, version_choice(request),
                                                 origin_of(request)));
  http::Response response = empty_answer(204);
  add_version_header(&response, object.version_id);
  return response;
}

}  // namespace tidemark::s3emu
