// How records lie in a segment file.
//
// ON DISK: a segment is `<first sequence, 20 digits>.log`:
//   header := "TIDEWAL2" first_sequence:u64le      the digit is the version of the format, records included
//   frame  := crc32c:u32le  length:u32le  payload[length]      crc over length and payload
// A frame with length 0 is invalid, so that a run of zero bytes never looks like records.
//
// `<first sequence, 20 digits>.unsettled` beside a segment is an empty file that says: the next segment may
// have been begun before the end of this one was safe from a power loss. If this one's end is torn and the
// next one is the last, the next one goes with what is torn. It is there from before such a rotation until
// the end is safe; where it is left behind any other segment it means nothing.
//
// `segment.new` is a segment that is being begun, or could not be: it means nothing, and the next one that is
// begun takes its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "wal/record.h"

namespace tidemark::wal {

inline constexpr char kSegmentMagic[] = "TIDEWAL2";
inline constexpr char kUnnamedSegment[] = "segment.new";
inline constexpr std::uint64_t kSegmentHeaderBytes = 16;
inline constexpr std::uint64_t kFrameHeaderBytes = 8;
// The payload of a record without writes has so many bytes.
inline constexpr std::size_t kPayloadBytesMin = 18;

std::string segment_name(SequenceNumber first);
// Nothing when the name is not a segment's.
std::optional<SequenceNumber> parse_segment_name(const std::string& name);
std::string unsettled_name(SequenceNumber first);
// Nothing when the name is not that of such a file.
std::optional<SequenceNumber> parse_unsettled_name(const std::string& name);
// The first sequence numbers of the segments in a directory, ascending.
Result<std::vector<SequenceNumber>> list_segments(const std::string& directory, FileSystem& files);

std::string segment_header(SequenceNumber first);
// Judges the first bytes of the segment at `path`, kSegmentHeaderBytes or what there is. Errors:
// kInvalidArgument when another version of Tidemark wrote it, kCorruption when they are not a header; both
// name the file.
Result<void> check_segment_header(const std::string& path, std::string_view header, SequenceNumber first);
// Header and payload of one frame.
void append_frame(std::string* out, std::string_view payload);
// `header`: the kFrameHeaderBytes before the payload.
bool frame_is_valid(std::string_view header, std::string_view payload);

}  // namespace tidemark::wal
