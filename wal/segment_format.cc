#include "wal/segment_format.h"

#include <charconv>

#include "base/bytes.h"
#include "base/digest.h"

namespace tidemark::wal {
namespace {

constexpr std::string_view kSuffix = ".log";
constexpr std::string_view kUnsettledSuffix = ".unsettled";
constexpr std::size_t kDigits = 20;

std::string name_of(SequenceNumber first, std::string_view suffix) {
  const std::string digits = std::to_string(number(first));
  return std::string(kDigits - digits.size(), '0') + digits + std::string(suffix);
}

std::optional<SequenceNumber> parse_name(const std::string& name, std::string_view suffix) {
  if (name.size() != kDigits + suffix.size() || !name.ends_with(suffix)) return std::nullopt;
  std::uint64_t first = 0;
  const char* const end = name.data() + kDigits;
  const auto [stop, error] = std::from_chars(name.data(), end, first);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return SequenceNumber{first};
}

}  // namespace

std::string segment_name(SequenceNumber first) { return name_of(first, kSuffix); }

std::optional<SequenceNumber> parse_segment_name(const std::string& name) {
  return parse_name(name, kSuffix);
}

std::string unsettled_name(SequenceNumber first) { return name_of(first, kUnsettledSuffix); }

std::optional<SequenceNumber> parse_unsettled_name(const std::string& name) {
  return parse_name(name, kUnsettledSuffix);
}

std::string segment_header(SequenceNumber first) {
  std::string header = kSegmentMagic;
  append_u64_le(&header, number(first));
  return header;
}

Result<void> check_segment_header(const std::string& path, std::string_view header, SequenceNumber first) {
  if (header == segment_header(first)) return {};
  constexpr std::string_view kMagic = kSegmentMagic;
  constexpr std::string_view kFamily = kMagic.substr(0, kMagic.size() - 1);
  const std::string_view magic = header.substr(0, kMagic.size());
  if (magic.size() == kMagic.size() && magic.starts_with(kFamily) && magic != kMagic) {
    const char* const age = magic < kMagic ? "an earlier" : "a later";
    return fail(Error::invalid_argument(path + " was written by " + age +
                                        " version of Tidemark, whose data this one does not read"));
  }
  return fail(Error::corruption(path + " at offset 0: not the header of this segment"));
}

void append_frame(std::string* out, std::string_view payload) {
  std::string length;
  append_u32_le(&length, static_cast<std::uint32_t>(payload.size()));
  append_u32_le(out, crc32c(crc32c(0, length), payload));
  out->append(length);
  out->append(payload);
}

bool frame_is_valid(std::string_view header, std::string_view payload) {
  return read_u32_le(header.data()) == crc32c(crc32c(0, header.substr(4, 4)), payload);
}

Result<std::vector<SequenceNumber>> list_segments(const std::string& directory, FileSystem& files) {
  std::vector<SequenceNumber> segments;
  ASSIGN_OR_RETURN(const auto names, files.list(directory));
  for (const std::string& name : names) {
    if (const auto first = parse_segment_name(name)) segments.push_back(*first);
  }
  return segments;  // names are sorted, and their digits have a fixed width
}

}  // namespace tidemark::wal
