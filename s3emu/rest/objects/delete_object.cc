#include <charconv>

#include "s3emu/rest/core/authorize.h"
#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/event_origin.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/objects/handlers.h"
#include "s3emu/rest/objects/object_lock.h"
#include "s3emu/xml/body.h"

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kObjectsMax = 1000;

// What a request says about all of its deletions.
Deletion deletion_of(const S3Context& context, const S3Request& request) {
  Deletion deletion;
  deletion.owner = caller_as_owner(context, request);
  deletion.bypass_governance = bypasses_governance(request);
  return deletion;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// As in the headers of HTTP or as in the answers to listings.
std::optional<Timestamp> parse_modified(std::string_view text) {
  auto time = parse_http_date(text);
  if (!time) time = parse_iso_time(text);
  if (time) time = time->floor_second();
  return time;
}

// Size and time that the object must have; `code` is for what cannot be read.
S3Result<void> add_conditions(std::optional<std::string_view> size, std::optional<std::string_view> modified,
                              S3Code code, Deletion* deletion) {
  if (size) deletion->if_size = parse_size(*size);
  if (modified) deletion->if_modified_second = parse_modified(*modified);
  const bool unread = (size && !deletion->if_size) || (modified && !deletion->if_modified_second);
  if (unread) return fail(S3Error::of(code));
  return {};
}

S3Result<std::vector<Deletion>> parse_deletions(pugi::xml_node root, const Deletion& common) {
  std::vector<Deletion> deletions;
  for (pugi::xml_node node = root.first_child(); node; node = node.next_sibling()) {
    if (!is_element(node, "Object")) continue;
    auto key = child_text(node, "Key");
    if (!key || deletions.size() == kObjectsMax) return fail(S3Error::of(S3Code::kMalformedXml));
    Deletion deletion = common;
    deletion.key = std::move(*key);
    deletion.version = child_text(node, "VersionId");
    if (deletion.version && deletion.version->empty()) deletion.version.reset();
    if (const auto etag = child_text(node, "ETag")) deletion.if_match = std::string(unquoted(*etag));
    RETURN_IF_ERROR(add_conditions(child_text(node, "Size"), child_text(node, "LastModifiedTime"),
                                   S3Code::kMalformedXml, &deletion));
    deletions.push_back(std::move(deletion));
  }
  if (deletions.empty()) return fail(S3Error::of(S3Code::kMalformedXml));
  return deletions;
}

// Deletes what the caller may delete; the others get AccessDenied.
S3Result<std::vector<S3Result<DeleteResult>>> delete_allowed(S3Context& context, const S3Request& request,
                                                             const std::vector<Deletion>& deletions) {
  std::vector<S3Result<DeleteResult>> results;
  std::vector<Deletion> allowed;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < deletions.size(); ++i) {
    if (auto judged = authorize_deletion(context, request, deletions[i])) {
      results.emplace_back(DeleteResult{});
      allowed.push_back(deletions[i]);
      positions.push_back(i);
    } else {
      results.emplace_back(fail(std::move(judged).error()));
    }
  }
  if (allowed.empty()) return results;
  ASSIGN_OR_RETURN(auto deleted, context.store.delete_objects(request.bucket, allowed, origin_of(request)));
  for (std::size_t i = 0; i < positions.size(); ++i) results[positions[i]] = std::move(deleted[i]);
  return results;
}

}  // namespace

S3Result<http::Response> delete_object(S3Context& context, const S3Request& request,
                                       const std::string& /*body*/) {
  Deletion deletion = deletion_of(context, request);
  deletion.key = request.key;
  deletion.version = version_choice(request);
  if (const auto match = request.header("If-Match")) deletion.if_match = std::string(unquoted(*match));
  RETURN_IF_ERROR(add_conditions(request.header("x-amz-if-match-size"),
                                 request.header("x-amz-if-match-last-modified-time"),
                                 S3Code::kInvalidArgument, &deletion));
  ASSIGN_OR_RETURN(const DeleteResult deleted,
                   context.store.delete_object(request.bucket, deletion, origin_of(request)));
  http::Response response = empty_answer(204);
  add_version_header(&response, deleted.version_id);
  if (deleted.delete_marker) response.headers.add("x-amz-delete-marker", "true");
  return response;
}

S3Result<http::Response> delete_objects(S3Context& context, const S3Request& request,
                                        const std::string& body) {
  RETURN_IF_ERROR(context.store.head_bucket(request.bucket));
  pugi::xml_document document;
  ASSIGN_OR_RETURN(const pugi::xml_node root, parse_xml(&document, body, "Delete"));
  ASSIGN_OR_RETURN(const auto deletions, parse_deletions(root, deletion_of(context, request)));
  const bool quiet = child_text(root, "Quiet") == "true";
  ASSIGN_OR_RETURN(const auto results, delete_allowed(context, request, deletions));
  XmlWriter xml("DeleteResult");
  for (std::size_t i = 0; i < deletions.size(); ++i) {
    const Deletion& deletion = deletions[i];
    const auto& removed = results[i];
    if (removed && quiet) continue;
    xml.open(removed ? "Deleted" : "Error");
    xml.text("Key", deletion.key);
    if (deletion.version) xml.text("VersionId", *deletion.version);
    if (!removed) {
      xml.text("Code", removed.error().code);
      xml.text("Message", removed.error().message);
    } else if (removed->delete_marker) {
      xml.boolean("DeleteMarker", true);
      xml.text("DeleteMarkerVersionId", removed->version_id);
    }
    xml.close();
  }
  return xml_answer(xml);
}

// One small commit, which waits for the disk only when the store syncs.
bool delete_object_is_quick(S3Context& context, const S3Request& /*request*/) {
  return !context.store.syncs();
}

}  // namespace tidemark::s3emu
