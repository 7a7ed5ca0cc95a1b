#include "transfer/import_error_log.h"

#include <utility>

#include "base/json_writer.h"
#include "base/log.h"

namespace tidemark::transfer {

std::string import_error_path(const std::string& directory, const std::string& import_id) {
  return directory + "/" + import_id + ".jsonl";
}

ImportErrorLog::ImportErrorLog(FileSystem& files, std::string directory, std::string import_arn,
                               const std::string& import_id)
    : files_(files),
      directory_(std::move(directory)),
      import_arn_(std::move(import_arn)),
      path_(import_error_path(directory_, import_id)) {
  if (!files_.exists(path_)) return;
  if (auto removed = files_.remove(path_); !removed) {
    log::warn("cannot remove the error log of an earlier attempt",
              {{"path", path_}, {"error", removed.error().message}});
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
  json.end_object();
  line += '\n';
  if (auto written = file_->append(line); !written) {
    log::warn("cannot write the error log of an import",
              {{"path", path_}, {"error", written.error().message}});
    lines_ = kLinesMax;
  }
}

}  // namespace tidemark::transfer
