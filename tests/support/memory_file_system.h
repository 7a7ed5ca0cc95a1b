// Files in memory, in one flat directory: for tests that write very many small ones. Errors are those of a
// real file system; syncing does nothing. Files must not be used from several threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"

namespace tidemark {

class MemoryFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open_append(const std::string& path) override {
    auto& bytes = files_[path];
    if (bytes == nullptr) bytes = std::make_shared<std::string>();
    return std::make_unique<MemoryFile>(bytes);
  }
  Result<std::unique_ptr<File>> open_read(const std::string& path) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return fail(Error::not_found(path));
    return std::make_unique<MemoryFile>(found->second);
  }
  Result<void> replace(const std::string& path, std::string_view bytes, bool) override {
    files_[path] = std::make_shared<std::string>(bytes);
    return {};
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    RETURN_IF_ERROR(link(from, to));
    return remove(from);
  }
  Result<void> link(const std::string& from, const std::string& to) override {
    const auto found = files_.find(from);
    if (found == files_.end()) return fail(Error::not_found(from));
    files_[to] = found->second;
    return {};
  }
  Result<void> remove(const std::string& path) override {
    if (files_.erase(path) == 0) return fail(Error::not_found(path));
    return {};
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    const std::string prefix = directory + '/';
    for (const auto& [path, bytes] : files_) {
      if (path.starts_with(prefix)) names.push_back(path.substr(prefix.size()));
    }
    return names;
  }
  Result<void> create_directories(const std::string&) override { return {}; }
  Result<void> sync_directory(const std::string&) override { return {}; }
  bool exists(const std::string& path) override { return files_.contains(path); }

 private:
  class MemoryFile final : public File {
   public:
    explicit MemoryFile(std::shared_ptr<std::string> bytes) : bytes_(std::move(bytes)) {}
    Result<void> append(std::string_view bytes) override {
      bytes_->append(bytes);
      return {};
    }
    Result<std::size_t> read_at(std::uint64_t offset, char* buffer, std::size_t size) const override {
      if (offset >= bytes_->size()) return 0;
      return bytes_->copy(buffer, size, static_cast<std::size_t>(offset));
    }
    Result<void> sync() override { return {}; }
    Result<void> truncate(std::uint64_t size) override {
      bytes_->resize(static_cast<std::size_t>(size));
      return {};
    }
    [[nodiscard]] std::uint64_t size() const override { return bytes_->size(); }
    [[nodiscard]] int descriptor() const override { return -1; }

   private:
    const std::shared_ptr<std::string> bytes_;
  };

  std::map<std::string, std::shared_ptr<std::string>> files_;
};

}  // namespace tidemark
