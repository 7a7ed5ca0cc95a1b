// What the store makes of checksums in requests, and where it gives them back.
#include "base/bytes.h"
#include "s3emu/store/checksum.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

std::string raw_of(ChecksumAlgorithm algorithm, std::string_view bytes) {
  ChecksumState state(algorithm);
  state.update(bytes);
  return state.finish();
}

std::string value_of(ChecksumAlgorithm algorithm, std::string_view bytes) {
  return base64_encode(raw_of(algorithm, bytes));
}

std::string header_of(ChecksumAlgorithm algorithm) { return std::string(checksum_header(algorithm)); }
std::string name_of(ChecksumAlgorithm algorithm) { return std::string(algorithm_name(algorithm)); }
std::string element_of(ChecksumAlgorithm algorithm) { return std::string(checksum_element(algorithm)); }

std::string start_upload(RestFixture& f, const NamedValues& headers = {}) {
  const Answer answer = f.send("POST", "/bucket/k?uploads", headers);
  INVARIANT(answer.status == 200);
  return answer.element("UploadId");
}

Answer send_part(RestFixture& f, const std::string& id, const NamedValues& headers,
                 const std::string& body = "hello", int number = 1) {
  return f.send("PUT", "/bucket/k?partNumber=" + std::to_string(number) + "&uploadId=" + id, headers, body);
}

// A Complete of one part; `more` goes into its <Part>.
Answer complete(RestFixture& f, const std::string& id, const std::string& etag, const std::string& more = {},
                const NamedValues& headers = {}) {
  return f.send("POST", "/bucket/k?uploadId=" + id, headers,
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag + "</ETag>" + more +
                    "</Part></CompleteMultipartUpload>");
}

}  // namespace

TEST_CASE("each algorithm is checked, kept and given back") {
  const ChecksumAlgorithm algorithm = GENERATE(from_range(kChecksumAlgorithms));
  const bool in_trailer = GENERATE(false, true);
  INFO(name_of(algorithm) << (in_trailer ? " in the trailer" : " in a header"));
  RestFixture f;
  f.make_bucket();
  const std::string header = header_of(algorithm);
  const auto put = [&](const std::string& value) {
    if (!in_trailer) {
      return f.send("PUT", "/bucket/k",
                    {{header, value}, {"x-amz-sdk-checksum-algorithm", name_of(algorithm)}}, "hello");
    }
    return f.send("PUT", "/bucket/k",
                  {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                   {"x-amz-decoded-content-length", "5"},
                   {"x-amz-trailer", header},
                   {"x-amz-sdk-checksum-algorithm", name_of(algorithm)}},
                  "5\r\nhello\r\n0\r\n" + header + ":" + value + "\r\n\r\n", 3);
  };
  const std::string value = value_of(algorithm, "hello");
  const Answer wrong = put(value_of(algorithm, "other"));
  CHECK(wrong.status == 400);
  CHECK(wrong.element("Code") == "BadDigest");
  CHECK(put("AAA=").element("Code") == "InvalidRequest");
  CHECK(f.send("HEAD", "/bucket/k").status == 404);

  const Answer right = put(value);
  CHECK(right.status == 200);
  CHECK(right.header(header) == value);
  CHECK(right.header("x-amz-checksum-type") == "FULL_OBJECT");
  for (const char* method : {"GET", "HEAD"}) {
    CHECK(f.send(method, "/bucket/k").header(header) == "(none)");
    const Answer asked = f.send(method, "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
    CHECK(asked.header(header) == value);
    CHECK(asked.header("x-amz-checksum-type") == "FULL_OBJECT");
    const Answer range =
        f.send(method, "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}, {"Range", "bytes=0-4"}});
    CHECK(range.status == 206);
    CHECK(range.header(header) == "(none)");
  }
  CHECK(f.send("GET", "/bucket?list-type=2").element("ChecksumAlgorithm") == name_of(algorithm));
  CHECK(f.send("GET", "/bucket?versions").element("ChecksumType") == "FULL_OBJECT");
  const Answer copy = f.send("PUT", "/bucket/copy", {{"x-amz-copy-source", "bucket/k"}});
  CHECK(copy.element(element_of(algorithm)) == value);
  CHECK(copy.element("ChecksumType") == "FULL_OBJECT");
  const Answer other = f.send("PUT", "/bucket/copy",
                              {{"x-amz-copy-source", "bucket/k"}, {"x-amz-checksum-algorithm", "SHA1"}});
  CHECK(other.element("ChecksumSHA1") == value_of(ChecksumAlgorithm::kSha1, "hello"));
}

TEST_CASE("checksum headers that are refused") {
  RestFixture f;
  f.make_bucket();
  struct Case {
    const char* why;
    NamedValues headers;
    const char* code;  // empty: accepted
  };
  const auto c = GENERATE(values<Case>({
      {"nothing sent", {}, ""},
      {"announced, not sent", {{"x-amz-sdk-checksum-algorithm", "CRC32"}}, "InvalidRequest"},
      {"another sent than announced",
       {{"x-amz-sdk-checksum-algorithm", "CRC32"}, {"x-amz-checksum-crc32c", "mnG7TA=="}},
       "InvalidRequest"},
      {"unknown one announced", {{"x-amz-sdk-checksum-algorithm", "ADLER"}}, "InvalidRequest"},
      {"two sent",
       {{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-checksum-crc32c", "mnG7TA=="}},
       "InvalidRequest"},
      {"not base64", {{"x-amz-checksum-crc32", "!!!"}}, "InvalidRequest"},
      {"of another length", {{"x-amz-checksum-crc32", "M3eFcAZSQlc="}}, "InvalidRequest"},
      {"empty", {{"x-amz-checksum-crc32", ""}}, "InvalidRequest"},
      {"not of these bytes", {{"x-amz-checksum-crc32", "AAAAAA=="}}, "BadDigest"},
      {"name in lower case",
       {{"x-amz-sdk-checksum-algorithm", "crc32"}, {"x-amz-checksum-crc32", "NhCmhg=="}},
       ""},
      {"MD5 of other bytes", {{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}, "BadDigest"},
      {"MD5 empty", {{"Content-MD5", ""}}, "InvalidDigest"},
      {"MD5 short", {{"Content-MD5", "AAAA"}}, "InvalidDigest"},
      {"both right", {{"Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="}, {"x-amz-checksum-crc32", "NhCmhg=="}}, ""},
  }));
  INFO(c.why);
  const Answer answer = f.send("PUT", "/bucket/k", c.headers, "hello");
  if (std::string(c.code).empty()) {
    CHECK(answer.status == 200);
    return;
  }
  CHECK(answer.status == 400);
  CHECK(answer.element("Code") == c.code);
  CHECK(f.send("HEAD", "/bucket/k").status == 404);
}

TEST_CASE("what may be declared for a multipart upload") {
  RestFixture f;
  f.make_bucket();
  struct Case {
    const char* algorithm;  // empty: no header
    const char* type;
    const char* answered;  // the type; empty: InvalidRequest
  };
  const auto c = GENERATE(values<Case>({
      {"CRC32", "", "COMPOSITE"},
      {"CRC32", "FULL_OBJECT", "FULL_OBJECT"},
      {"CRC32C", "", "COMPOSITE"},
      {"CRC32C", "COMPOSITE", "COMPOSITE"},
      {"CRC64NVME", "", "FULL_OBJECT"},
      {"CRC64NVME", "COMPOSITE", ""},
      {"SHA1", "", "COMPOSITE"},
      {"SHA1", "FULL_OBJECT", ""},
      {"SHA256", "FULL_OBJECT", ""},
      {"SHA512", "", "COMPOSITE"},
      {"SHA512", "FULL_OBJECT", ""},
      {"MD5", "", "COMPOSITE"},
      {"MD5", "FULL_OBJECT", ""},
      {"XXHASH64", "", "COMPOSITE"},
      {"XXHASH64", "FULL_OBJECT", ""},
      {"XXHASH3", "COMPOSITE", "COMPOSITE"},
      {"XXHASH128", "FULL_OBJECT", ""},
      {"ADLER", "", ""},
      {"CRC32", "HALF", ""},
      {"", "FULL_OBJECT", ""},
  }));
  INFO(c.algorithm << " " << c.type);
  NamedValues headers;
  if (*c.algorithm != '\0') headers.emplace_back("x-amz-checksum-algorithm", c.algorithm);
  if (*c.type != '\0') headers.emplace_back("x-amz-checksum-type", c.type);
  const Answer answer = f.send("POST", "/bucket/k?uploads", headers);
  if (*c.answered == '\0') {
    CHECK(answer.status == 400);
    CHECK(answer.element("Code") == "InvalidRequest");
    return;
  }
  CHECK(answer.status == 200);
  CHECK(answer.header("x-amz-checksum-algorithm") == c.algorithm);
  CHECK(answer.header("x-amz-checksum-type") == c.answered);
  const Answer uploads = f.send("GET", "/bucket?uploads");
  CHECK(uploads.element("ChecksumAlgorithm") == c.algorithm);
  CHECK(uploads.element("ChecksumType") == c.answered);
}

TEST_CASE("composite checksums of every algorithm that composes") {
  const ChecksumAlgorithm algorithm = GENERATE(from_range(kChecksumAlgorithms));
  if (!allows(algorithm, ChecksumType::kComposite)) return;
  INFO(name_of(algorithm));
  RestFixture f;
  f.make_bucket();
  const std::string id = start_upload(f, {{"x-amz-checksum-algorithm", name_of(algorithm)}});
  CHECK(send_part(f, id, {}).element("Code") == "InvalidRequest");
  const ChecksumAlgorithm another =
      algorithm == ChecksumAlgorithm::kCrc32 ? ChecksumAlgorithm::kSha1 : ChecksumAlgorithm::kCrc32;
  CHECK(send_part(f, id, {{header_of(another), value_of(another, "hello")}}).element("Code") ==
        "InvalidRequest");
  const std::string value = value_of(algorithm, "hello");
  const Answer part = send_part(f, id, {{header_of(algorithm), value}});
  CHECK(part.header(header_of(algorithm)) == value);
  CHECK(f.send("GET", "/bucket/k?uploadId=" + id).element(element_of(algorithm)) == value);

  const std::string etag = part.header("ETag");
  const std::string open = "<" + element_of(algorithm) + ">";
  const std::string close = "</" + element_of(algorithm) + ">";
  CHECK(complete(f, id, etag).element("Code") == "InvalidRequest");
  CHECK(complete(f, id, etag, open + value_of(algorithm, "other") + close).element("Code") == "InvalidPart");
  CHECK(
      complete(f, id, etag, open + value + close, {{"x-amz-checksum-type", "FULL_OBJECT"}}).element("Code") ==
      "InvalidRequest");
  CHECK(complete(f, id, etag, open + value + close, {{header_of(algorithm), value}}).element("Code") ==
        "BadDigest");
  const std::string composite = value_of(algorithm, raw_of(algorithm, "hello")) + "-1";
  const Answer done = complete(f, id, etag, open + value + close,
                               {{header_of(algorithm), composite}, {"x-amz-checksum-type", "COMPOSITE"}});
  CHECK(done.status == 200);
  CHECK(done.element(element_of(algorithm)) == composite);
  CHECK(done.element("ChecksumType") == "COMPOSITE");
  const Answer head = f.send("HEAD", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
  CHECK(head.header(header_of(algorithm)) == composite);
  CHECK(head.header("x-amz-checksum-type") == "COMPOSITE");
  // One part has a checksum of its own.
  CHECK(f.send("GET", "/bucket/k?partNumber=1", {{"x-amz-checksum-mode", "ENABLED"}})
            .header(header_of(algorithm)) == value);
  // A copy is written as one.
  const Answer copy = f.send("PUT", "/bucket/copy", {{"x-amz-copy-source", "bucket/k"}});
  CHECK(copy.element(element_of(algorithm)) == value);
  CHECK(copy.element("ChecksumType") == "FULL_OBJECT");
}

TEST_CASE("full-object checksums of multipart uploads") {
  struct Case {
    const char* why;
    NamedValues declared;
    NamedValues part;
    std::string listed;  // in the <Part> of the Complete
    NamedValues finally;
    const char* code;  // empty: CRC64NVME or what was declared
  };
  const NamedValues crc32 = {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}};
  const auto c = GENERATE_COPY(values<Case>({
      {"computed when the part came without", crc32, {}, "", {}, ""},
      {"right at the end", crc32, {}, "", {{"x-amz-checksum-crc32", "NhCmhg=="}}, ""},
      {"wrong at the end", crc32, {}, "", {{"x-amz-checksum-crc32", "AAAAAA=="}}, "BadDigest"},
      {"broken at the end", crc32, {}, "", {{"x-amz-checksum-crc32", "AAA"}}, "InvalidRequest"},
      {"of another algorithm at the end", crc32, {}, "", {{"x-amz-checksum-sha1", "AAAA"}}, "InvalidRequest"},
      {"composite at the end", crc32, {}, "", {{"x-amz-checksum-crc32", "NhCmhg==-1"}}, "InvalidRequest"},
      {"size right", crc32, {}, "", {{"x-amz-mp-object-size", "5"}}, ""},
      {"size wrong", crc32, {}, "", {{"x-amz-mp-object-size", "6"}}, "InvalidRequest"},
      {"size no number", crc32, {}, "", {{"x-amz-mp-object-size", "five"}}, "InvalidRequest"},
      {"listed right", crc32, {}, "<ChecksumCRC32>NhCmhg==</ChecksumCRC32>", {}, ""},
      {"listed wrong", crc32, {}, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32>", {}, "InvalidPart"},
      {"listed broken", crc32, {}, "<ChecksumCRC32>AAA</ChecksumCRC32>", {}, "InvalidRequest"},
      {"nothing declared", {}, {}, "", {}, ""},
      {"nothing declared, parts with another",
       {},
       {{"x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="}},
       "<ChecksumSHA1>qvTGHdzF6KLavt4PO0gs2a6pQ00=</ChecksumSHA1>",
       {},
       ""},
      {"nothing declared, the end ignored", {}, {}, "", {{"x-amz-checksum-crc32", "AAAAAA=="}}, ""},
  }));
  INFO(c.why);
  RestFixture f;
  f.make_bucket();
  const std::string id = start_upload(f, c.declared);
  const Answer part = send_part(f, id, c.part);
  CHECK(part.status == 200);
  const Answer done = complete(f, id, part.header("ETag"), c.listed, c.finally);
  if (*c.code != '\0') {
    CHECK(done.status == 400);
    CHECK(done.element("Code") == c.code);
    CHECK(f.send("HEAD", "/bucket/k").status == 404);
    return;
  }
  CHECK(done.status == 200);
  CHECK(done.element("ChecksumType") == "FULL_OBJECT");
  CHECK(done.element(c.declared.empty() ? "ChecksumCRC64NVME" : "ChecksumCRC32") ==
        (c.declared.empty() ? "M3eFcAZSQlc=" : "NhCmhg=="));
}

TEST_CASE("bodies in memory have checksums too") {
  RestFixture f;
  f.make_bucket();
  const std::string body = "<Tagging><TagSet/></Tagging>";
  CHECK(f.send("PUT", "/bucket/k", {}, "x").status == 200);
  for (const ChecksumAlgorithm algorithm : kChecksumAlgorithms) {
    INFO(name_of(algorithm));
    CHECK(f.send("PUT", "/bucket/k?tagging", {{header_of(algorithm), value_of(algorithm, body)}}, body)
              .status == 200);
    CHECK(f.send("PUT", "/bucket/k?tagging", {{header_of(algorithm), value_of(algorithm, "other")}}, body)
              .element("Code") == "BadDigest");
  }
}

}  // namespace tidemark::s3emu
