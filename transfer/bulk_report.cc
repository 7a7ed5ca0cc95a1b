#include "transfer/bulk_report.h"

#include <functional>
#include <utility>

#include "base/json.h"
#include "base/json_writer.h"

namespace tidemark::transfer {
namespace {

constexpr std::size_t kReadBlockBytes = 1 << 20;

// In the order of the enumeration.
constexpr std::array<std::string_view, 2> kKindNames = {"ERROR", "CONDITION_CHECK_FAILURE"};
constexpr std::array<std::string_view, 2> kFileNames = {".errors.jsonl", ".condition-failures.jsonl"};

void write_place(const RecordPlace& place, JsonWriter& json) {
  json.key("itemS3Pointer");
  json.begin_object();
  json.member("bucket", place.bucket);
  json.member("key", place.key);
  json.member("itemIndex", static_cast<std::int64_t>(place.index));
  json.end_object();
}

// Calls `take` with each whole line of the file, line feed included. What behind the last line feed was not
// written to its end is left out.
Result<void> for_each_line(const File& file, const std::function<Result<void>(std::string_view)>& take) {
  std::string buffer;
  std::string block(kReadBlockBytes, '\0');
  for (std::uint64_t offset = 0; offset < file.size();) {
    ASSIGN_OR_RETURN(const std::size_t got, file.read_at(offset, block.data(), block.size()));
    if (got == 0) break;
    offset += got;
    buffer.append(block, 0, got);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = buffer.find('\n', begin)) != std::string::npos; begin = end + 1) {
      RETURN_IF_ERROR(take(std::string_view(buffer).substr(begin, end + 1 - begin)));
    }
    buffer.erase(0, begin);
  }
  return {};
}

// Whether the line is about a record that is done with. One that cannot be read is not.
bool is_done_with(std::string_view line, const BulkProgress& progress, json::Document& document) {
  const auto root = document.parse(line);
  const auto pointer = root && root->is_object() ? root->find("itemS3Pointer") : std::nullopt;
  if (!pointer || !pointer->is_object()) return false;
  const auto key = pointer->find("key");
  const auto index = pointer->find("itemIndex");
  if (!key || !key->is_string() || !index || index->type() != json::Type::kInteger) return false;
  const auto object = progress.find(key->string());
  return object != progress.end() && static_cast<std::uint64_t>(index->integer()) < object->second.records;
}

}  // namespace

std::string_view report_kind_name(ReportKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

std::string BulkReport::path_of(ReportKind kind) const {
  return directory_ + '/' + bulk_id_ + std::string(kFileNames[static_cast<std::size_t>(kind)]);
}

Result<void> BulkReport::open(bool with_errors, bool with_condition_failures, const BulkProgress& progress) {
  RETURN_IF_ERROR(files_.create_directories(directory_));
  if (with_errors) RETURN_IF_ERROR(open_part(ReportKind::kError, progress));
  if (with_condition_failures) RETURN_IF_ERROR(open_part(ReportKind::kConditionFailure, progress));
  return {};
}

Result<void> BulkReport::open_part(ReportKind kind, const BulkProgress& progress) {
  const std::lock_guard lock(mutex_);
  Part& part = parts_[static_cast<std::size_t>(kind)];
  const std::string path = path_of(kind);
  if (files_.exists(path)) {
    const std::string kept_path = path + ".kept";
    if (files_.exists(kept_path)) RETURN_IF_ERROR(files_.remove(kept_path));
    ASSIGN_OR_RETURN(const auto earlier, files_.open_read(path));
    ASSIGN_OR_RETURN(const auto kept, files_.open_append(kept_path));
    json::Document document;
    RETURN_IF_ERROR(for_each_line(*earlier, [&](std::string_view line) -> Result<void> {
      if (!is_done_with(line, progress, document)) return {};
      ++part.lines;
      return kept->append(line);
    }));
    RETURN_IF_ERROR(files_.rename(kept_path, path));
  }
  ASSIGN_OR_RETURN(part.file, files_.open_append(path));
  return {};
}

Result<void> BulkReport::add_error(const RecordPlace& place, std::string_view message) {
  std::string line;
  JsonWriter json(&line);
  json.begin_object();
  write_place(place, json);
  json.key("errorMessages");
  json.begin_array();
  json.string(message);
  json.end_array();
  json.end_object();
  return add(ReportKind::kError, std::move(line));
}

Result<void> BulkReport::add_condition_failure(const RecordPlace& place, std::string_view item,
                                               std::optional<std::string_view> existing_item) {
  std::string line;
  JsonWriter json(&line);
  json.begin_object();
  write_place(place, json);
  json.key("Item"), json.raw(item);
  if (existing_item) json.key("ExistingItem"), json.raw(*existing_item);
  json.end_object();
  return add(ReportKind::kConditionFailure, std::move(line));
}

Result<void> BulkReport::add(ReportKind kind, std::string line) {
  const std::lock_guard lock(mutex_);
  Part& part = parts_[static_cast<std::size_t>(kind)];
  if (!part.file) return {};
  line += '\n';
  RETURN_IF_ERROR(part.file->append(line));
  ++part.lines;
  return {};
}

Result<std::unique_ptr<File>> BulkReport::read(ReportKind kind) const {
  if (lines(kind) == 0) return nullptr;
  return files_.open_read(path_of(kind));
}

std::uint64_t BulkReport::lines(ReportKind kind) const {
  const std::lock_guard lock(mutex_);
  return part(kind).lines;
}

Result<void> BulkReport::remove() {
  for (const ReportKind kind : kReportKinds) {
    if (files_.exists(path_of(kind))) RETURN_IF_ERROR(files_.remove(path_of(kind)));
  }
  return {};
}

}  // namespace tidemark::transfer
