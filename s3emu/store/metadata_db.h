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
class MetadataCursor {
 public:
  virtual ~MetadataCursor() = default;
  virtual void seek(std::string_view key) = 0;
  [[nodiscard]] virtual bool valid() const = 0;
  virtual void next() = 0;
  [[nodiscard]] virtual std::string_view key() const = 0;
  [[nodiscard]] virtual std::string_view value() const = 0;
  // Ask when valid() has become false: the end of the range, or an error.
  [[nodiscard]] virtual Result<void> status() const = 0;
};

// Rows to be read, of one of the three below. Errors: kIo, kCorruption.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;
  // Rows in [prefix, end of prefix).
  virtual std::unique_ptr<MetadataCursor> cursor(std::string_view prefix) const = 0;
};

// Changes to be written together, which its own reads see already. A cursor does not see what is changed
// after it was made. Not thread-safe; must not outlive the database.
class Edit : public Rows {
 public:
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;
  [[nodiscard]] virtual bool is_empty() const = 0;
  void add(const Batch& batch);
};

// Thread-safety: all methods may be called concurrently. Errors: kIo, kNoSpace (then nothing was written),
// kUnavailable, kCorruption.
class MetadataDb : public Rows {
 public:
  static Result<std::unique_ptr<MetadataDb>> open(const std::string& directory, bool sync);

  // With `sync`, durable when it returns.
  virtual Result<void> write(const Batch& batch) = 0;
  virtual std::unique_ptr<Edit> edit() = 0;
  // An edit that this database has made; write it once.
  virtual Result<void> write(Edit& edit) = 0;
  // The rows as they are now. Thread-safe; may outlive this object, and then keeps the files locked.
  virtual std::shared_ptr<const Rows> snapshot() = 0;
};

}  // namespace tidemark::s3emu
