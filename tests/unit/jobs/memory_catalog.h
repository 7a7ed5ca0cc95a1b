// A catalog of documents in memory: nothing of the engine runs in the tests of jobs.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "storage/catalog.h"

namespace tidemark::jobs {

class MemoryCatalog final : public storage::Catalog {
 public:
  Result<void> put_document(std::string_view kind, std::string_view key, std::string json) override {
    const std::lock_guard lock(mutex_);
    if (is_full) return fail(Error::no_space("the disk is full"));
    documents_[std::string(kind)].insert_or_assign(std::string(key), std::move(json));
    return {};
  }
  Result<void> remove_document(std::string_view kind, std::string_view key) override {
    const std::lock_guard lock(mutex_);
    if (is_full) return fail(Error::no_space("the disk is full"));
    documents_[std::string(kind)].erase(std::string(key));
    return {};
  }
  [[nodiscard]] std::optional<std::string> find_document(std::string_view kind,
                                                         std::string_view key) const override {
    const std::lock_guard lock(mutex_);
    const auto documents = documents_.find(std::string(kind));
    if (documents == documents_.end()) return std::nullopt;
    const auto found = documents->second.find(std::string(key));
    return found == documents->second.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> list_documents(
      std::string_view kind) const override {
    const std::lock_guard lock(mutex_);
    const auto documents = documents_.find(std::string(kind));
    if (documents == documents_.end()) return {};
    return {documents->second.begin(), documents->second.end()};
  }

  // Jobs know nothing of tables.
  [[nodiscard]] storage::TablePtr find(const storage::Owner&, std::string_view) const override {
    return nullptr;
  }
  [[nodiscard]] storage::TablePtr find(storage::TableId) const override { return nullptr; }
  [[nodiscard]] std::vector<std::string> list(const storage::Owner&, std::string_view,
                                              std::size_t) const override {
    return {};
  }
  [[nodiscard]] std::vector<storage::TablePtr> all() const override { return {}; }
  [[nodiscard]] storage::TablePtr find_retired(storage::TableId) const override { return nullptr; }
  [[nodiscard]] std::vector<storage::TablePtr> retired() const override { return {}; }

  std::atomic<bool> is_full = false;  // every change fails

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, std::string>> documents_;  // guarded by mutex_
};

}  // namespace tidemark::jobs
