#include "base/memtable.h"

#include <rocksdb/memtablerep.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "base/entry_list.h"

namespace tidemark {
namespace {

std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// What RocksDB seeks for somebody who is to see everything, or wants to be in front of all versions of a key.
constexpr std::uint64_t kLastSequence = (std::uint64_t{1} << 56) - 1;

std::uint64_t sequence_of(const rocksdb::Slice& internal_key) {
  std::uint64_t tag = 0;
  std::memcpy(&tag, internal_key.data() + internal_key.size() - sizeof tag, sizeof tag);
  return tag >> 8;
}

// A reader begins with a seek for what its snapshot shows. From then on it is spared the versions that it
// could see, were they not overwritten: RocksDB would step over eight of them, and then seek. That holds
// while nothing is merged: the newest version that is seen decides alone. Flushes seek nothing, and see all.
class EntryIterator : public rocksdb::MemTableRep::Iterator {
 public:
  explicit EntryIterator(const EntryList& list) : list_(list) {}

  [[nodiscard]] bool Valid() const override { return node_ != nullptr; }
  [[nodiscard]] const char* key() const override { return EntryList::entry(node_); }
  void Next() override {
    node_ = snapshot_ == 0 ? EntryList::behind(node_) : EntryList::behind_hidden(node_, snapshot_);
  }
  void Prev() override { node_ = list_.before(node_); }
  void Seek(const rocksdb::Slice& internal_key, const char*) override {
    if (snapshot_ == 0) {
      const std::uint64_t sequence = sequence_of(internal_key);
      if (sequence != kLastSequence) snapshot_ = sequence;
    }
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
  std::uint64_t snapshot_ = 0;  // 0: not known
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
