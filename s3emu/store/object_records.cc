#include "s3emu/store/object_records.h"

#include "base/bytes.h"
#include "base/check.h"

namespace tidemark::s3emu {
namespace {

constexpr char kFormat = 1;
constexpr char kObjectFormat = 2;  // of object and finished records
// The flags of an object record. A reader refuses set ones that it does not know.
constexpr std::uint64_t kFlagMultipart = 1;
constexpr std::uint64_t kFlagDeleteMarker = 2;
constexpr std::uint64_t kFlagsKnown = kFlagMultipart | kFlagDeleteMarker;

constexpr std::size_t kSequenceSize = 8;
constexpr std::size_t kVersionRandomSize = 16;

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

void put_owner(std::string* out, const ObjectOwner& owner) {
  put_text(out, owner.id);
  put_text(out, owner.display_name);
}

void put_access(std::string* out, const ObjectMetadata& metadata) {
  put_text(out, metadata.acl);
  out->push_back(static_cast<char>(metadata.lock.mode));
  put_time(out, metadata.lock.retain_until);
  out->push_back(metadata.lock.legal_hold ? 1 : 0);
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
  explicit Fields(std::string_view value, char format_max = kFormat) : rest_(value) {
    format_ = byte();
    if (format_ < 1 || format_ > static_cast<std::uint8_t>(format_max)) ok_ = false;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] int format() const { return format_; }
  // Whether the writer knew the fields that follow.
  [[nodiscard]] bool has_more() const { return ok_ && !rest_.empty(); }

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

  ObjectOwner owner() {
    ObjectOwner out;
    out.id = text();
    out.display_name = text();
    return out;
  }

  void access(ObjectMetadata* metadata) {
    metadata->acl = text();
    const std::uint8_t mode = byte();
    if (mode > static_cast<std::uint8_t>(LockMode::kCompliance)) ok_ = false;
    metadata->lock.mode = static_cast<LockMode>(mode);
    metadata->lock.retain_until = time();
    metadata->lock.legal_hold = byte() != 0;
  }

  VersionStamp version() {
    const std::string stored = text();
    VersionStamp out;
    out.is_stored = !stored.empty();
    if (!out.is_stored) return out;
    if (stored.size() != kSequenceSize && stored.size() != kSequenceSize + kVersionRandomSize) {
      ok_ = false;
      return out;
    }
    out.sequence = read_u64_be(stored.data());
    out.random = stored.substr(kSequenceSize);
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
  std::uint8_t format_ = 0;
  bool ok_ = true;
};

void put_info(std::string* out, const ObjectInfo& info, const VersionStamp& version) {
  append_varint(out, (info.multipart ? kFlagMultipart : 0) | (info.is_delete_marker ? kFlagDeleteMarker : 0));
  std::string stamp;
  if (version.is_stored) append_u64_be(&stamp, version.sequence);
  put_text(out, stamp + version.random);
  append_varint(out, info.size);
  put_text(out, info.etag);
  put_time(out, info.last_modified);
  put_text(out, info.storage_class);
  put_checksum(out, info.checksum);
  put_owner(out, info.owner);
}

ObjectInfo take_info(Fields* fields, std::string key, VersionStamp* version, bool* known) {
  ObjectInfo info;
  info.key = std::move(key);
  const std::uint64_t flags = fields->number();
  *known = (flags & ~kFlagsKnown) == 0;
  info.multipart = (flags & kFlagMultipart) != 0;
  info.is_delete_marker = (flags & kFlagDeleteMarker) != 0;
  *version = fields->version();
  info.size = fields->number();
  info.etag = fields->text();
  info.last_modified = fields->time();
  info.storage_class = fields->text();
  info.checksum = fields->checksum();
  if (fields->format() >= kObjectFormat) info.owner = fields->owner();
  if (!version->is_stored) version->sequence = static_cast<std::uint64_t>(info.last_modified.micros);
  if (version->is_stored) info.version_id = version_id(*version);
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
std::string settings_prefix(std::string_view bucket) { return joined('s', bucket, {}); }
std::string setting_row(std::string_view bucket, std::string_view name) { return joined('s', bucket, name); }
std::string objects_prefix(std::string_view bucket) { return joined('o', bucket, {}); }
std::string object_row(std::string_view bucket, std::string_view key) { return joined('o', bucket, key); }
std::string versions_prefix(std::string_view bucket) { return joined('v', bucket, {}); }

std::string versions_prefix(std::string_view bucket, std::string_view key) {
  std::string row = joined('v', bucket, key);
  row.push_back('\0');
  return row;
}

std::string version_row(std::string_view bucket, std::string_view key, std::uint64_t sequence) {
  std::string row = versions_prefix(bucket, key);
  append_u64_be(&row, ~sequence);
  return row;
}

std::uint64_t sequence_of_row(std::string_view row) {
  INVARIANT(row.size() > kSequenceSize);
  return ~read_u64_be(row.data() + row.size() - kSequenceSize);
}

std::string null_row(std::string_view bucket, std::string_view key) { return joined('n', bucket, key); }

std::string encode_sequence(std::uint64_t sequence) {
  std::string value;
  append_u64_be(&value, sequence);
  return value;
}

Result<std::uint64_t> decode_sequence(std::string_view value) {
  if (value.size() != kSequenceSize) {
    return fail(Error::corruption("object store: broken sequence of a null version"));
  }
  return read_u64_be(value.data());
}

std::string inline_row(std::string_view data_id) { return joined('d', data_id); }
std::string file_row(std::string_view data_id) { return joined('i', data_id); }
std::string uploads_family() { return joined('u', {}); }
std::string uploads_prefix(std::string_view bucket) { return joined('u', bucket, {}); }

std::string upload_row(std::string_view bucket, std::string_view key, std::string_view upload_id) {
  std::string row = joined('u', bucket, key);
  row.push_back('\0');
  row.append(upload_id);
  return row;
}

std::string parts_family() { return joined('p', {}); }

std::string_view upload_id_of_part_row(std::string_view row) {
  constexpr std::size_t kNumberSize = 2;
  INVARIANT(row.size() > 2 + kNumberSize);
  return row.substr(1, row.size() - 2 - kNumberSize);
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

std::string version_id(const VersionStamp& version) {
  if (version.random.empty()) return "null";
  std::string raw;
  append_u64_be(&raw, version.sequence);
  std::string id = base64_encode(raw + version.random);
  for (char& c : id) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return id;
}

std::optional<VersionStamp> parse_version_id(std::string_view id) {
  if (id == "null") return VersionStamp{};
  constexpr std::size_t kIdSize = 32;
  if (id.size() != kIdSize || id.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string text(id);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const auto raw = base64_decode(text);
  if (!raw || raw->size() != kSequenceSize + kVersionRandomSize) return std::nullopt;
  return VersionStamp{read_u64_be(raw->data()), raw->substr(kSequenceSize), true};
}

std::string encode(const BucketInfo& record) {
  std::string out(1, kFormat);
  put_text(&out, record.region);
  put_time(&out, record.created);
  put_owner(&out, record.owner);
  out.push_back(static_cast<char>(record.versioning));
  out.push_back(record.object_lock ? 1 : 0);
  return out;
}

Result<BucketInfo> decode_bucket(std::string name, std::string_view value) {
  Fields fields(value);
  BucketInfo record;
  record.name = std::move(name);
  record.region = fields.text();
  record.created = fields.time();
  bool known = true;
  if (fields.has_more()) {
    record.owner = fields.owner();
    const std::uint8_t versioning = fields.byte();
    known = versioning <= static_cast<std::uint8_t>(Versioning::kSuspended);
    record.versioning = static_cast<Versioning>(versioning);
    record.object_lock = fields.byte() != 0;
  }
  if (!fields.ok() || !known) return broken("bucket", record.name);
  return record;
}

std::string encode(const ObjectRecord& record) {
  std::string out(1, kObjectFormat);
  put_info(&out, record.info, record.version);
  put_metadata(&out, record.metadata);
  append_varint(&out, record.parts.size());
  for (const ObjectPart& part : record.parts) {
    append_varint(&out, part.size);
    put_text(&out, part.checksum);
  }
  put_segments(&out, record.segments);
  put_access(&out, record.metadata);
  return out;
}

Result<ObjectRecord> decode_object(std::string key, std::string_view value) {
  Fields fields(value, kObjectFormat);
  ObjectRecord record;
  bool known = true;
  record.info = take_info(&fields, std::move(key), &record.version, &known);
  record.metadata.headers = fields.values();
  record.metadata.tags = fields.values();
  record.metadata.storage_class = record.info.storage_class;
  record.metadata.owner = record.info.owner;
  for (std::uint64_t left = fields.number(); fields.ok() && left > 0; --left) {
    ObjectPart part;
    part.size = fields.number();
    part.checksum = fields.text();
    record.parts.push_back(std::move(part));
  }
  record.segments = fields.segments();
  if (fields.has_more()) fields.access(&record.metadata);
  if (!fields.ok() || !known) return broken("object", record.info.key);
  return record;
}

Result<ObjectInfo> decode_object_info(std::string key, std::string_view value, VersionStamp* version) {
  Fields fields(value, kObjectFormat);
  bool known = true;
  VersionStamp stamp;
  ObjectInfo info = take_info(&fields, std::move(key), version != nullptr ? version : &stamp, &known);
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
  put_owner(&out, record.info.owner);
  put_access(&out, record.metadata);
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
  if (fields.has_more()) {
    record.info.owner = fields.owner();
    record.metadata.owner = record.info.owner;
    fields.access(&record.metadata);
  }
  if (!fields.ok() || record.info.checksum > kChecksumAlgorithmLast) return broken("upload", record.info.key);
  return record;
}

std::string encode(const PartRecord& record) {
  std::string out(1, kFormat);
  append_varint(&out, record.info.size);
  put_text(&out, record.info.etag);
  put_time(&out, record.info.last_modified);
  put_checksum(&out, record.info.checksum);
  put_segments(&out, record.segments);
  put_text(&out, record.crc64nvme);
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
  if (fields.has_more()) record.crc64nvme = fields.text();
  if (!fields.ok()) return broken("part", std::to_string(number));
  return record;
}

std::string encode(const FinishedRecord& record) {
  std::string out(1, kObjectFormat);
  put_text(&out, record.bucket);
  put_text(&out, record.info.key);
  put_time(&out, record.finished);
  put_info(&out, record.info, record.version);
  put_text(&out, record.parts);
  return out;
}

Result<FinishedRecord> decode_finished(std::string_view value) {
  Fields fields(value, kObjectFormat);
  FinishedRecord record;
  bool known = true;
  record.bucket = fields.text();
  std::string key = fields.text();
  record.finished = fields.time();
  record.info = take_info(&fields, std::move(key), &record.version, &known);
  if (fields.has_more()) record.parts = fields.text();
  if (!fields.ok() || !known) return broken("finished upload", record.info.key);
  return record;
}

}  // namespace tidemark::s3emu
