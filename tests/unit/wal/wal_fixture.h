// A log in a directory of its own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/faulty_file_system.h"
#include "wal/live_log.h"
#include "wal/record.h"
#include "wal/replay.h"
#include "wal/segment_format.h"
#include "wal/writer.h"

namespace tidemark::wal {

class WalFixture {
 public:
  WalFixture() {
    std::string name = (std::filesystem::temp_directory_path() / "tidemark-wal-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    directory = name;
  }
  ~WalFixture() {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
  WalFixture(const WalFixture&) = delete;
  WalFixture& operator=(const WalFixture&) = delete;

  static std::string payload(std::uint64_t sequence, std::string_view value) {
    std::string out;
    append_payload(&out, {SequenceNumber{sequence}, {static_cast<std::int64_t>(sequence) * 10}},
                   {WriteView{.key = "key", .value = value, .old_size = 5, .old_value = {}}}, nullptr);
    return out;
  }
  void open_writer(std::uint64_t next) {
    auto opened = Writer::open(directory, files, SequenceNumber{next});
    REQUIRE(opened);
    writer = std::move(*opened);
  }
  // A view of the log for readers, with everything up to `last` published.
  void open_live_log(std::uint64_t last) {
    auto opened = LiveLog::open(directory, files, SequenceNumber{last});
    REQUIRE(opened);
    live_log = std::move(*opened);
  }
  Result<void> append(std::uint64_t sequence, std::string_view value) {
    std::uint64_t offset = 0;
    return writer->append({payload(sequence, value)}, &offset);
  }
  // The sequence numbers visited.
  Result<std::vector<std::uint64_t>> replayed(std::uint64_t after = 0) {
    std::vector<std::uint64_t> sequences;
    ASSIGN_OR_RETURN(
        summary,
        replay(directory, files, SequenceNumber{after}, [&](const ReplayedRecord& replayed) -> Result<void> {
          sequences.push_back(static_cast<std::uint64_t>(replayed.record.sequence));
          return {};
        }));
    return sequences;
  }
  [[nodiscard]] std::string path(std::uint64_t first) const {
    return directory + '/' + segment_name(SequenceNumber{first});
  }
  void overwrite(const std::string& file, std::string_view bytes) {
    REQUIRE(posix_file_system().replace(file, bytes, false));
  }

  std::string directory;
  FaultyFileSystem files;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<LiveLog> live_log;
  ReplaySummary summary;
};

}  // namespace tidemark::wal
