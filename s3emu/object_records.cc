#include "s3emu/object_records.h"

#include "base/bytes.h"
#include "base/check.h"

namespace tidemark::s3emu {
namespace {

constexpr char kFormat = 1;
// Of an object record. Set ones are refused by a reader that does not know them.
constexpr std::uint64_t kFlagMultipart = 1;

void put_text(std::string* out, std::string_view text) {
  append_varint(out, text.size());
  out->append(text);
}

void put_values(std::string* out, const NamedValues& values) {
  append_varint(out, values.size());
  for (const auto& [name, value] : values) {
    put_text(out, name);
    put_text(out, value);
  }
}

void put_time(std::string* out, Timestamp time) {
  append_varint(out, static_cast<std::uint64_t>(time.micros));
}

void put_checksum(std::string* out, const Checksum& checksum) {
  out->push_back(static_cast<char>(checksum.algorithm));
  out->push_back(static_cast<char>(checksum.type));
  put_text(out, checksum.value);
  append_varint(out, checksum.parts_count);
}

void put_metadata(std::string* out, const ObjectMetadata& metadata) {
  put_values(out, metadata.headers);
  put_values(out, metadata.tags);
}

void put_segments(std::string* out, const std::vector<Segment>& segments) {
  append_varint(out, segments.size());
  for (const Segment& segment : segments) {
    put_text(out, segment.data_id);
    out->push_back(segment.is_inline ? 1 : 0);
    append_varint(out, segment.offset);
    append_varint(out, segment.size);
  }
}

// The fields of one value from front to back. After a broken field all further ones are empty and ok() false.
class Fields {
 public:
  explicit Fields(std::string_view value) : rest_(value) {
    if (byte() != static_cast<std::uint8_t>(kFormat)) ok_ = false;
  }

  [[nodiscard]] bool ok() const { return ok_; }

  std::uint8_t byte() {
    if (rest_.empty()) {
      ok_ = false;
      return 0;
    }
    const auto first = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }

  std::uint64_t number() {
    const auto value = take_varint(&rest_);
    if (!value) ok_ = false;
    return value.value_or(0);
  }

  std::string text() {
    const std::uint64_t size = number();
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    std::string out(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return out;
  }

  Timestamp time() { return {static_cast<std::int64_t>(number())}; }

  NamedValues values() {
    NamedValues out;
    for (std::uint64_t left = number(); ok_ && left > 0; --left) {
      std::string name = text();
      out.emplace_back(std::move(name), text());
    }
    return out;
  }

  Checksum checksum() {
    Checksum out;
    const std::uint8_t algorithm = byte();
    const std::uint8_t type = byte();
    if (algorithm > static_cast<std::uint8_t>(kChecksumAlgorithmLast) || type > 1) ok_ = false;
    out.algorithm = static_cast<ChecksumAlgorithm>(algorithm);
    out.type = static_cast<ChecksumType>(type);
    out.value = text();
    out.parts_count = static_cast<std::uint32_t>(number());
    return out;
  }

  std::vector<Segment> segments() {
    std::vector<Segment> out;
    for (std::uint64_t left = number(); ok_ && left > 0; --left) {
      Segment segment;
      segment.data_id = text();
      segment.is_inline = byte() != 0;
      segment.offset = number();
      segment.size = number();
      out.push_back(std::move(segment));
    }
    return out;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void put_info(std::string* out, const ObjectInfo& info) {
  append_varint(out, info.multipart ? kFlagMultipart : 0);
  put_text(out, {});  // version id: none
  append_varint(out, info.size);
  put_text(out, info.etag);
  put_time(out, info.last_modified);
  put_text(out, info.storage_class);
  put_checksum(out, info.checksum);
}

ObjectInfo take_info(Fields* fields, std::string key, bool* known) {
  ObjectInfo info;
  info.key = std::move(key);
  const std::uint64_t flags = fields->number();
  *known = (flags & ~kFlagMultipart) == 0;
  info.multipart = (flags & kFlagMultipart) != 0;
  fields->text();
  info.size = fields->number();
  info.etag = fields->text();
  info.last_modified = fields->time();
  info.storage_class = fields->text();
  info.checksum = fields->checksum();
  return info;
}

auto broken(std::string_view what, std::string_view key) {
  return fail(
      Error::corruption("object store: broken " + std::string(what) + " record of " + std::string(key)));
}

std::string joined(char family, std::string_view a) {
  std::string row(1, family);
  row.append(a);
  return row;
}

std::string joined(char family, std::string_view a, std::string_view b) {
  std::string row = joined(family, a);
  row.push_back('\0');
  row.append(b);
  return row;
}

}  // namespace

std::string bucket_row(std::string_view bucket) { return joined('b', bucket); }
std::string objects_prefix(std::string_view bucket) { return joined('o', bucket, {}); }
std::string object_row(std::string_view bucket, std::string_view key) { return joined('o', bucket, key); }
std::string inline_row(std::string_view data_id) { return joined('d', data_id); }
std::string file_row(std::string_view data_id) { return joined('i', data_id); }
std::string uploads_prefix(std::string_view bucket) { return joined('u', bucket, {}); }

std::string upload_row(std::string_view bucket, std::string_view key, std::string_view upload_id) {
  std::string row = joined('u', bucket, key);
  row.push_back('\0');
  row.append(upload_id);
  return row;
}

std::string parts_prefix(std::string_view upload_id) { return joined('p', upload_id, {}); }

std::string part_row(std::string_view upload_id, int number) {
  std::string row = parts_prefix(upload_id);
  append_u16_be(&row, static_cast<std::uint16_t>(number));
  return row;
}

std::string finished_row(std::string_view upload_id) { return joined('f', upload_id); }

std::string row_after_prefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  INVARIANT(!prefix.empty());
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

std::string encode(const BucketInfo& record) {
  std::string out(1, kFormat);
  put_text(&out, record.region);
  put_time(&out, record.created);
  return out;
}

Result<BucketInfo> decode_bucket(std::string name, std::string_view value) {
  Fields fields(value);
  BucketInfo record{std::move(name), fields.text(), {}};
  record.created = fields.time();
  if (!fields.ok()) return broken("bucket", record.name);
  return record;
}

std::string encode(const ObjectRecord& record) {
  std::string out(1, kFormat);
  put_info(&out, record.info);
  put_metadata(&out, record.metadata);
  append_varint(&out, record.parts.size());
  for (const ObjectPart& part : record.parts) {
    append_varint(&out, part.size);
    put_text(&out, part.checksum);
  }
  put_segments(&out, record.segments);
  return out;
}

Result<ObjectRecord> decode_object(std::string key, std::string_view value) {
  Fields fields(value);
  ObjectRecord record;
  bool known = true;
  record.info = take_info(&fields, std::move(key), &known);
  record.metadata.headers = fields.values();
  record.metadata.tags = fields.values();
  record.metadata.storage_class = record.info.storage_class;
  for (std::uint64_t left = fields.number(); fields.ok() && left > 0; --left) {
    ObjectPart part;
    part.size = fields.number();
    part.checksum = fields.text();
    record.parts.push_back(std::move(part));
  }
  record.segments = fields.segments();
  if (!fields.ok() || !known) return broken("object", record.info.key);
  return record;
}

Result<ObjectInfo> decode_object_info(std::string key, std::string_view value) {
  Fields fields(value);
  bool known = true;
  ObjectInfo info = take_info(&fields, std::move(key), &known);
  if (!fields.ok() || !known) return broken("object", info.key);
  return info;
}

std::string encode(const UploadRecord& record) {
  std::string out(1, kFormat);
  put_time(&out, record.info.initiated);
  put_text(&out, record.info.storage_class);
  out.push_back(static_cast<char>(record.info.checksum));
  out.push_back(static_cast<char>(record.info.checksum_type));
  put_metadata(&out, record.metadata);
  return out;
}

Result<UploadRecord> decode_upload(std::string key, std::string id, std::string_view value) {
  Fields fields(value);
  UploadRecord record;
  record.info.key = std::move(key);
  record.info.id = std::move(id);
  record.info.initiated = fields.time();
  record.info.storage_class = fields.text();
  record.info.checksum = static_cast<ChecksumAlgorithm>(fields.byte());
  record.info.checksum_type = static_cast<ChecksumType>(fields.byte());
  record.metadata.headers = fields.values();
  record.metadata.tags = fields.values();
  record.metadata.storage_class = record.info.storage_class;
  if (!fields.ok() || record.info.checksum > kChecksumAlgorithmLast) {
    return broken("upload", record.info.key);
  }
  return record;
}

std::string encode(const PartRecord& record) {
  std::string out(1, kFormat);
  append_varint(&out, record.info.size);
  put_text(&out, record.info.etag);
  put_time(&out, record.info.last_modified);
  put_checksum(&out, record.info.checksum);
  put_segments(&out, record.segments);
  return out;
}

Result<PartRecord> decode_part(int number, std::string_view value) {
  Fields fields(value);
  PartRecord record;
  record.info.number = number;
  record.info.size = fields.number();
  record.info.etag = fields.text();
  record.info.last_modified = fields.time();
  record.info.checksum = fields.checksum();
  record.segments = fields.segments();
  if (!fields.ok()) return broken("part", std::to_string(number));
  return record;
}

std::string encode(const FinishedRecord& record) {
  std::string out(1, kFormat);
  put_text(&out, record.bucket);
  put_text(&out, record.info.key);
  put_time(&out, record.finished);
  put_info(&out, record.info);
  return out;
}

Result<FinishedRecord> decode_finished(std::string_view value) {
  Fields fields(value);
  FinishedRecord record;
  bool known = true;
  record.bucket = fields.text();
  std::string key = fields.text();
  record.finished = fields.time();
  record.info = take_info(&fields, std::move(key), &known);
  if (!fields.ok() || !known) return broken("finished upload", record.info.key);
  return record;
}

}  // namespace tidemark::s3emu
