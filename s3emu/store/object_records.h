// The rows of `<store>/meta`: keys and values.
//
// ON DISK. Names and object keys hold no 0 byte, so a 0 ends them and bytewise order is kept.
//
//   b <bucket>                                -> bucket record
//   s <bucket> 0 <name>                       -> a setting of the bucket, as it was given
//   o <bucket> 0 <key>                        -> object record: the current version, unless a delete marker
//   v <bucket> 0 <key> 0 <~sequence: u64be>   -> object record: a noncurrent version or a delete marker
//   n <bucket> 0 <key>                        -> sequence (u64be) of the `v` row of the version `null`, if it
//                                                has one
//   d <data id>                               -> bytes of an object or part up to 16 KiB
//   i <data id>                               -> block sums (block_sums.h): that data file is in use
//   u <bucket> 0 <key> 0 <upload id>          -> upload record
//   p <upload id> 0 <part number: u16be>      -> part record
//   f <upload id>                             -> finished record
//
// Versions of a key have rising sequences; `v` rows stand newest first. An `o` row is the newest version of
// its key. Without one, the newest `v` row, if there is any, is a delete marker. Of the versions of a key one
// at most is `null`. `d` and `i` rows belong to one version or part each and come and go in the batch that
// refers to them.
//
// A value is: format byte, then fields in the order of the encoders in object_records.cc; integers are
// varints, texts are length-prefixed. New fields go to the end: a reader takes what is missing as empty.
// Format 2 of object and finished records has the owner behind the checksum; format 1, without, is still
// read.
//
// The version of an object record is a text: empty, written while the bucket never had versioning (its
// sequence is then last_modified in microseconds); 8 bytes, a `null` version: the sequence, big endian; 24
// bytes: the sequence and 16 random bytes, whose base64url is the version id.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "s3emu/store/object_types.h"

namespace tidemark::s3emu {

inline constexpr std::size_t kInlineSizeMax = kInMemorySizeMax;

// A run of bytes of an object or part.
struct Segment {
  std::string data_id;
  bool is_inline = false;  // under `d`, not in a file
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Tells the versions of a key apart.
struct VersionStamp {
  std::uint64_t sequence = 0;
  std::string random;      // 16 bytes; empty: the version `null`
  bool is_stored = false;  // false: of a bucket that never had versioning

  bool operator==(const VersionStamp&) const = default;
};

struct ObjectRecord {
  ObjectInfo info;  // its key and version id are not part of the value
  VersionStamp version;
  ObjectMetadata metadata;
  std::vector<ObjectPart> parts;
  std::vector<Segment> segments;
};

struct UploadRecord {
  UploadInfo info;  // key and id are not part of the value
  ObjectMetadata metadata;
};

struct PartRecord {
  PartInfo info;  // its number is not part of the value
  std::vector<Segment> segments;
  std::string crc64nvme;  // raw; of a part that came with another checksum to an upload that declared none
};

// What a finished upload became.
struct FinishedRecord {
  std::string bucket;
  VersionStamp version;
  Timestamp finished;
  ObjectInfo info;
  std::string parts;  // digest of the list of parts it was finished with; empty in older records
};

std::string bucket_row(std::string_view bucket);
std::string settings_prefix(std::string_view bucket);
std::string setting_row(std::string_view bucket, std::string_view name);
std::string objects_prefix(std::string_view bucket);
std::string object_row(std::string_view bucket, std::string_view key);
std::string versions_prefix(std::string_view bucket);
std::string versions_prefix(std::string_view bucket, std::string_view key);
std::string version_row(std::string_view bucket, std::string_view key, std::uint64_t sequence);
// The sequence at the end of a version row.
std::uint64_t sequence_of_row(std::string_view row);
std::string null_row(std::string_view bucket, std::string_view key);
std::string encode_sequence(std::uint64_t sequence);
// Errors: kCorruption.
Result<std::uint64_t> decode_sequence(std::string_view value);
std::string inline_row(std::string_view data_id);
std::string file_row(std::string_view data_id);
std::string uploads_family();
std::string uploads_prefix(std::string_view bucket);
std::string upload_row(std::string_view bucket, std::string_view key, std::string_view upload_id);
std::string parts_family();
std::string_view upload_id_of_part_row(std::string_view row);
std::string parts_prefix(std::string_view upload_id);
std::string part_row(std::string_view upload_id, int number);
std::string finished_row(std::string_view upload_id);
// The first row behind all that begin with `prefix`, which holds a byte below 0xff.
std::string row_after_prefix(std::string prefix);

// `null`, or 32 characters of base64url.
std::string version_id(const VersionStamp& version);
// The stamp behind an id; `null` has sequence 0. Nothing for what is no version id.
std::optional<VersionStamp> parse_version_id(std::string_view id);

std::string encode(const BucketInfo& record);
std::string encode(const ObjectRecord& record);
std::string encode(const UploadRecord& record);
std::string encode(const PartRecord& record);
std::string encode(const FinishedRecord& record);

// Errors of all: kCorruption.
Result<BucketInfo> decode_bucket(std::string name, std::string_view value);
Result<ObjectRecord> decode_object(std::string key, std::string_view value);
// Reads no further than a listing needs.
Result<ObjectInfo> decode_object_info(std::string key, std::string_view value,
                                      VersionStamp* version = nullptr);
Result<UploadRecord> decode_upload(std::string key, std::string id, std::string_view value);
Result<PartRecord> decode_part(int number, std::string_view value);
Result<FinishedRecord> decode_finished(std::string_view value);

}  // namespace tidemark::s3emu
