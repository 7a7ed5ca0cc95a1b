// Records of the change log, and segments of them: whatever is on disk, replay either takes it, cuts off its
// end, or refuses it and leaves it alone; and a tail reads what replay took.
//
// An input is a list of pieces, each `flags:u8 length:u8 bytes`.
#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/log.h"
#include "tests/fuzz/input.h"
#include "tests/support/memory_file_system.h"
#include "wal/record.h"
#include "wal/replay.h"
#include "wal/segment_format.h"
#include "wal/tail.h"

namespace tidemark::wal {
namespace {

constexpr std::uint8_t kFramed = 1;    // gets a header with its length and checksum
constexpr std::uint8_t kNumbered = 2;  // begins with the next sequence number
constexpr char kDirectory[] = "wal";

bool is_same(const RecordView& a, const RecordView& b) {
  const auto same_write = [](const WriteView& x, const WriteView& y) {
    return x.kind == y.kind && x.space == y.space && x.key == y.key && x.value == y.value &&
           x.old_size == y.old_size && x.old_value == y.old_value && x.in_history == y.in_history;
  };
  return a.sequence == b.sequence && a.commit_time == b.commit_time && a.origin == b.origin &&
         std::equal(a.writes.begin(), a.writes.end(), b.writes.begin(), b.writes.end(), same_write);
}

// What parses, reads back the same when it is written again.
void check_payload(std::string_view payload) {
  RecordView record;
  if (!parse_payload(payload, &record)) return;
  std::string again;
  std::vector<std::uint32_t> offsets;
  append_payload(&again, record, record.writes, &offsets);
  INVARIANT(again.size() <= payload.size());  // numbers may have been written the long way
  RecordView second;
  INVARIANT(parse_payload(again, &second));
  INVARIANT(is_same(record, second));
  INVARIANT(offsets.size() == record.writes.size());
}

std::string segment_of(std::string_view pieces) {
  std::string segment = segment_header(SequenceNumber{1});
  std::uint64_t next = 1;
  while (pieces.size() > 2) {
    const auto flags = static_cast<std::uint8_t>(pieces[0]);
    const auto length = static_cast<std::uint8_t>(pieces[1]);
    std::string piece(pieces.substr(2, length));
    pieces.remove_prefix(2 + piece.size());
    check_payload(piece);
    if ((flags & kNumbered) != 0 && piece.size() >= 8) {
      std::string number;
      append_u64_le(&number, next++);
      piece.replace(0, 8, number);
    }
    if ((flags & kFramed) != 0) {
      append_frame(&segment, piece);
    } else {
      segment += piece;
    }
  }
  return segment;
}

using Payloads = std::vector<std::string>;

Result<ReplaySummary> replay_into(FileSystem& files, Payloads* payloads) {
  return replay(kDirectory, files, SequenceNumber{0},
                [payloads](const ReplayedRecord& replayed) -> Result<void> {
                  payloads->emplace_back(replayed.payload);
                  return {};
                });
}

void check_tail(FileSystem& files, SequenceNumber last, const Payloads& wanted) {
  const auto log = LiveLog::open(kDirectory, files, last);
  INVARIANT(log.has_value());
  const auto tail = Tail::open(**log, SequenceNumber{1});
  INVARIANT(tail.has_value());
  for (const std::string& payload : wanted) {
    INVARIANT((*tail)->next().value());
    RecordView record;
    INVARIANT(parse_payload(payload, &record));
    INVARIANT(is_same((*tail)->record(), record));
  }
  INVARIANT(!(*tail)->next().value());
}

void check_segment(const std::string& segment) {
  MemoryFileSystem files;
  const std::string path = std::string(kDirectory) + '/' + segment_name(SequenceNumber{1});
  INVARIANT(files.replace(path, segment, false));
  Payloads payloads;
  const auto summary = replay_into(files, &payloads);
  const std::string left = *read_file(files, path);
  if (!summary) {
    INVARIANT(summary.error().code == ErrorCode::kCorruption);
    INVARIANT(left == segment);
    return;
  }
  INVARIANT(summary->records == payloads.size() && number(summary->last) == payloads.size());
  INVARIANT(segment.starts_with(left));
  Payloads again;
  INVARIANT(replay_into(files, &again));
  INVARIANT(again == payloads);
  INVARIANT(*read_file(files, path) == left);
  check_tail(files, summary->last, payloads);
}

}  // namespace
}  // namespace tidemark::wal

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Replay tells of each torn end.
  static const bool is_quiet = (tidemark::log::set_level(tidemark::log::Level::kError), true);
  INVARIANT(is_quiet);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  tidemark::wal::check_payload(input);
  tidemark::wal::check_segment(tidemark::wal::segment_of(input));
  return 0;
}
