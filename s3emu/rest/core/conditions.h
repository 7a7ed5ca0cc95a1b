// Conditions and ranges of reads (RFC 9110, as S3 reads it).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "s3emu/rest/core/request.h"

namespace tidemark::s3emu {

enum class ConditionOutcome { kHolds, kNotModified, kFailed };

struct ReadConditions {
  std::optional<std::string_view> match;
  std::optional<std::string_view> none_match;
  std::optional<std::string_view> modified_since;
  std::optional<std::string_view> unmodified_since;
};

// `prefix` is `` for a GET and `x-amz-copy-source-` for the source of a copy.
ReadConditions read_conditions(const S3Request& request, const std::string& prefix);
// ETags win over dates; dates that cannot be read or lie in the future do not count.
ConditionOutcome evaluate(const ReadConditions& conditions, const ObjectInfo& object, Timestamp now);

// Errors: NotImplemented for combinations that S3 does not know.
S3Result<WriteConditions> write_conditions(const S3Request& request);

std::string_view unquoted(std::string_view etag);
std::string quoted(std::string_view etag);

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

enum class RangeKind { kWhole, kPart, kUnsatisfiable };

struct RangeChoice {
  RangeKind kind = RangeKind::kWhole;
  ByteRange range;  // of kPart
};

// One `bytes=` range of an object of `size` bytes. Several, reversed or malformed ones are ignored: kWhole.
RangeChoice choose_range(std::string_view header, std::uint64_t size);
// `bytes=a-b` exactly, as x-amz-copy-source-range wants it; not clamped.
std::optional<ByteRange> parse_copy_range(std::string_view text);

}  // namespace tidemark::s3emu
