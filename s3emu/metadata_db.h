// The RocksDB that holds the store's metadata: rows, batches, cursors. The one place of s3emu that knows it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tidemark::s3emu {

// Rows to be written together or not at all.
struct Batch {
  struct Row {
    std::string key;
    std::optional<std::string> value;  // nothing: erase
  };
  std::vector<Row> rows;

  void put(std::string key, std::string value) { rows.push_back({std::move(key), std::move(value)}); }
  void erase(std::string key) { rows.push_back({std::move(key), std::nullopt}); }
};

// A walk over rows in bytewise order, as they were when it was made. key() and value() are views that the
// next step ends; both, and next(), need valid(). Must not outlive the database. Not thread-safe.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void seek(std::string_view key) = 0;
  [[nodiscard]] virtual bool valid() const = 0;
  virtual void next() = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
  // Ask when valid() has become false: the end of the range, or an error.
  [[nodiscard]] virtual Result<void> status() const = 0;
};

// Thread-safety: all methods may be called concurrently. Errors: kIo, kNoSpace, kCorruption.
class MetadataDb {
 public:
  static Result<std::unique_ptr<MetadataDb>> open(const std::string& directory, bool sync);

  virtual ~MetadataDb() = default;
  virtual Result<std::optional<std::string>> get(std::string_view key) = 0;
  // With `sync`, durable when it returns.
  virtual Result<void> write(const Batch& batch) = 0;
  // Rows in [prefix, end of prefix).
  virtual std::unique_ptr<Cursor> cursor(std::string_view prefix) = 0;
};

}  // namespace tidemark::s3emu
