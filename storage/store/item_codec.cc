#include "storage/store/item_codec.h"

#include <bit>
#include <cstring>

#include "base/bytes.h"

namespace tidemark::storage {

static_assert(std::endian::native == std::endian::little);

void append_stored(std::string* out, Timestamp write_time, std::uint32_t size_bytes, std::string_view text) {
  out->reserve(out->size() + 15 + text.size());
  out->push_back(kItemFormat);
  out->push_back('\0');
  append_u64_le(out, static_cast<std::uint64_t>(write_time.micros));
  append_varint(out, size_bytes);
  out->append(text);
}

void set_write_time(char* record, Timestamp write_time) {
  std::memcpy(record + kWriteTimeOffset, &write_time.micros, sizeof write_time.micros);
}

Result<StoredView> parse_stored(std::string_view record) {
  constexpr std::size_t kFixedBytes = kWriteTimeOffset + 8;
  if (record.size() <= kFixedBytes || record[0] != kItemFormat) {
    return fail(Error::corruption("a stored item has an unknown format"));
  }
  StoredView view;
  view.write_time = {static_cast<std::int64_t>(read_u64_le(record.data() + kWriteTimeOffset))};
  std::string_view rest = record.substr(kFixedBytes);
  const auto size = take_varint(&rest);
  if (!size || *size > UINT32_MAX) return fail(Error::corruption("a stored item has no size"));
  view.size_bytes = static_cast<std::uint32_t>(*size);
  view.text = rest;
  return view;
}

Result<StoredItem> stored_item(std::string record) {
  ASSIGN_OR_RETURN(const StoredView view, parse_stored(record));
  StoredItem item;
  item.text_offset = static_cast<std::uint32_t>(view.text.data() - record.data());
  item.size_bytes = view.size_bytes;
  item.write_time = view.write_time;
  item.record = std::move(record);
  return item;
}

}  // namespace tidemark::storage
