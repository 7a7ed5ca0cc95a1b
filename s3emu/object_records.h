// The rows of `<store>/meta`: keys and values.
//
// ON DISK. Names and object keys hold no 0 byte, so a 0 ends them and bytewise order is kept.
//
//   b <bucket>                                -> bucket record
//   o <bucket> 0 <key>                        -> object record: the current version
//   d <data id>                               -> bytes of an object or part up to 16 KiB
//   i <data id>                               -> empty: the data file of that id is in use
//   u <bucket> 0 <key> 0 <upload id>          -> upload record
//   p <upload id> 0 <part number: u16be>      -> part record
//   f <upload id>                             -> finished record
//   v <bucket> 0 <key> 0 <inverted sequence>  -> kept for noncurrent versions
//
// A value is: format byte (1), then fields in the order of the encoders in object_records.cc; integers are
// varints, texts are length-prefixed. New fields go to the end: a reader takes what is missing as empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "s3emu/object_store.h"

namespace tidemark::s3emu {

inline constexpr std::size_t kInlineSizeMax = 16 << 10;

// A run of bytes of an object or part.
struct Segment {
  std::string data_id;
  bool is_inline = false;  // under `d`, not in a file
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct ObjectRecord {
  ObjectInfo info;  // its key is not part of the value
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
};

// What a finished upload became.
struct FinishedRecord {
  std::string bucket;
  Timestamp finished;
  ObjectInfo info;
};

std::string bucket_row(std::string_view bucket);
std::string objects_prefix(std::string_view bucket);
std::string object_row(std::string_view bucket, std::string_view key);
std::string inline_row(std::string_view data_id);
std::string file_row(std::string_view data_id);
std::string uploads_prefix(std::string_view bucket);
std::string upload_row(std::string_view bucket, std::string_view key, std::string_view upload_id);
std::string parts_prefix(std::string_view upload_id);
std::string part_row(std::string_view upload_id, int number);
std::string finished_row(std::string_view upload_id);
// The first row behind all that begin with `prefix`, which holds a byte below 0xff.
std::string row_after_prefix(std::string prefix);

std::string encode(const BucketInfo& record);
std::string encode(const ObjectRecord& record);
std::string encode(const UploadRecord& record);
std::string encode(const PartRecord& record);
std::string encode(const FinishedRecord& record);

// Errors of all: kCorruption.
Result<BucketInfo> decode_bucket(std::string name, std::string_view value);
Result<ObjectRecord> decode_object(std::string key, std::string_view value);
// Reads no further than a listing needs.
Result<ObjectInfo> decode_object_info(std::string key, std::string_view value);
Result<UploadRecord> decode_upload(std::string key, std::string id, std::string_view value);
Result<PartRecord> decode_part(int number, std::string_view value);
Result<FinishedRecord> decode_finished(std::string_view value);

}  // namespace tidemark::s3emu
