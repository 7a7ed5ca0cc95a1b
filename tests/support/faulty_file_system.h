// A file system that fails when told to and forgets what was not synced: the real one behind a thin layer of
// bookkeeping.
//
//   FaultyFileSystem files;
//   files.fail_operation(3);          the third operation from now that changes something fails, half done
//   files.lose_power(keep);           cuts every file to what was synced, plus a part of the rest
//
// Files that were open before lose_power() must not be used after.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"

namespace tidemark {

class FaultyFileSystem final : public FileSystem {
 public:
  // The `nth` operation from now that writes, syncs, truncates, creates or removes fails (1: the next one),
  // and with `stays_broken` all later ones too. A write that fails has written its first half.
  void fail_operation(int nth, bool stays_broken = false, ErrorCode code = ErrorCode::kIo) {
    const std::lock_guard lock(mutex_);
    countdown_ = nth;
    stays_broken_ = stays_broken;
    code_ = code;
  }
  void heal() { fail_operation(0); }
  // Operations counted so far.
  [[nodiscard]] int operations() const {
    const std::lock_guard lock(mutex_);
    return operations_;
  }

  // Cuts the bytes off each file that were never synced, but for the first `keep_percent` of them.
  // Files whose directory entry was never synced vanish when nothing of them was.
  void lose_power(int keep_percent) {
    const std::lock_guard lock(mutex_);
    for (auto& [path, kept_state] : states_) {
      State& state = *kept_state;
      if (!real_.exists(path)) continue;
      auto file = real_.open_append(path);
      if (!file) continue;
      const std::uint64_t size = (*file)->size();
      const std::uint64_t unsynced = size > state.synced_bytes ? size - state.synced_bytes : 0;
      const std::uint64_t kept =
          state.synced_bytes + unsynced * static_cast<std::uint64_t>(keep_percent) / 100;
      if (kept < size) static_cast<void>((*file)->truncate(kept));
      state.synced_bytes = kept;
      if (kept == 0 && !state.entry_synced) static_cast<void>(real_.remove(path));
    }
    countdown_ = 0;
    stays_broken_ = false;
  }

  Result<std::unique_ptr<File>> open_append(const std::string& path) override {
    RETURN_IF_ERROR(step("open", path));
    const bool existed = real_.exists(path);
    ASSIGN_OR_RETURN(auto file, real_.open_append(path));
    const std::lock_guard lock(mutex_);
    std::shared_ptr<State>& state = states_[path];
    if (!state) {
      // What was there before this object is as safe as can be.
      state = std::make_shared<State>();
      *state = {.synced_bytes = existed ? file->size() : 0, .entry_synced = existed};
    }
    return std::make_unique<FaultyFile>(*this, path, state, std::move(file));
  }
  Result<std::unique_ptr<File>> open_read(const std::string& path) override { return real_.open_read(path); }
  Result<void> replace(const std::string& path, std::string_view bytes, bool sync) override {
    RETURN_IF_ERROR(step("replace", path));
    return real_.replace(path, bytes, sync);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(step("rename", from));
    RETURN_IF_ERROR(real_.rename(from, to));
    const std::lock_guard lock(mutex_);
    states_.erase(to);
    if (auto moved = states_.extract(from)) {
      moved.key() = to;
      moved.mapped()->entry_synced = false;
      states_.insert(std::move(moved));
    }
    return {};
  }
  Result<void> link(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(step("link", from));
    return real_.link(from, to);
  }
  Result<void> remove(const std::string& path) override {
    RETURN_IF_ERROR(step("remove", path));
    return real_.remove(path);
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return real_.list(directory);
  }
  Result<void> create_directories(const std::string& path) override { return real_.create_directories(path); }
  Result<void> sync_directory(const std::string& path) override {
    RETURN_IF_ERROR(step("sync directory", path));
    const std::lock_guard lock(mutex_);
    for (auto& [name, state] : states_) {
      if (name.starts_with(path + '/')) state->entry_synced = true;
    }
    return {};
  }
  bool exists(const std::string& path) override { return real_.exists(path); }

 private:
  struct State {
    std::uint64_t synced_bytes = 0;
    bool entry_synced = false;
  };

  class FaultyFile final : public File {
   public:
    FaultyFile(FaultyFileSystem& owner, std::string path, std::shared_ptr<State> state,
               std::unique_ptr<File> file)
        : owner_(owner), path_(std::move(path)), state_(std::move(state)), file_(std::move(file)) {}

    Result<void> append(std::string_view bytes) override {
      if (auto allowed = owner_.step("write", path_); !allowed) {
        static_cast<void>(file_->append(bytes.substr(0, bytes.size() / 2)));
        return allowed;
      }
      return file_->append(bytes);
    }
    Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
      return file_->read_at(offset, buffer, size);
    }
    Result<void> sync() override {
      const std::uint64_t size = file_->size();
      RETURN_IF_ERROR(owner_.step("sync", path_));
      const std::lock_guard lock(owner_.mutex_);
      state_->synced_bytes = size;
      return {};
    }
    Result<void> truncate(std::uint64_t size) override {
      RETURN_IF_ERROR(owner_.step("truncate", path_));
      const std::lock_guard lock(owner_.mutex_);
      state_->synced_bytes = std::min(state_->synced_bytes, size);
      return file_->truncate(size);
    }
    [[nodiscard]] std::uint64_t size() const override { return file_->size(); }
    [[nodiscard]] int descriptor() const override { return file_->descriptor(); }

   private:
    FaultyFileSystem& owner_;
    const std::string path_;              // when it was opened
    const std::shared_ptr<State> state_;  // its members are guarded by owner_.mutex_
    const std::unique_ptr<File> file_;
  };

  Result<void> step(std::string_view what, const std::string& path) {
    const std::lock_guard lock(mutex_);
    ++operations_;
    if (countdown_ == 0) return {};
    if (countdown_ > 1) {
      --countdown_;
      return {};
    }
    if (!stays_broken_) countdown_ = 0;
    return fail(Error{code_, std::string(what) + ' ' + path + ": made to fail"});
  }

  FileSystem& real_ = posix_file_system();
  mutable std::mutex mutex_;
  int countdown_ = 0;  // guarded by mutex_, as is all below; 1: the next operation fails, 0: none does
  bool stays_broken_ = false;
  ErrorCode code_ = ErrorCode::kIo;
  int operations_ = 0;
  std::map<std::string, std::shared_ptr<State>> states_;
};

}  // namespace tidemark
