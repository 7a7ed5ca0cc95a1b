#include "wal/record_reader.h"

#include "tests/unit/wal/wal_fixture.h"

namespace tidemark::wal {
namespace {

class ReaderFixture : public WalFixture {
 public:
  ReaderFixture() {
    open_writer(1);
    open_live_log(0);
  }
  RecordPlace append_one(std::uint64_t sequence, std::string_view value) {
    const std::string text = payload(sequence, value);
    std::uint64_t offset = 0;
    REQUIRE(writer->append({text}, &offset));
    live_log->publish(SequenceNumber{sequence});
    return {.sequence = SequenceNumber{sequence},
            .payload_offset = offset,
            .payload_bytes = static_cast<std::uint32_t>(text.size())};
  }
  std::vector<RecordPlace> append_nine() {
    std::vector<RecordPlace> places;
    for (std::uint64_t i = 1; i <= 9; ++i) {
      places.push_back(append_one(i, std::string(i * 20'000, static_cast<char>('a' + i))));
      if (i % 3 == 0) REQUIRE(writer->rotate(SequenceNumber{i + 1}));
    }
    return places;
  }
};

TEST_CASE_METHOD(ReaderFixture, "records are found where they lie, in any order") {
  const auto places = append_nine();
  RecordReader reader(*live_log);
  for (const std::size_t i : {0U, 1U, 2U, 3U, 8U, 0U, 5U, 4U, 7U, 6U, 6U}) {
    INFO(i);
    const auto record = reader.read(places[i]);
    REQUIRE(record);
    CHECK((*record)->sequence == places[i].sequence);
    CHECK((*record)->writes.at(0).value == std::string((i + 1) * 20'000, static_cast<char>('b' + i)));
  }
}

TEST_CASE_METHOD(ReaderFixture, "a place where there is another record is damage") {
  const auto places = append_nine();
  struct Case {
    const char* why;
    RecordPlace place;
  };
  RecordPlace elsewhere = places[4];
  elsewhere.payload_offset += 1;
  RecordPlace longer = places[4];
  longer.payload_bytes += 1;
  RecordPlace other = places[4];
  other.sequence = SequenceNumber{6};
  RecordPlace header = places[4];
  header.payload_offset = 4;
  RecordPlace beyond = places[4];
  beyond.payload_offset = 1U << 30;
  const auto c = GENERATE_COPY(values<Case>({{"another offset", elsewhere},
                                             {"another length", longer},
                                             {"another number", other},
                                             {"in the header", header},
                                             {"beyond the end", beyond}}));
  INFO(c.why);
  RecordReader reader(*live_log);
  const auto record = reader.read(c.place);
  REQUIRE_FALSE(record);
  CHECK(record.error().code == ErrorCode::kCorruption);
  CHECK(reader.read(places[4]));
}

TEST_CASE_METHOD(ReaderFixture, "what was dropped is not found") {
  const auto places = append_nine();
  REQUIRE(files.remove(path(1)));
  REQUIRE(files.remove(path(4)));
  RecordReader reader(*live_log);
  CHECK(reader.read(places[0]).error().code == ErrorCode::kNotFound);
  CHECK(reader.read(places[7]));
}

}  // namespace
}  // namespace tidemark::wal
