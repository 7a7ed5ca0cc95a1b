#include "wal/record.h"

#include "base/bytes.h"
#include "base/check.h"

namespace tidemark::wal {
namespace {

constexpr std::uint8_t kKindMask = 0x07;
constexpr int kSpaceShift = 3;
constexpr std::uint8_t kSpaceMask = 0x03;
constexpr std::uint8_t kReplicatedFlag = 0x20;
constexpr std::uint8_t kOldValueFlag = 0x40;
constexpr std::uint8_t kHistoryFlag = 0x80;
constexpr std::uint64_t kWriteBytesMin = 4;  // head, key length, value length, old size

void append_bytes(std::string* out, std::string_view bytes) {
  append_varint(out, bytes.size());
  out->append(bytes);
}

bool take_bytes(std::string_view* in, std::string_view* bytes) {
  std::string_view rest = *in;
  const auto length = take_varint(&rest);
  if (!length || *length > rest.size()) return false;
  *bytes = rest.substr(0, *length);
  rest.remove_prefix(*length);
  *in = rest;
  return true;
}

bool take_write(std::string_view* in, WriteView* write) {
  if (in->empty()) return false;
  const auto head = static_cast<std::uint8_t>(in->front());
  const std::uint8_t kind = head & kKindMask;
  const std::uint8_t space = (head >> kSpaceShift) & kSpaceMask;
  const bool has_old_value = (head & kOldValueFlag) != 0;
  write->in_history = (head & kHistoryFlag) != 0;
  write->is_replicated = (head & kReplicatedFlag) != 0;
  if (kind > static_cast<std::uint8_t>(WriteKind::kAdjustCounters) || (write->in_history && !has_old_value) ||
      (write->is_replicated && space != static_cast<std::uint8_t>(Space::kState))) {
    return false;
  }
  in->remove_prefix(1);
  write->kind = static_cast<WriteKind>(kind);
  write->space = static_cast<Space>(space);
  if (!take_bytes(in, &write->key) || !take_bytes(in, &write->value)) return false;
  const auto old_size = take_varint(in);
  if (!old_size || *old_size > UINT32_MAX) return false;
  write->old_size.reset();
  if (*old_size > 0) write->old_size = static_cast<std::uint32_t>(*old_size - 1);
  write->old_value.reset();
  if (has_old_value) return take_bytes(in, &write->old_value.emplace());
  return true;
}

}  // namespace

void append_payload(std::string* out, const RecordHead& head, const std::vector<WriteView>& writes,
                    std::vector<std::uint32_t>* history_offsets) {
  const std::size_t start = out->size();
  append_u64_le(out, number(head.sequence));
  append_u64_le(out, static_cast<std::uint64_t>(head.commit_time.micros));
  out->push_back(static_cast<char>(head.origin));
  append_varint(out, writes.size());
  for (const WriteView& write : writes) {
    auto bits = static_cast<unsigned>(write.kind) | static_cast<unsigned>(write.space) << kSpaceShift;
    if (write.is_replicated) bits |= kReplicatedFlag;
    if (write.old_value) bits |= kOldValueFlag;
    if (write.old_value && write.in_history) bits |= kHistoryFlag;
    out->push_back(static_cast<char>(bits));
    append_bytes(out, write.key);
    append_bytes(out, write.value);
    append_varint(out, write.old_size ? *write.old_size + 1ULL : 0);
    std::uint32_t offset = 0;
    if (write.old_value) {
      append_varint(out, write.old_value->size());
      if (write.in_history) offset = static_cast<std::uint32_t>(out->size() - start);
      out->append(*write.old_value);
    }
    if (history_offsets != nullptr) history_offsets->push_back(offset);
  }
  INVARIANT(out->size() - start <= UINT32_MAX);
}

Result<void> parse_payload(std::string_view payload, RecordView* record) {
  constexpr std::size_t kFixedBytes = 17;
  const auto broken = [] { return fail(Error::corruption("a log record does not parse")); };
  record->writes.clear();
  if (payload.size() < kFixedBytes) return broken();
  record->sequence = SequenceNumber{read_u64_le(payload.data())};
  record->commit_time = {static_cast<std::int64_t>(read_u64_le(payload.data() + 8))};
  record->origin = static_cast<Origin>(payload[16]);
  payload.remove_prefix(kFixedBytes);
  const auto count = take_varint(&payload);
  if (!count || *count > payload.size() / kWriteBytesMin) return broken();
  record->writes.resize(*count);
  for (WriteView& write : record->writes) {
    if (!take_write(&payload, &write)) return broken();
  }
  if (!payload.empty()) return broken();
  return {};
}

}  // namespace tidemark::wal
