#include "base/entry_list.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

std::string internal_key(const std::string& user_key, std::uint64_t tag) {
  std::string key = user_key;
  key.append(reinterpret_cast<const char*>(&tag), sizeof tag);
  return key;
}

// As RocksDB orders them.
struct InOrder {
  bool operator()(const std::string& a, const std::string& b) const {
    const std::size_t a_bytes = a.size() - 8;
    const std::size_t b_bytes = b.size() - 8;
    const int order = std::string_view(a).substr(0, a_bytes).compare(std::string_view(b).substr(0, b_bytes));
    if (order != 0) return order < 0;
    std::uint64_t a_tag = 0;
    std::uint64_t b_tag = 0;
    std::memcpy(&a_tag, a.data() + a_bytes, 8);
    std::memcpy(&b_tag, b.data() + b_bytes, 8);
    return a_tag > b_tag;
  }
};
using Model = std::set<std::string, InOrder>;

class Filled {
 public:
  void add(const std::string& key) {
    std::string text;
    for (std::size_t rest = key.size(); rest > 0 || text.empty(); rest >>= 7) {
      text.push_back(static_cast<char>((rest & 0x7f) | (rest >> 7 != 0 ? 0x80 : 0)));
    }
    text += key + '\1' + 'v';
    char* entry = nullptr;
    auto* const node = list.make(text.size(), &entry);
    std::ranges::copy(text, entry);
    list.insert(node);
  }

  // Null is nothing.
  static std::optional<std::string> key_of(const EntryList::Node* node) {
    if (node == nullptr) return std::nullopt;
    const char* entry = EntryList::entry(node);
    std::size_t bytes = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*entry++);
      bytes |= static_cast<std::size_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return std::string(entry, bytes);
  }

 private:
  std::deque<std::unique_ptr<char[]>> memory_;

 public:
  // Not aligned, as RocksDB's.
  EntryList list{[this](std::size_t bytes) {
    return memory_.emplace_back(std::make_unique<char[]>(bytes + 1)).get() + 1;
  }};
};

// Keys with much in common, shorter and longer than what is compared first, zeros at their ends among them.
std::string drawn_key(std::mt19937_64* random) {
  static const std::vector<std::string> kStarts = {"",         std::string(7, '\0'), "table-1",
                                                   "table-12", "table-123",          std::string(200, 'x')};
  std::string key = kStarts[(*random)() % kStarts.size()];
  for (std::size_t length = (*random)() % 4; length > 0; --length) {
    key.push_back(static_cast<char>((*random)() % 3 == 0 ? 0 : 'a' + (*random)() % 3));
  }
  return key;
}

std::optional<std::string> at(const Model& model, Model::const_iterator found) {
  return found == model.end() ? std::nullopt : std::optional(*found);
}

std::optional<std::string> before(const Model& model, Model::const_iterator found) {
  return found == model.begin() ? std::nullopt : std::optional(*std::prev(found));
}

TEST_CASE("a list of entries finds what a sorted set finds") {
  const auto seed = GENERATE(range(1, 5));
  INFO("seed " << seed);
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  Filled filled;
  Model model;
  CHECK(filled.list.first() == nullptr);
  CHECK(filled.list.last() == nullptr);
  for (std::uint64_t i = 1; i <= 3'000; ++i) {
    // Versions of a key come in any order.
    const std::string key = internal_key(drawn_key(&random), random() % 50 * 1'000'000 + i);
    filled.add(key);
    model.insert(key);
    const std::string wanted =
        random() % 2 == 0 ? key : internal_key(drawn_key(&random), random() % 50 * 1'000'000 + random() % i);
    const auto found = model.lower_bound(wanted);
    const auto* const node = filled.list.at_or_behind(wanted);
    REQUIRE(Filled::key_of(node) == at(model, found));
    if (node != nullptr) REQUIRE(Filled::key_of(filled.list.before(node)) == before(model, found));
    REQUIRE(Filled::key_of(filled.list.at_or_before(wanted)) == before(model, model.upper_bound(wanted)));
  }
  CHECK(Filled::key_of(filled.list.last()) == *model.rbegin());
  const auto* node = filled.list.first();
  for (const std::string& key : model) {
    REQUIRE(Filled::key_of(node) == key);
    node = EntryList::behind(node);
  }
  CHECK(node == nullptr);
}

TEST_CASE("a list of entries leaves out what a seen version hides") {
  const auto seed = GENERATE(range(1, 5));
  INFO("seed " << seed);
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  Filled filled;
  Model model;
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    // As RocksDB writes them, and now and then not.
    const std::uint64_t sequence = random() % 20 == 0 ? random() % i * 2 + 1 : i * 2;
    const std::string key = internal_key(drawn_key(&random), sequence << 8 | 1);
    if (model.insert(key).second) filled.add(key);
  }
  const auto sequence_of = [](const std::string& key) {
    std::uint64_t tag = 0;
    std::memcpy(&tag, key.data() + key.size() - 8, 8);
    return tag >> 8;
  };
  // The newest version of each key that a snapshot shows.
  const auto seen = [&](std::uint64_t snapshot, auto behind) {
    std::vector<std::string> found;
    for (const auto* node = filled.list.first(); node != nullptr; node = behind(node)) {
      const std::string key = *Filled::key_of(node);
      const std::string_view user_key = std::string_view(key).substr(0, key.size() - 8);
      const bool is_hidden =
          !found.empty() && std::string_view(found.back()).substr(0, found.back().size() - 8) == user_key;
      if (!is_hidden && sequence_of(key) <= snapshot) found.push_back(key);
    }
    return found;
  };
  for (const std::uint64_t snapshot :
       {std::uint64_t{0}, random() % 4'000, random() % 4'000, std::uint64_t{4'000}}) {
    int steps = 0;
    CHECK(seen(snapshot, [&](const EntryList::Node* node) {
            ++steps;
            return EntryList::behind_hidden(node, snapshot);
          }) == seen(snapshot, [](const EntryList::Node* node) { return EntryList::behind(node); }));
    if (snapshot == 4'000) CHECK(steps < 600);
  }
}

TEST_CASE("a list of entries guesses how many stand before a key") {
  Filled filled;
  constexpr std::uint64_t kEntries = 20'000;
  const auto key = [](std::uint64_t i) { return internal_key(std::to_string(1'000'000 + i), 1); };
  for (std::uint64_t i = 0; i < kEntries; ++i) filled.add(key(i));
  CHECK(filled.list.count_before(key(0)) == 0);
  const std::uint64_t half = filled.list.count_before(key(kEntries / 2));
  CHECK(half > kEntries / 8);
  CHECK(half < kEntries * 2);
}

TEST_CASE("a list of entries is read while it is written") {
  Filled filled;
  std::atomic<std::uint64_t> written = 0;
  constexpr std::uint64_t kEntries = 20'000;
  // Spread over the whole range, so that each comes between two others.
  const auto key = [](std::uint64_t i) {
    return internal_key(std::to_string(1'000'000 + i * 7'919 % kEntries), i + 1);
  };
  std::thread writer([&] {
    for (std::uint64_t i = 0; i < kEntries; ++i) {
      filled.add(key(i));
      written.store(i + 1, std::memory_order_release);
    }
  });
  bool is_in_order = true;
  bool has_all = true;
  for (std::uint64_t count = 0; count < kEntries && is_in_order && has_all;) {
    count = written.load(std::memory_order_acquire);
    std::uint64_t walked = 0;
    std::optional<std::string> last;
    for (const auto* node = filled.list.first(); node != nullptr; node = EntryList::behind(node), ++walked) {
      auto here = Filled::key_of(node);
      is_in_order = is_in_order && (!last || InOrder()(*last, *here));
      last = std::move(here);
    }
    has_all = walked >= count &&
              (count == 0 || Filled::key_of(filled.list.at_or_behind(key(count - 1))) == key(count - 1));
  }
  writer.join();
  CHECK(is_in_order);
  CHECK(has_all);
}

}  // namespace
}  // namespace tidemark
