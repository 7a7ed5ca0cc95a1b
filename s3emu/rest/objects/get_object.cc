#include <charconv>

#include "s3emu/rest/core/conditions.h"
#include "s3emu/rest/core/parameters.h"
#include "s3emu/rest/objects/handlers.h"
#include "s3emu/rest/objects/object_headers.h"
#include "s3emu/rest/objects/object_lock.h"
#include "s3emu/rest/settings/lifecycle.h"
#include "s3emu/store/checks.h"

namespace tidemark::s3emu {
namespace {

// Which bytes are asked for, and what that adds to the headers.
struct Selection {
  bool partial = false;
  ByteRange range;
  std::size_t parts_count = 0;       // with partNumber, of a multipart object
  std::optional<Checksum> checksum;  // of these bytes
};

S3Result<Selection> select_part(std::string_view text, const ObjectDetails& object) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 ||
      number > static_cast<unsigned>(kPartNumberMax)) {
    return fail(bad_part_number().with("ArgumentValue", std::string(text)));
  }
  const std::size_t count = std::max<std::size_t>(object.parts.size(), 1);
  if (number > count) {
    return fail(S3Error::of(S3Code::kInvalidPartNumber)
                    .with("PartNumberRequested", std::to_string(number))
                    .with("ActualPartCount", std::to_string(count)));
  }
  Selection selection{true, {0, object.info.size}, object.parts.size(), object.info.checksum};
  if (object.parts.empty()) return selection;
  for (unsigned i = 1; i < number; ++i) selection.range.offset += object.parts[i - 1].size;
  const ObjectPart& part = object.parts[number - 1];
  selection.range.size = part.size;
  selection.checksum.reset();
  if (!part.checksum.empty()) {
    selection.checksum =
        Checksum{object.info.checksum.algorithm, ChecksumType::kFullObject, part.checksum, 0};
  }
  return selection;
}

bool if_range_holds(std::string_view value, const ObjectInfo& object) {
  if (const auto date = parse_http_date(value)) return object.last_modified.floor_second() <= *date;
  return unquoted(value) == object.etag;
}

S3Result<Selection> select_bytes(const S3Request& request, const ObjectDetails& object) {
  const auto range = request.header("Range");
  if (const auto part = request.param("partNumber")) {
    if (range) {
      return fail(S3Error::of(S3Code::kInvalidRequest,
                              "Cannot specify both Range header and partNumber query parameter"));
    }
    return select_part(*part, object);
  }
  const Selection whole{false, {0, object.info.size}, 0, object.info.checksum};
  if (!range) return whole;
  const auto if_range = request.header("If-Range");
  if (if_range && !if_range_holds(*if_range, object.info)) return whole;
  const RangeChoice choice = choose_range(*range, object.info.size);
  if (choice.kind == RangeKind::kUnsatisfiable) {
    return fail(S3Error::of(S3Code::kInvalidRange)
                    .with("RangeRequested", std::string(*range))
                    .with("ActualObjectSize", std::to_string(object.info.size)));
  }
  if (choice.kind == RangeKind::kWhole) return whole;
  return Selection{true, choice.range, 0, std::nullopt};
}

S3Result<void> check_overrides(const S3Request& request) {
  if (request.authenticated) return {};
  for (const auto& [name, value] : request.query) {
    if (name.starts_with("response-")) {
      return fail(
          S3Error::of(S3Code::kInvalidRequest,
                      "Request specific response headers cannot be used for anonymous GET requests."));
    }
  }
  return {};
}

// Ranges up to this size are read at once and sent from memory.
constexpr std::uint64_t kMemoryBodyMax = 256 << 10;
constexpr std::size_t kReadBlock = 256 << 10;

using Body = decltype(http::Response::body);

// Reading is what checks the bytes: wrong ones must be known of while a status can still say so. Damage
// behind kVerifiedAheadMax cuts the answer short.
S3Result<Body> body_of(const std::shared_ptr<const File>& data, const ByteRange& range) {
  const auto read = [&](std::uint64_t offset, char* buffer, std::size_t size) -> S3Result<void> {
    const auto got = data->read_at(offset, buffer, size);
    if (!got) return fail(S3Error::from(got.error()));
    if (*got != size) return fail(S3Error::from(Error::corruption("object data ends early")));
    return {};
  };
  if (range.size <= kMemoryBodyMax) {
    std::string bytes(static_cast<std::size_t>(range.size), '\0');
    RETURN_IF_ERROR(read(range.offset, bytes.data(), bytes.size()));
    return bytes;
  }
  const auto block = std::make_unique_for_overwrite<char[]>(kReadBlock);
  const std::uint64_t end = range.offset + std::min(range.size, kVerifiedAheadMax);
  for (std::uint64_t at = range.offset; at < end;) {
    // Whole blocks of the file are read without a detour.
    const std::uint64_t to = std::min(end, (at / kReadBlock + 1) * kReadBlock);
    RETURN_IF_ERROR(read(at, block.get(), static_cast<std::size_t>(to - at)));
    at = to;
  }
  return std::vector<http::FileRange>{{data, range.offset, range.size}};
}

// With what a cache needs to go on (RFC 9110, 15.4.5).
http::Response not_modified(const ObjectDetails& details) {
  const ObjectInfo& object = details.info;
  http::Response response = empty_answer(304);
  response.headers.add("ETag", quoted(object.etag));
  response.headers.add("Last-Modified", format_http_date(object.last_modified));
  add_version_header(&response, object.version_id);
  for (const auto& [name, value] : details.metadata.headers) {
    if (name == "cache-control" || name == "expires") response.headers.add(name, value);
  }
  return response;
}

}  // namespace

// Also HeadObject: the same headers, no bytes.
S3Result<http::Response> get_object(S3Context& context, const S3Request& request,
                                    const std::string& /*body*/) {
  RETURN_IF_ERROR(check_overrides(request));
  if (request.header("x-amz-server-side-encryption-customer-algorithm")) {
    return fail(
        S3Error::of(S3Code::kInvalidRequest, "The encryption parameters are not applicable to this object."));
  }
  const bool is_head = request.head.method == "HEAD";
  OpenObject object;
  if (is_head) {
    ASSIGN_OR_RETURN(object.details,
                     context.store.head_object(request.bucket, request.key, version_choice(request)));
  } else {
    ASSIGN_OR_RETURN(object, context.store.open_object(request.bucket, request.key, version_choice(request)));
  }
  const ObjectInfo& info = object.details.info;
  switch (evaluate(read_conditions(request, ""), info, context.clock.now())) {
    case ConditionOutcome::kNotModified:
      return not_modified(object.details);
    case ConditionOutcome::kFailed:
      return fail(S3Error::of(S3Code::kPreconditionFailed)
                      .with("Condition", request.header("If-Match") ? "If-Match" : "If-Unmodified-Since"));
    case ConditionOutcome::kHolds:
      break;
  }
  ASSIGN_OR_RETURN(const Selection selection, select_bytes(request, object.details));
  http::Response response = empty_answer(selection.partial ? 206 : 200);
  add_object_headers(&response, object.details, request);
  add_version_header(&response, info.version_id);
  add_lock_headers(&response, object.details.metadata.lock);
  // Rules about days are for the current version.
  if (!request.has_param("versionId")) {
    add_expiration_header(context, request.bucket, info, &object.details.metadata.tags, &response);
  }
  const bool empty_part = selection.partial && selection.range.size == 0;
  if (empty_part) response.status = 200;
  if (selection.partial && !empty_part) {
    response.headers.add("Content-Range",
                         "bytes " + std::to_string(selection.range.offset) + "-" +
                             std::to_string(selection.range.offset + selection.range.size - 1) + "/" +
                             std::to_string(info.size));
  }
  if (selection.parts_count > 0) {
    response.headers.add("x-amz-mp-parts-count", std::to_string(selection.parts_count));
  }
  const auto mode = request.header("x-amz-checksum-mode");
  if (selection.checksum && mode && http::equal_ignoring_case(*mode, "ENABLED")) {
    add_checksum_headers(&response, *selection.checksum, info.checksum.type);
  }
  if (is_head) {
    response.content_length = selection.range.size;
  } else if (selection.range.size > 0) {
    ASSIGN_OR_RETURN(response.body, body_of(object.data, selection.range));
  }
  return response;
}

bool get_object_is_quick(S3Context& context, const S3Request& request) {
  const auto object = context.store.head_object(request.bucket, request.key, version_choice(request));
  return !object || object->info.size <= kInMemorySizeMax;
}

}  // namespace tidemark::s3emu
