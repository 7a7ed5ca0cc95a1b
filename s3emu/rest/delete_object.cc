#include "s3emu/rest/conditions.h"
#include "s3emu/rest/handlers.h"
#include "s3emu/rest/xml_body.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kObjectsMax = 1000;

struct Deletion {
  std::string key;
  std::optional<std::string> version;
  std::optional<std::string> etag;
};

S3Result<void> remove(OperationContext& context, const S3Request& request, const Deletion& deletion) {
  // There is one version of each key, called null; others are gone already.
  const bool current = !deletion.version || deletion.version->empty() || *deletion.version == "null";
  if (!current) return {};
  return context.store.delete_object(request.bucket, deletion.key, deletion.etag);
}

S3Result<std::vector<Deletion>> parse_deletions(pugi::xml_node root) {
  std::vector<Deletion> deletions;
  for (pugi::xml_node node = root.first_child(); node; node = node.next_sibling()) {
    if (!is_element(node, "Object")) continue;
    auto key = child_text(node, "Key");
    if (!key || deletions.size() == kObjectsMax) return fail(S3Error::of(S3Code::kMalformedXml));
    Deletion deletion{std::move(*key), child_text(node, "VersionId"), child_text(node, "ETag")};
    if (deletion.etag) deletion.etag = std::string(unquoted(*deletion.etag));
    deletions.push_back(std::move(deletion));
  }
  if (deletions.empty()) return fail(S3Error::of(S3Code::kMalformedXml));
  return deletions;
}

}  // namespace

S3Result<http::Response> delete_object(OperationContext& context, const S3Request& request,
                                       const std::string& /*body*/) {
  Deletion deletion{request.key, std::nullopt, std::nullopt};
  if (const auto version = request.param("versionId")) deletion.version = std::string(*version);
  if (const auto match = request.header("If-Match")) deletion.etag = std::string(unquoted(*match));
  RETURN_IF_ERROR(context.store.head_bucket(request.bucket));
  RETURN_IF_ERROR(remove(context, request, deletion));
  return empty_answer(204);
}

S3Result<http::Response> delete_objects(OperationContext& context, const S3Request& request,
                                        const std::string& body) {
  RETURN_IF_ERROR(context.store.head_bucket(request.bucket));
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, body, "Delete"));
  ASSIGN_OR_RETURN(const auto deletions, parse_deletions(root));
  const bool quiet = child_text(root, "Quiet") == "true";
  XmlWriter xml("DeleteResult");
  for (const Deletion& deletion : deletions) {
    const auto removed = remove(context, request, deletion);
    if (removed && quiet) continue;
    xml.open(removed ? "Deleted" : "Error");
    xml.text("Key", deletion.key);
    if (deletion.version) xml.text("VersionId", *deletion.version);
    if (!removed) {
      xml.text("Code", removed.error().code);
      xml.text("Message", removed.error().message);
    }
    xml.close();
  }
  return xml_answer(xml);
}

}  // namespace tidemark::s3emu
