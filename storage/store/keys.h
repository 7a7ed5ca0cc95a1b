// Layout of RocksDB keys. Bytes sort as the service sorts the attribute values.
//
//   state key := table_id:u32be  hash:u16be  component(partition part)+  component(sort part)*
//   index key := index_id:u32be  hash:u16be  component(index partition part)+  component(index sort part)*
//                component(table partition part)+  component(table sort part)*
//   component := bytes with 0x00 written as 0x00 0xff, then 0x00 0x01
//
// `hash` is model::partition_hash() of the (index) partition parts. The bytes of a part are its sort bytes.
//
// ON DISK: a change needs a new format of CHECKPOINT and a migration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/key.h"
#include "storage/partition.h"
#include "storage/query.h"
#include "storage/table.h"

namespace tidemark::storage {

inline constexpr std::size_t kIdBytes = 4;
inline constexpr std::size_t kKeyPrefixBytes = 6;  // id and hash

void append_component(std::string* out, std::string_view bytes);
// Removes one component from the front of `*in` and returns its bytes.
// Errors: kCorruption if the terminator is missing or an escape is invalid; `*in` is then unchanged.
Result<std::string> take_component(std::string_view* in);

std::string state_key(TableId table, const model::Key& key);
std::string index_key(TableId index, const model::Key& index_key, const model::Key& table_key);

// The id and the hash that an encoded key begins with; the key must be at least kKeyPrefixBytes long.
TableId id_of(std::string_view encoded_key);
std::uint16_t hash_of(std::string_view encoded_key);

// The prefix id + hash + partition components.
std::string partition_prefix(TableId id, const std::vector<model::KeyPart>& partition);

// Every key of a table or of an index.
KeyRange id_range(TableId id);
// Every key of a table or of an index whose hash lies in `hashes`.
KeyRange hash_range(TableId id, HashRange hashes);

// The smallest string above every string that begins with `prefix`; empty when there is none (only 0xff
// bytes).
std::string prefix_end(std::string_view prefix);

}  // namespace tidemark::storage
