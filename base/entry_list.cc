#include "base/entry_list.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

#include "base/check.h"

namespace tidemark {
namespace {

constexpr std::size_t kTagBytes = 8;
constexpr unsigned kTypeBits = 8;  // of a tag; the rest is the sequence number

std::uint64_t tag_at(const char* bytes) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t tag = 0;
  std::memcpy(&tag, bytes, sizeof tag);
  return tag;
}

// As a number that sorts as they do. Shorter keys get zeros: then all of both keys decides.
std::uint64_t first_bytes(std::string_view user_key) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, user_key.data(), std::min(user_key.size(), sizeof bytes));
  return __builtin_bswap64(bytes);
}

// The internal key at the front of an entry.
std::string_view internal_key_of(const char* entry) {
  std::uint32_t length = 0;
  for (unsigned shift = 0; shift < 32; shift += 7) {
    const auto byte = static_cast<unsigned char>(*entry++);
    length |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return {entry, length};
}

}  // namespace

struct EntryList::Key {
  explicit Key(std::string_view internal_key)
      : user_key(internal_key.substr(0, internal_key.size() - kTagBytes)),
        tag(tag_at(internal_key.data() + user_key.size())),
        start(first_bytes(user_key)) {}

  std::string_view user_key;
  std::uint64_t tag;
  std::uint64_t start;
};

// Its links stand before it in memory, the lowest one nearest; its entry behind it.
class EntryList::Node {
 public:
  [[nodiscard]] Node* next(int level) const { return link(level).load(std::memory_order_acquire); }
  void set_next(int level, Node* node) { link(level).store(node, std::memory_order_release); }
  // Nobody else sees the node yet.
  void set_next_quietly(int level, Node* node) { link(level).store(node, std::memory_order_relaxed); }

  [[nodiscard]] char* entry() { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] const char* entry() const { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] Key key() const { return Key(internal_key_of(entry())); }

  [[nodiscard]] bool is_before(const Key& key) const {
    if (start != key.start) return start < key.start;
    const Key own = this->key();
    const int order = own.user_key.compare(key.user_key);
    return order != 0 ? order < 0 : own.tag > key.tag;
  }

  std::uint64_t start = 0;  // of the user's key
  // Another version of the key, the oldest when this one came; null when this one was.
  const Node* oldest = nullptr;
  int height = 0;

 private:
  [[nodiscard]] std::atomic<Node*>& link(int level) const {
    return const_cast<std::atomic<Node*>*>(reinterpret_cast<const std::atomic<Node*>*>(this))[-1 - level];
  }
};

EntryList::EntryList(Allocate allocate) : allocate_(std::move(allocate)), head_(make_node(0, kHeightMax)) {}

EntryList::Node* EntryList::make_node(std::size_t entry_bytes, int height) {
  using Link = std::atomic<Node*>;
  static_assert(alignof(Node) == alignof(Link) && sizeof(Node) % alignof(Link) == 0);
  constexpr std::size_t kAlignment = alignof(Node);
  const std::size_t link_bytes = static_cast<std::size_t>(height) * sizeof(Link);
  char* memory = allocate_(kAlignment - 1 + link_bytes + sizeof(Node) + entry_bytes);
  memory += (kAlignment - reinterpret_cast<std::uintptr_t>(memory) % kAlignment) % kAlignment;
  for (std::size_t at = 0; at < link_bytes; at += sizeof(Link)) new (memory + at) Link(nullptr);
  Node* const node = new (memory + link_bytes) Node();
  node->height = height;
  return node;
}

int EntryList::draw_height() {
  // xorshift
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  int height = 1;
  for (std::uint64_t bits = random_; height < kHeightMax && bits % kBranching == 0; bits /= kBranching)
    ++height;
  return height;
}

EntryList::Node* EntryList::make(std::size_t entry_bytes, char** entry) {
  Node* const node = make_node(entry_bytes, draw_height());
  *entry = node->entry();
  return node;
}

void EntryList::insert(Node* node) {
  const Key key = node->key();
  node->start = key.start;
  const int top = std::max(height_.load(std::memory_order_relaxed), node->height);
  std::array<Node*, kHeightMax> before{};
  Node* at = head_;
  const Node* not_before = nullptr;
  for (int level = top - 1; level >= 0; --level) {
    Node* next = at->next(level);
    // What was found to be behind the key on the level above need not be compared again.
    while (next != not_before && next != nullptr && next->is_before(key)) {
      at = next;
      next = at->next(level);
    }
    not_before = next;
    before[static_cast<std::size_t>(level)] = at;
  }
  height_.store(top, std::memory_order_relaxed);
  if (not_before != nullptr && not_before->start == key.start && not_before->key().user_key == key.user_key) {
    node->oldest = not_before->oldest != nullptr ? not_before->oldest : not_before;
  }
  // From below: whoever meets the node on a level finds it on all lower ones.
  for (int level = 0; level < node->height; ++level) {
    Node* const previous = before[static_cast<std::size_t>(level)];
    node->set_next_quietly(level, previous->next(level));
    previous->set_next(level, node);
  }
}

EntryList::Node* EntryList::last_before(const Key& key) const {
  Node* at = head_;
  const Node* not_before = nullptr;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    Node* next = at->next(level);
    while (next != not_before && next != nullptr && next->is_before(key)) {
      at = next;
      next = at->next(level);
    }
    not_before = next;
  }
  return at;
}

const EntryList::Node* EntryList::first() const { return head_->next(0); }

const EntryList::Node* EntryList::last() const {
  const Node* at = head_;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    while (const Node* const next = at->next(level)) at = next;
  }
  return unless_head(at);
}

const EntryList::Node* EntryList::at_or_behind(std::string_view internal_key) const {
  const Key key(internal_key);
  const Node* node = last_before(key)->next(0);
  // The writer may have put one in between meanwhile.
  while (node != nullptr && node->is_before(key)) node = node->next(0);
  return node;
}

const EntryList::Node* EntryList::at_or_before(std::string_view internal_key) const {
  const Node* const behind_or_at = at_or_behind(internal_key);
  if (behind_or_at != nullptr) {
    const Key found = behind_or_at->key();
    const Key wanted(internal_key);
    if (found.tag == wanted.tag && found.user_key == wanted.user_key) return behind_or_at;
  }
  return unless_head(last_before(Key(internal_key)));
}

const EntryList::Node* EntryList::before(const Node* node) const {
  return unless_head(last_before(node->key()));
}

const EntryList::Node* EntryList::behind(const Node* node) { return node->next(0); }

const EntryList::Node* EntryList::behind_hidden(const Node* node, std::uint64_t sequence) {
  if (node->oldest == nullptr || node->key().tag >> kTypeBits > sequence) return node->next(0);
  return node->oldest->next(0);
}

const char* EntryList::entry(const Node* node) { return node->entry(); }

std::uint64_t EntryList::count_before(std::string_view internal_key) const {
  const Key key(internal_key);
  const Node* at = head_;
  std::uint64_t count = 0;
  for (int level = height_.load(std::memory_order_relaxed) - 1; level >= 0; --level) {
    count *= kBranching;
    for (const Node* next = at->next(level); next != nullptr && next->is_before(key);
         next = at->next(level)) {
      at = next;
      ++count;
    }
  }
  return count;
}

}  // namespace tidemark
