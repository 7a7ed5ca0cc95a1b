#include "base/memtable.h"

#include <rocksdb/memtablerep.h>

#include <cstddef>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "base/entry_list.h"

namespace tidemark {
namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class EntryIterator : public rocksdb::MemTableRep::Iterator {
 public:
  explicit EntryIterator(const EntryList& list) : list_(list) {}

  [[nodiscard]] bool Valid() const override { return node_ != nullptr; }
  [[nodiscard]] const char* key() const override { return EntryList::entry(node_); }
  void Next() override { node_ = EntryList::behind(node_); }
  void Prev() override { node_ = list_.before(node_); }
  void Seek(const rocksdb::Slice& internal_key, const char*) override {
    node_ = list_.at_or_behind(view(internal_key));
  }
  void SeekForPrev(const rocksdb::Slice& internal_key, const char*) override {
    node_ = list_.at_or_before(view(internal_key));
  }
  void SeekToFirst() override { node_ = list_.first(); }
  void SeekToLast() override { node_ = list_.last(); }

 private:
  const EntryList& list_;
  const EntryList::Node* node_ = nullptr;
};

// An iterator of which the caller ends the life without freeing its memory, which it expects to be in an
// arena of its own. RocksDB's headers do not show that arena: the memory goes back to the thread instead.
class ArenaIterator final : public EntryIterator {
 public:
  static ArenaIterator* make(const EntryList& list) {
    auto& kept = kept_memory();
    if (kept.empty()) return new (::operator new(sizeof(ArenaIterator))) ArenaIterator(list);
    void* const memory = kept.back().release();
    kept.pop_back();
    return new (memory) ArenaIterator(list);
  }
  ArenaIterator(const ArenaIterator&) = delete;
  ArenaIterator& operator=(const ArenaIterator&) = delete;
  ~ArenaIterator() override {
    auto& kept = kept_memory();
    if (kept.size() == kKeptMax) kept.pop_back();
    kept.emplace_back(this);
  }

 private:
  // A thread may end more of them than it begins.
  static constexpr std::size_t kKeptMax = 64;
  struct Free {
    void operator()(void* memory) const { ::operator delete(memory); }
  };
  using KeptMemory = std::vector<std::unique_ptr<void, Free>>;

  explicit ArenaIterator(const EntryList& list) : EntryIterator(list) {}

  static KeptMemory& kept_memory() {
    thread_local KeptMemory kept;
    return kept;
  }
};

// The one that Get() of RocksDB's base class uses, and never deletes.
class LookupIterator final : public EntryIterator {
 public:
  static LookupIterator* make(const EntryList& list) {
    alignas(LookupIterator) thread_local std::byte memory[sizeof(LookupIterator)];
    return new (memory) LookupIterator(list);
  }
  // Should a later version delete it.
  static void operator delete(void*) {}

 private:
  using EntryIterator::EntryIterator;
  static void* operator new(std::size_t, void* memory) { return memory; }
};

class EntryListMemTable final : public rocksdb::MemTableRep {
 public:
  explicit EntryListMemTable(rocksdb::Allocator* allocator)
      : MemTableRep(allocator), list_([this](std::size_t bytes) {
          char* memory = nullptr;
          MemTableRep::Allocate(bytes, &memory);
          return memory;
        }) {}

  rocksdb::KeyHandle Allocate(std::size_t bytes, char** entry) override { return list_.make(bytes, entry); }
  void Insert(rocksdb::KeyHandle handle) override { list_.insert(static_cast<EntryList::Node*>(handle)); }
  [[nodiscard]] bool Contains(const char* entry) const override {
    const rocksdb::Slice wanted = rocksdb::GetLengthPrefixedSlice(entry);
    const EntryList::Node* const node = list_.at_or_behind(view(wanted));
    return node != nullptr && rocksdb::GetLengthPrefixedSlice(EntryList::entry(node)) == wanted;
  }
  std::uint64_t ApproximateNumEntries(const rocksdb::Slice& begin, const rocksdb::Slice& end) override {
    const std::uint64_t before_begin = list_.count_before(view(begin));
    const std::uint64_t before_end = list_.count_before(view(end));
    return before_end > before_begin ? before_end - before_begin : 0;
  }
  // All of it comes from the allocator.
  std::size_t ApproximateMemoryUsage() override { return 0; }
  Iterator* GetIterator(rocksdb::Arena* arena) override {
    if (arena != nullptr) return ArenaIterator::make(list_);
    return new EntryIterator(list_);
  }
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    return arena != nullptr ? GetIterator(arena) : LookupIterator::make(list_);
  }

 private:
  EntryList list_;
};

class EntryListFactory final : public rocksdb::MemTableRepFactory {
 public:
  [[nodiscard]] const char* Name() const override { return "TidemarkEntryListFactory"; }
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator&,
                                          rocksdb::Allocator* allocator, const rocksdb::SliceTransform*,
                                          rocksdb::Logger*) override {
    return new EntryListMemTable(allocator);
  }
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> make_memtable_factory() {
  return std::make_shared<EntryListFactory>();
}

}  // namespace tidemark
