// The bytes of the rows: what is written today, and what earlier versions of the format still read as.
#include "s3emu/store/object_records.h"

#include "base/bytes.h"
#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

std::string bytes(std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ') digits.push_back(c);
  }
  return from_hex(digits).value();
}

}  // namespace

TEST_CASE("version ids and their rows") {
  const VersionStamp stamp{0x0102030405060708, std::string(16, '\xff'), true};
  CHECK(version_id(stamp) == "AQIDBAUGBwj_____________________");
  CHECK(parse_version_id(version_id(stamp)) == stamp);
  CHECK(version_id({5, "", true}) == "null");
  CHECK(parse_version_id("null")->random.empty());
  for (const char* text :
       {"", "nul", "NULL", "AQIDBAUGBwj////////////////////=", "AQIDBAUGBwj____________________",
        "AQIDBAUGBwj+++++++++++++++++++++", "AQIDBAUGBwj_____________________A"}) {
    INFO(text);
    CHECK(!parse_version_id(text));
  }
  CHECK(version_row("b", "k", 1) == "vb" + bytes("00") + "k" + bytes("00 fffffffffffffffe"));
  CHECK(sequence_of_row(version_row("b", "k", 7)) == 7);
  // The newer one first, and all versions of a key before the next key.
  CHECK(version_row("b", "k", 2) < version_row("b", "k", 1));
  CHECK(version_row("b", "k", 1) < version_row("b", "k\x01", UINT64_MAX));
}

TEST_CASE("an object record of format 2") {
  ObjectRecord record;
  record.info.key = "k";
  record.info.size = 3;
  record.info.etag = "e";
  record.info.last_modified = {5};
  record.info.owner = {"o", "n"};
  record.version = {1, "", true};
  record.metadata.acl = "a";
  record.metadata.lock = {LockMode::kCompliance, {9}, true};
  record.segments = {{"id", true, 0, 3}};
  const std::string expected = bytes(
      "02 00 08 0000000000000001 03 0165 05 00 00 00 00 00 016f 016e 00 00 00 01 026964 01 00 03 0161 02 09 "
      "01");
  CHECK(to_hex(encode(record)) == to_hex(expected));
  const auto read = decode_object("k", expected);
  REQUIRE(read);
  CHECK(read->version == record.version);
  CHECK(read->info.version_id == "null");
  CHECK(read->metadata.owner == record.info.owner);
  CHECK(read->metadata.acl == "a");
  CHECK(read->metadata.lock == record.metadata.lock);
  for (std::size_t size = 0; size < expected.size(); ++size) {
    const auto cut = decode_object("k", std::string_view(expected).substr(0, size));
    // The access fields came later: without any of them it is whole too.
    CHECK(cut.has_value() == (size == expected.size() - 5));
  }
}

TEST_CASE("records from before there were versions, owners and locks") {
  const std::string object = bytes("01 00 00 03 0165 8094ebdc03 00 00 00 00 00 00 00 00 01 026964 01 00 03");
  const auto record = decode_object("k", object);
  REQUIRE(record);
  CHECK(record->info.size == 3);
  CHECK(record->info.version_id.empty());
  CHECK(!record->version.is_stored);
  CHECK(record->version.sequence == static_cast<std::uint64_t>(record->info.last_modified.micros));
  CHECK(record->info.owner == ObjectOwner{});
  CHECK(record->metadata.lock == ObjectLock{});
  REQUIRE(record->segments.size() == 1);
  CHECK(record->segments[0].data_id == "id");
  CHECK(decode_object("k", encode(*record))->version == record->version);

  const auto bucket = decode_bucket("b", bytes("01 0172 05"));
  REQUIRE(bucket);
  CHECK(bucket->region == "r");
  CHECK(bucket->versioning == Versioning::kNever);
  CHECK(bucket->owner == ObjectOwner{});
  CHECK(!decode_bucket("b", bytes("01 0172 05 00 00 03 00")));

  const auto upload = decode_upload("k", "id", bytes("01 05 00 00 00 00 00"));
  REQUIRE(upload);
  CHECK(upload->info.owner == ObjectOwner{});
  CHECK(!decode_object("k", bytes("03 00")));
  CHECK(!decode_object("k", bytes("02 04 00 03 0165 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00")));
}

}  // namespace tidemark::s3emu
