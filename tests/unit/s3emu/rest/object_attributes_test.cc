#include "base/bytes.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

Answer ask(RestFixture& f, const std::string& names, const NamedValues& more = {}) {
  NamedValues headers = more;
  if (!names.empty()) headers.emplace_back("x-amz-object-attributes", names);
  return f.send("GET", "/bucket/k?attributes", headers);
}

// An object of two parts, with a checksum where one is declared.
void make_multipart(RestFixture& f, const NamedValues& declared, const std::string& checksum_of_first,
                    const std::string& checksum_of_second) {
  const std::string id = f.send("POST", "/bucket/k?uploads", declared).element("UploadId");
  const std::string first(5 << 20, 'a');
  std::string list;
  for (int number = 1; number <= 2; ++number) {
    const std::string& checksum = number == 1 ? checksum_of_first : checksum_of_second;
    NamedValues headers;
    if (!checksum.empty()) headers.emplace_back("x-amz-checksum-crc32", checksum);
    const Answer part = f.send("PUT", "/bucket/k?partNumber=" + std::to_string(number) + "&uploadId=" + id,
                               headers, number == 1 ? first : "hello");
    list += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + part.header("ETag") +
            "</ETag>";
    if (!checksum.empty()) list += "<ChecksumCRC32>" + checksum + "</ChecksumCRC32>";
    list += "</Part>";
  }
  INVARIANT(f.send("POST", "/bucket/k?uploadId=" + id, {},
                   "<CompleteMultipartUpload>" + list + "</CompleteMultipartUpload>")
                .status == 200);
}

}  // namespace

TEST_CASE("attributes of an object in one piece") {
  RestFixture f;
  f.make_bucket();
  CHECK(ask(f, "ETag").element("Code") == "NoSuchKey");
  f.send("PUT", "/bucket/k", {{"x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="}}, "hello");
  const Answer all = ask(f, "ETag,Checksum, ObjectParts ,StorageClass,ObjectSize");
  CHECK(all.status == 200);
  CHECK(all.has("<GetObjectAttributesResponse xmlns="));
  CHECK(all.element("ETag") == "5d41402abc4b2a76b9719d911017c592");
  CHECK(all.element("ChecksumSHA1") == "qvTGHdzF6KLavt4PO0gs2a6pQ00=");
  CHECK(all.element("ChecksumType") == "FULL_OBJECT");
  CHECK(all.element("StorageClass") == "STANDARD");
  CHECK(all.element("ObjectSize") == "5");
  CHECK(!all.has("ObjectParts"));
  CHECK(all.header("Last-Modified") == "Mon, 21 Sep 2026 14:13:20 GMT");
  const Answer one = ask(f, "ObjectSize");
  CHECK(one.element("ObjectSize") == "5");
  CHECK(!one.has("ETag"));
  CHECK(!one.has("Checksum"));
  // A header for each.
  CHECK(ask(f, "ETag", {{"X-Amz-Object-Attributes", "StorageClass"}}).has("<StorageClass>"));
  CHECK(ask(f, "").element("Code") == "InvalidRequest");
  CHECK(ask(f, "ETag,Colour").element("Code") == "InvalidArgument");
  CHECK(ask(f, "ObjectParts", {{"x-amz-max-parts", "many"}}).element("Code") == "InvalidArgument");
  CHECK(f.send("GET", "/none/k?attributes", {{"x-amz-object-attributes", "ETag"}}).element("Code") ==
        "NoSuchBucket");
}

TEST_CASE("attributes of the parts of an object") {
  RestFixture f;
  f.make_bucket();
  ChecksumState first(ChecksumAlgorithm::kCrc32);
  first.update(std::string(5 << 20, 'a'));
  make_multipart(f, {{"x-amz-checksum-algorithm", "CRC32"}}, base64_encode(first.finish()), "NhCmhg==");
  const Answer all = ask(f, "ObjectParts,Checksum,ETag");
  CHECK(all.element("PartsCount") == "2");
  CHECK(all.element("ChecksumType") == "COMPOSITE");
  CHECK(all.element("IsTruncated") == "false");
  CHECK(all.has(
      "<Part><PartNumber>2</PartNumber><Size>5</Size><ChecksumCRC32>NhCmhg==</ChecksumCRC32></Part>"));
  CHECK(all.element("ETag").ends_with("-2"));
  const Answer page = ask(f, "ObjectParts", {{"x-amz-max-parts", "1"}});
  CHECK(page.element("PartsCount") == "2");
  CHECK(page.element("IsTruncated") == "true");
  CHECK(page.element("NextPartNumberMarker") == "1");
  CHECK(!page.has("<PartNumber>2"));
  const Answer rest = ask(f, "ObjectParts", {{"x-amz-part-number-marker", "1"}, {"x-amz-max-parts", "9999"}});
  CHECK(rest.element("MaxParts") == "1000");
  CHECK(rest.element("PartNumber") == "2");
  CHECK(!rest.has("<PartNumber>1<"));
  CHECK(ask(f, "ObjectParts", {{"x-amz-part-number-marker", "7"}}).element("IsTruncated") == "false");
}

TEST_CASE("of an object with one checksum of its whole data, the number of parts is all that is told") {
  RestFixture f;
  f.make_bucket();
  ChecksumState first(ChecksumAlgorithm::kCrc32);
  first.update(std::string(5 << 20, 'a'));
  make_multipart(f, {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}},
                 base64_encode(first.finish()), "NhCmhg==");
  const Answer all = ask(f, "ObjectParts,Checksum");
  CHECK(all.element("ChecksumType") == "FULL_OBJECT");
  CHECK(all.has("<ObjectParts><PartsCount>2</PartsCount></ObjectParts>"));
}

}  // namespace tidemark::s3emu
