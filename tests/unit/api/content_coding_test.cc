#include "api/front/content_coding.h"

#include "base/gzip.h"
#include "base/zlib_format.h"
#include "tests/support/catch.h"

namespace tidemark::api {
namespace {

TEST_CASE("the codings of a body are undone from the last to the first") {
  const std::string once = gzip_compress("text");
  const std::string twice = zlib_compress(once);
  CHECK(decode_body("text", "", 100) == "text");
  CHECK(decode_body("text", " identity ,,", 100) == "text");
  CHECK(decode_body(once, "GZip", 100) == "text");
  CHECK(decode_body(once + once, "x-gzip", 8) == "texttext");
  CHECK(decode_body(twice, "gzip, identity, deflate", 100) == "text");
  struct Case {
    std::string body, codings;
    std::size_t bytes_max;
    DecodeFailure failure;
  };
  const std::vector<Case> cases = {
      {"text", "br", 100, DecodeFailure::kBad},
      {once, "gzip br", 100, DecodeFailure::kBad},
      {once, "deflate", 100, DecodeFailure::kBad},
      {twice, "deflate, gzip", 100, DecodeFailure::kBad},
      {"text", "gzip, gzip, gzip, gzip, gzip", 100, DecodeFailure::kBad},
      {once, "gzip", 3, DecodeFailure::kTooLarge},
      // Also in between
      {twice, "gzip, deflate", once.size() - 1, DecodeFailure::kTooLarge},
  };
  for (const Case& c : cases) {
    CAPTURE(c.codings);
    const auto text = decode_body(c.body, c.codings, c.bytes_max);
    REQUIRE_FALSE(text.has_value());
    CHECK(text.error() == c.failure);
  }
}

TEST_CASE("several fields are one list") {
  http::Headers headers;
  CHECK(content_encoding_of(headers).empty());
  headers.add("content-encoding", "gzip");
  headers.add("Content-Encoding", "deflate");
  CHECK(content_encoding_of(headers) == "gzip,deflate");
}

TEST_CASE("the coding of an answer is one that is accepted") {
  struct Case {
    const char* accepted;
    Coding coding;
  };
  const auto c = GENERATE(values<Case>({
      {"", Coding::kIdentity},
      {"identity", Coding::kIdentity},
      {"br;q=1.0, zstd", Coding::kIdentity},
      {"gzip", Coding::kGzip},
      {"deflate, GZIP;q=0.1", Coding::kGzip},
      {"*", Coding::kGzip},
      {"deflate", Coding::kDeflate},
      {"gzip;q=0, deflate", Coding::kDeflate},
      {"gzip; q=0.0 , deflate ; q=0", Coding::kIdentity},
      {"*;q=0", Coding::kIdentity},
      {"gzip;Q=0", Coding::kIdentity},
      {"gzip;level=1; q=0, deflate;q=1", Coding::kDeflate},
      {"gzip;q=0, *", Coding::kDeflate},
      {"*, gzip;q=0", Coding::kDeflate},
      {"gzip;q=0, deflate;q=0, *", Coding::kIdentity},
      {"*;q=0, gzip", Coding::kGzip},
      {"deflate, *", Coding::kGzip},
      {"deflate, *;q=0", Coding::kDeflate},
  }));
  CAPTURE(c.accepted);
  CHECK(accepted_coding(c.accepted) == c.coding);
}

}  // namespace
}  // namespace tidemark::api
