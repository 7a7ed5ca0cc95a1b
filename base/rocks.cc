#include "base/rocks.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/status.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include "base/log.h"

namespace tidemark {
namespace {

class ForwardingLogger final : public rocksdb::Logger {
 public:
  explicit ForwardingLogger(std::string name)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), name_(std::move(name)) {}

  using rocksdb::Logger::Logv;
  // What comes without a level is the header: options, one a line.
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level > rocksdb::InfoLogLevel::FATAL_LEVEL) return;
    std::array<char, 2'048> text;  // RocksDB's lines are shorter; what is not is cut
    const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (size <= 0) return;
    const std::string_view line(text.data(), std::min(static_cast<std::size_t>(size), text.size() - 1));
    // Said of every bulk load, whose files carry no id of the database that they come into.
    if (line.find("opened without unique ID") != std::string_view::npos) return;
    if (level == rocksdb::InfoLogLevel::WARN_LEVEL) {
      log::warn("RocksDB warns", {{"store", name_}, {"text", line}});
    } else {
      log::error("RocksDB reports an error", {{"store", name_}, {"text", line}});
    }
  }

 private:
  const std::string name_;
};

}  // namespace

Error rocks_error(const rocksdb::Status& status, std::string_view what) {
  std::string message = std::string(what) + ": " + status.ToString();
  if (status.IsNoSpace()) return Error::no_space(std::move(message));
  if (status.IsCorruption()) return Error::corruption(std::move(message));
  // Incomplete: it would have to wait for something that has stopped.
  if (status.IsBusy() || status.IsTryAgain() || status.IsIncomplete() || status.IsShutdownInProgress()) {
    return Error::unavailable(std::move(message));
  }
  return Error::io(std::move(message));
}

bool DamageWatch::takes(const rocksdb::Status& error, bool of_compaction) {
  if (!of_compaction || !error.IsCorruption()) return false;
  has_to_stop_ = true;
  if (!is_found_.exchange(true)) {
    log::error("a file is damaged: what lies in it is refused, and files are not merged any more",
               {{"status", error.ToString()}});
  }
  return true;
}

void DamageWatch::stop_compactions(rocksdb::DB& db,
                                   const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
  if (!has_to_stop_.exchange(false)) return;
  for (rocksdb::ColumnFamilyHandle* const family : families) {
    const rocksdb::Status status = db.SetOptions(family, {{"disable_auto_compactions", "true"}});
    if (!status.ok()) log::warn("compactions go on", {{"status", status.ToString()}});
  }
}

std::shared_ptr<rocksdb::Logger> rocks_logger(std::string name) {
  return std::make_shared<ForwardingLogger>(std::move(name));
}

}  // namespace tidemark
