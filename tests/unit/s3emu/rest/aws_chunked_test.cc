#include "s3emu/rest/core/aws_chunked.h"

#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

struct Decoded {
  std::string bytes;
  std::string error;
  NamedValues trailers;
};

Decoded decode(const std::string& body, std::size_t split) {
  AwsChunkedDecoder decoder;
  Decoded out;
  const auto sink = [&](std::string_view bytes) -> S3Result<void> {
    out.bytes.append(bytes);
    return {};
  };
  for (const auto& piece : {body.substr(0, split), body.substr(split)}) {
    if (auto fed = decoder.feed(piece, sink); !fed) {
      out.error = fed.error().code;
      return out;
    }
  }
  if (auto finished = decoder.finish(); !finished) out.error = finished.error().code;
  out.trailers = decoder.trailers();
  return out;
}

const std::string kSignature = ";chunk-signature=" + std::string(64, 'a');

}  // namespace

TEST_CASE("aws-chunked bodies, split at every byte") {
  struct Case {
    const char* why;
    std::string body;
    std::string bytes;
    std::string error;
    NamedValues trailers;
  };
  const auto c = GENERATE(values<Case>({
      {"unsigned with trailer",
       "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
       "hello",
       "",
       {{"x-amz-checksum-crc32", "NhCmhg=="}}},
      {"signed",
       "5" + kSignature + "\r\nhello\r\n6" + kSignature + "\r\n world\r\n0" + kSignature + "\r\n\r\n",
       "hello world",
       "",
       {}},
      {"signed with trailer",
       "5" + kSignature + "\r\nhello\r\n0" + kSignature +
           "\r\nx-amz-checksum-crc32:NhCmhg==\r\nx-amz-trailer-signature:ab\r\n\r\n",
       "hello",
       "",
       {{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-trailer-signature", "ab"}}},
      {"empty", "0\r\n\r\n", "", "", {}},
      {"last blank line missing", "1\r\na\r\n0\r\n", "a", "", {}},
      {"trailer without line end", "0\r\nX-Amz-Checksum-CRC32: a", "", "", {{"x-amz-checksum-crc32", "a"}}},
      {"LF only in trailers", "0\nx:y\n\n", "", "", {{"x", "y"}}},
      {"sizes with zeros and upper case", "000A;ext=1\r\n0123456789\r\n0\r\n\r\n", "0123456789", "", {}},
      {"data that looks like framing", "4\r\n0\r\n\r\r\n0\r\n\r\n", "0\r\n\r", "", {}},
      {"no last chunk", "5\r\nhello\r\n", "hello", "IncompleteBody", {}},
      {"data cut", "5\r\nhel", "hel", "IncompleteBody", {}},
      {"nothing", "", "", "IncompleteBody", {}},
      {"size is no number", "xyz\r\n", "", "IncompleteBody", {}},
      {"size is negative", "-5\r\n", "", "IncompleteBody", {}},
      {"size overflows", "11111111111111111\r\n", "", "IncompleteBody", {}},
      {"chunk longer than its size", "2\r\nhello\r\n0\r\n\r\n", "he", "IncompleteBody", {}},
      {"bytes behind the end", "0\r\n\r\nmore", "", "IncompleteBody", {}},
      {"trailer without colon", "0\r\nabc\r\n\r\n", "", "MalformedTrailerError", {}},
      {"endless size line", std::string(5000, '1'), "", "IncompleteBody", {}},
  }));
  INFO(c.why);
  for (std::size_t split = 0; split <= c.body.size(); ++split) {
    const Decoded decoded = decode(c.body, split);
    INFO("split at " << split);
    REQUIRE(decoded.bytes == c.bytes);
    REQUIRE(decoded.error == c.error);
    if (c.error.empty()) REQUIRE(decoded.trailers == c.trailers);
  }
}

TEST_CASE("PutObject takes the framing off and checks the trailer") {
  RestFixture f;
  f.make_bucket();
  struct Case {
    const char* why;
    NamedValues headers;
    std::string body;
    int status;
    std::string code;
  };
  const std::string good = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
  const auto with = [](NamedValues more) {
    NamedValues headers = {{"x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                           {"Content-Encoding", "gzip,aws-chunked"}};
    headers.insert(headers.end(), more.begin(), more.end());
    return headers;
  };
  const std::vector<Case> cases = {
      {"good", with({{"x-amz-decoded-content-length", "5"}, {"x-amz-trailer", "x-amz-checksum-crc32"}}), good,
       200, ""},
      {"length unknown", with({{"x-amz-trailer", "x-amz-checksum-crc32"}}), good, 200, ""},
      {"shorter than announced",
       with({{"x-amz-decoded-content-length", "6"}, {"x-amz-trailer", "x-amz-checksum-crc32"}}), good, 400,
       "IncompleteBody"},
      {"longer than announced",
       with({{"x-amz-decoded-content-length", "4"}, {"x-amz-trailer", "x-amz-checksum-crc32"}}), good, 400,
       "IncompleteBody"},
      {"not announced", with({}), good, 400, "MalformedTrailerError"},
      {"another announced", with({{"x-amz-trailer", "x-amz-checksum-crc32c"}}), good, 400,
       "MalformedTrailerError"},
      {"announced but missing", with({{"x-amz-trailer", "x-amz-checksum-crc32"}}), "5\r\nhello\r\n0\r\n\r\n",
       400, "MalformedTrailerError"},
      {"wrong value", with({{"x-amz-trailer", "x-amz-checksum-crc32"}}),
       "5\r\nhellO\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", 400, "BadDigest"},
      {"value is no checksum", with({{"x-amz-trailer", "x-amz-checksum-crc32"}}),
       "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:!\r\n\r\n", 400, "InvalidRequest"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const Answer put = f.send("PUT", "/bucket/k", c.headers, c.body, 3);
    CHECK(put.status == c.status);
    const Answer got = f.send("GET", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}});
    if (c.status == 200) {
      CHECK(got.body == "hello");
      CHECK(got.header("Content-Encoding") == "gzip");
      CHECK(got.header("x-amz-checksum-crc32") == "NhCmhg==");
      CHECK(f.send("DELETE", "/bucket/k").status == 204);
    } else {
      CHECK(put.element("Code") == c.code);
      CHECK(got.status == 404);
    }
  }
}

}  // namespace tidemark::s3emu
