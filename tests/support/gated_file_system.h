// A file system whose reads and writes, or whose syncs, wait at a gate, so that a test can hold a background
// job in mid-work.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"

namespace tidemark {

// The gate is open at first.
class GatedFileSystem final : public FileSystem {
 public:
  enum class Gate : std::uint8_t { kReadsAndWrites, kSyncs };

  explicit GatedFileSystem(FileSystem& real, Gate gate = Gate::kReadsAndWrites) : real_(real), gate_(gate) {}

  // What is gated waits from now on.
  void close_gate() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  void open_gate() {
    const std::lock_guard lock(mutex_);
    closed_ = false;
    waiting_ = 0;
    changed_.notify_all();
  }
  // Returns when somebody waits.
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  [[nodiscard]] bool is_held() {
    const std::lock_guard lock(mutex_);
    return waiting_ > 0;
  }
  // Lets those go on who wait; the gate stays closed.
  void let_through() {
    const std::lock_guard lock(mutex_);
    waiting_ = 0;
    ++let_through_;
    changed_.notify_all();
  }

  Result<std::unique_ptr<File>> open_append(const std::string& path) override {
    ASSIGN_OR_RETURN(auto file, real_.open_append(path));
    return std::make_unique<GatedFile>(*this, std::move(file));
  }
  Result<std::unique_ptr<File>> open_read(const std::string& path) override {
    ASSIGN_OR_RETURN(auto file, real_.open_read(path));
    return std::make_unique<GatedFile>(*this, std::move(file));
  }
  Result<void> replace(const std::string& path, std::string_view bytes, bool sync) override {
    if (sync) pass(Gate::kSyncs);
    return real_.replace(path, bytes, sync);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return real_.rename(from, to);
  }
  Result<void> link(const std::string& from, const std::string& to) override { return real_.link(from, to); }
  Result<void> remove(const std::string& path) override { return real_.remove(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return real_.list(directory);
  }
  Result<void> create_directories(const std::string& path) override { return real_.create_directories(path); }
  Result<void> sync_directory(const std::string& path) override {
    pass(Gate::kSyncs);
    return real_.sync_directory(path);
  }
  bool exists(const std::string& path) override { return real_.exists(path); }

 private:
  class GatedFile final : public File {
   public:
    GatedFile(GatedFileSystem& owner, std::unique_ptr<File> file) : owner_(owner), file_(std::move(file)) {}

    Result<void> append(std::string_view bytes) override {
      owner_.pass(Gate::kReadsAndWrites);
      return file_->append(bytes);
    }
    Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
      owner_.pass(Gate::kReadsAndWrites);
      return file_->read_at(offset, buffer, size);
    }
    Result<void> sync() override {
      owner_.pass(Gate::kSyncs);
      return file_->sync();
    }
    Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
    [[nodiscard]] std::uint64_t size() const override { return file_->size(); }
    [[nodiscard]] int descriptor() const override { return file_->descriptor(); }

   private:
    GatedFileSystem& owner_;
    const std::unique_ptr<File> file_;
  };

  void pass(Gate gate) {
    std::unique_lock lock(mutex_);
    if (!closed_ || gate != gate_) return;
    ++waiting_;
    changed_.notify_all();
    const int before = let_through_;
    changed_.wait(lock, [&] { return !closed_ || let_through_ != before; });
  }

  FileSystem& real_;
  const Gate gate_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool closed_ = false;  // guarded by mutex_
  int waiting_ = 0;      // guarded by mutex_, as is the next
  int let_through_ = 0;  // how often
};

}  // namespace tidemark
