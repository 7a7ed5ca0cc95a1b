#include "transfer/import_error_log.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/json_fields.h"
#include "base/json_writer.h"
#include "base/log.h"

namespace tidemark::transfer {
namespace {

constexpr std::string_view kTimeMember = ",\"timestamp\":";

std::optional<Timestamp> time_at_end(std::string_view line, std::size_t member) {
  if (member == std::string_view::npos) return std::nullopt;
  const std::string_view digits = line.substr(member + kTimeMember.size());
  std::int64_t millis = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), millis);
  const bool is_all = error == std::errc() && std::string_view(end, digits.data() + digits.size()) == "}";
  return is_all ? std::optional(Timestamp::from_millis(millis)) : std::nullopt;
}

// The key of the object that a line is about; empty when it says none.
std::string key_of_line(std::string_view line) {
  json::Document document;
  const auto root = document.parse(line);
  if (!root || !root->is_object()) return {};
  bool is_damaged = false;
  const auto pointer = JsonFields(*root, &is_damaged).object("itemS3Pointer");
  std::string key;
  if (pointer) pointer->read("key", &key);
  return is_damaged ? std::string() : key;
}

}  // namespace

std::string import_error_path(const std::string& directory, const std::string& import_id) {
  return directory + "/" + import_id + ".jsonl";
}

Result<std::vector<ImportError>> read_import_errors(FileSystem& files, const std::string& path,
                                                    Timestamp otherwise) {
  ASSIGN_OR_RETURN(const std::string text, read_file(files, path));
  std::vector<ImportError> errors;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const std::size_t member = line.rfind(kTimeMember);
    if (const auto time = time_at_end(line, member)) {
      errors.push_back({*time, std::string(line.substr(0, member)) + "}"});
    } else {
      errors.push_back({otherwise, std::string(line)});
    }
  }
  return errors;
}

ImportErrorLog::ImportErrorLog(FileSystem& files, Clock& clock, std::string directory, std::string import_arn,
                               const std::string& import_id, const std::set<std::string>& done_keys)
    : files_(files),
      clock_(clock),
      directory_(std::move(directory)),
      import_arn_(std::move(import_arn)),
      path_(import_error_path(directory_, import_id)) {
  if (!files_.exists(path_)) return;
  if (!done_keys.empty()) keep_lines(done_keys);
  if (file_) return;
  if (auto removed = files_.remove(path_); !removed) {
    log::warn("cannot remove the error log of an earlier attempt",
              {{"path", path_}, {"error", removed.error().message}});
  }
}

void ImportErrorLog::keep_lines(const std::set<std::string>& done_keys) {
  const auto text = read_file(files_, path_);
  if (!text) return;
  std::string kept;
  for (std::size_t begin = 0, end = 0; (end = text->find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string_view line = std::string_view(*text).substr(begin, end + 1 - begin);
    if (!done_keys.contains(key_of_line(line))) continue;
    kept += line;
    ++lines_;
  }
  if (kept.empty()) return;
  auto replaced = files_.replace(path_, kept, true).and_then([&] { return files_.open_append(path_); });
  if (replaced) {
    file_ = *std::move(replaced);
  } else {
    log::warn("cannot go on with the error log of an import",
              {{"path", path_}, {"error", replaced.error().message}});
  }
}

std::string ImportErrorLog::path() const {
  const std::lock_guard lock(mutex_);
  return file_ ? path_ : std::string();
}

void ImportErrorLog::add(std::string_view bucket, std::string_view key, std::uint64_t item_index,
                         std::string_view message) {
  const std::lock_guard lock(mutex_);
  if (lines_ >= kLinesMax) return;
  ++lines_;
  if (!file_) {
    auto opened = files_.create_directories(directory_).and_then([&] { return files_.open_append(path_); });
    if (!opened) {
      log::warn("cannot open the error log of an import",
                {{"path", path_}, {"error", opened.error().message}});
      lines_ = kLinesMax;
      return;
    }
    file_ = *std::move(opened);
  }
  std::string line;
  JsonWriter json(&line);
  json.begin_object();
  json.key("itemS3Pointer");
  json.begin_object();
  json.member("bucket", bucket);
  json.member("key", key);
  json.member("itemIndex", static_cast<std::int64_t>(item_index));
  json.end_object();
  json.member("importArn", import_arn_);
  json.key("errorMessages");
  json.begin_array();
  json.string(message);
  json.end_array();
  json.member("timestamp", clock_.now().millis());
  json.end_object();
  line += '\n';
  if (auto written = file_->append(line); !written) {
    log::warn("cannot write the error log of an import",
              {{"path", path_}, {"error", written.error().message}});
    lines_ = kLinesMax;
  }
}

void ImportErrorLog::sync() {
  const std::lock_guard lock(mutex_);
  if (!file_) return;
  auto synced = file_->sync().and_then([this] { return files_.sync_directory(directory_); });
  if (!synced) {
    log::warn("cannot sync the error log of an import", {{"path", path_}, {"error", synced.error().message}});
  }
}

}  // namespace tidemark::transfer
