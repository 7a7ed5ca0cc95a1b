#include "storage/store/keys.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace tidemark::storage {
namespace {

void append_parts(std::string* out, const std::vector<model::KeyPart>& parts) {
  for (const auto& part : parts) append_component(out, part.sort_bytes);
}

void append_key(std::string* out, const model::Key& key) {
  append_parts(out, key.partition);
  append_parts(out, key.sort);
}

std::size_t bytes_of(const model::Key& key) {
  std::size_t bytes = 0;
  for (const auto& part : key.partition) bytes += part.sort_bytes.size() + 2;
  for (const auto& part : key.sort) bytes += part.sort_bytes.size() + 2;
  return bytes;
}

// A component without its terminator, so that it is a prefix of every component that begins with `bytes`.
void append_open_component(std::string* out, std::string_view bytes) {
  append_component(out, bytes);
  out->resize(out->size() - 2);
}

std::string id_and_hash(TableId id, std::uint32_t hash) {
  std::string out;
  append_u32_be(&out, hash < kHashes ? number(id) : number(id) + 1);
  append_u16_be(&out, static_cast<std::uint16_t>(hash));
  return out;
}

// What stands directly behind every key that begins with these whole components.
std::string behind(std::string_view components) { return prefix_end(components); }

}  // namespace

void append_component(std::string* out, std::string_view bytes) {
  while (true) {
    const void* zero = bytes.empty() ? nullptr : std::memchr(bytes.data(), 0, bytes.size());
    if (zero == nullptr) break;
    const auto length = static_cast<std::size_t>(static_cast<const char*>(zero) - bytes.data());
    out->append(bytes.substr(0, length + 1));
    out->push_back('\xff');
    bytes.remove_prefix(length + 1);
  }
  out->append(bytes);
  out->append("\0\1", 2);
}

Result<std::string> take_component(std::string_view* in) {
  std::string bytes;
  std::string_view rest = *in;
  while (true) {
    const auto zero = rest.find('\0');
    if (zero == std::string_view::npos || zero + 1 >= rest.size()) {
      return fail(Error::corruption("a key component has no end"));
    }
    bytes.append(rest.substr(0, zero));
    const char escape = rest[zero + 1];
    rest.remove_prefix(zero + 2);
    if (escape == '\1') break;
    if (escape != '\xff') return fail(Error::corruption("a key component has an invalid escape"));
    bytes.push_back('\0');
  }
  *in = rest;
  return bytes;
}

std::string partition_prefix(TableId id, const std::vector<model::KeyPart>& partition) {
  std::string out;
  append_u32_be(&out, number(id));
  append_u16_be(&out, model::partition_hash(partition));
  append_parts(&out, partition);
  return out;
}

std::string state_key(TableId table, const model::Key& key) {
  std::string out;
  out.reserve(kKeyPrefixBytes + bytes_of(key));
  append_u32_be(&out, number(table));
  append_u16_be(&out, model::partition_hash(key.partition));
  append_key(&out, key);
  return out;
}

std::string index_key(TableId index, const model::Key& index_key, const model::Key& table_key) {
  std::string out;
  out.reserve(kKeyPrefixBytes + bytes_of(index_key) + bytes_of(table_key));
  append_u32_be(&out, number(index));
  append_u16_be(&out, model::partition_hash(index_key.partition));
  append_key(&out, index_key);
  append_key(&out, table_key);
  return out;
}

TableId id_of(std::string_view encoded_key) { return TableId{read_u32_be(encoded_key.data())}; }

std::uint16_t hash_of(std::string_view encoded_key) { return read_u16_be(encoded_key.data() + kIdBytes); }

KeyRange id_range(TableId id) { return {id_and_hash(id, 0), id_and_hash(id, kHashes)}; }

KeyRange hash_range(TableId id, HashRange hashes) {
  return {id_and_hash(id, hashes.first), id_and_hash(id, hashes.last + 1U)};
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

// Every component ends in 0x00 0x01, and inside one a 0x00 is always followed by 0xff. So `prefix +
// component` has as its successor, behind everything that continues it, the same bytes with the last 0x01
// raised to 0x02; and of two different components no encoding is a prefix of the other.
KeyRange intersection(const KeyRange& a, const KeyRange& b) {
  KeyRange both{std::max(a.begin, b.begin), std::min(a.end, b.end)};
  both.end = std::max(both.begin, both.end);
  return both;
}

KeyRange query_range(const Target& target, const std::vector<model::KeyPart>& partition,
                     const SortCondition& sort) {
  std::string prefix = partition_prefix(target.id(), partition);
  append_parts(&prefix, sort.equal_prefix);
  const auto with = [&prefix](const model::KeyPart& part) {
    std::string key = prefix;
    append_component(&key, part.sort_bytes);
    return key;
  };
  switch (sort.op) {
    case SortOperator::kNone:
      break;
    case SortOperator::kEqual:
      return {with(sort.low), behind(with(sort.low))};
    case SortOperator::kLess:
      return {prefix, with(sort.low)};
    case SortOperator::kLessOrEqual:
      return {prefix, behind(with(sort.low))};
    case SortOperator::kGreater:
      return {behind(with(sort.low)), behind(prefix)};
    case SortOperator::kGreaterOrEqual:
      return {with(sort.low), behind(prefix)};
    case SortOperator::kBetween: {
      KeyRange range{with(sort.low), behind(with(sort.high))};
      if (range.end < range.begin) range.end = range.begin;
      return range;
    }
    case SortOperator::kBeginsWith: {
      std::string begin = prefix;
      append_open_component(&begin, sort.low.sort_bytes);
      // An operand of 0xff bytes alone has its end behind the whole prefix.
      return {begin, prefix_end(begin)};
    }
  }
  return {prefix, behind(prefix)};
}

KeyRange segment_range(const Target& target, std::uint32_t segment, std::uint32_t total_segments) {
  const TableId id = target.id();
  return {id_and_hash(id, first_hash_of_share(segment, total_segments)),
          id_and_hash(id, first_hash_of_share(segment + 1, total_segments))};
}

std::size_t partitions_in(const Table& table, const KeyRange& range) {
  const std::uint32_t first = hash_of(range.begin);
  // The end may be the beginning of what comes behind the table, or of a hash that is no part of the range.
  std::uint32_t end = kHashes;
  if (id_of(range.end) == table.id) {
    end = hash_of(range.end) + (range.end.size() > kKeyPrefixBytes ? std::uint32_t{1} : 0);
  }
  const auto touched =
      std::count_if(table.partitions.begin(), table.partitions.end(),
                    [&](const Partition& one) { return one.hashes.first < end && one.hashes.last >= first; });
  return std::max<std::size_t>(1, static_cast<std::size_t>(touched));
}

std::string encoded_position(const Target& target, const model::Key& position, const model::Key& table_key) {
  if (target.index == nullptr) return state_key(target.table->id, table_key);
  return index_key(target.id(), position, table_key);
}

}  // namespace tidemark::storage
