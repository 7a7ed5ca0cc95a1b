#include "tests/unit/s3emu/rest/signing.h"

namespace tidemark::s3emu::signing {
namespace {

struct ChunkedUpload {
  Request request;
  auth::SigV4 sigv4;
};

// An upload in signed chunks of these bytes.
ChunkedUpload chunked_upload(const std::vector<std::string>& chunks, const std::string& trailer) {
  const std::string payload =
      trailer.empty() ? "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" : "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
  std::size_t size = 0;
  for (const std::string& chunk : chunks) size += chunk.size();
  Request request{
      .method = "PUT",
      .target = "/bucket/new",
      .headers = {{"x-amz-content-sha256", payload}, {"x-amz-decoded-content-length", std::to_string(size)}}};
  if (!trailer.empty()) request.headers.emplace_back("x-amz-trailer", "x-amz-checksum-crc32");
  ChunkedUpload out;
  out.request = kAlice(std::move(request), &out.sigv4);
  const std::string key = auth::signing_key(kAlice.secret_key, out.sigv4.scope);
  const std::string context = out.sigv4.time + "\n" + out.sigv4.scope.text() + "\n";
  const auto sha256 = [](std::string_view bytes) {
    return to_hex(digest_of(DigestAlgorithm::kSha256, bytes));
  };
  std::string previous = out.sigv4.signature;
  for (const std::string& chunk : chunks) {
    previous = auth::signature_of(
        key, "AWS4-HMAC-SHA256-PAYLOAD\n" + context + previous + "\n" + sha256("") + "\n" + sha256(chunk));
    char size_hex[17];
    std::snprintf(size_hex, sizeof size_hex, "%zx", chunk.size());
    out.request.body += size_hex + (";chunk-signature=" + previous) + "\r\n" + chunk;
    if (!chunk.empty()) out.request.body += "\r\n";
  }
  if (!trailer.empty()) {
    previous = auth::signature_of(key, "AWS4-HMAC-SHA256-TRAILER\n" + context + previous + "\n" +
                                           sha256("x-amz-checksum-crc32:" + trailer + "\n"));
    out.request.body +=
        "x-amz-checksum-crc32:" + trailer + "\r\nx-amz-trailer-signature:" + previous + "\r\n";
  }
  out.request.body += "\r\n";
  return out;
}

}  // namespace

TEST_CASE("strict mode: each chunk of a body is verified") {
  StrictFixture s3;
  struct Case {
    const char* why;
    bool trailer;
    std::string from, to;  // in the body
    std::string code;
  };
  const std::string hello_crc32 = "NhCmhg==";
  const auto c = GENERATE_COPY(values<Case>({
      {"nothing", false, "", "", "(none)"},
      {"nothing, with a trailer", true, "", "", "(none)"},
      {"bytes of the first chunk", false, "hel", "heL", "SignatureDoesNotMatch"},
      {"bytes of the second chunk", false, "lo\r", "lO\r", "SignatureDoesNotMatch"},
      {"a size", false, "3;", "4;", "SignatureDoesNotMatch"},
      {"a signature", true, ";chunk-signature=", ";chunk-signature=0", "SignatureDoesNotMatch"},
      {"no signature", false, ";chunk-signature=", ";chunk=", "IncompleteBody"},
      {"another extension as well", false, ";chunk-signature=", ";a=b; chunk-signature = ", "(none)"},
      {"the end left out", false, "0;", "", "IncompleteBody"},
      {"value of the trailer", true, hello_crc32, "AAAAAA==", "SignatureDoesNotMatch"},
      {"signature of the trailer", true, "x-amz-trailer-signature:", "x-amz-trailer-signature:0",
       "SignatureDoesNotMatch"},
      {"no signature of the trailer", true,
       "x-amz-trailer-signature:", "x-amz-signature:", "MalformedTrailerError"},
      {"a trailer nobody signed", false, "\r\n\r\n", "\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n",
       "MalformedTrailerError"},
  }));
  INFO(c.why);
  const std::size_t piece = GENERATE(1, 7, 1000);
  Request request = chunked_upload({"hel", "lo", ""}, c.trailer ? hello_crc32 : "").request;
  const std::size_t at = c.from == "\r\n\r\n" ? request.body.rfind(c.from) : request.body.find(c.from);
  REQUIRE(at != std::string::npos);
  request.body.replace(at, c.from.size(), c.to);
  const Answer answer = s3.send(request, piece);
  INFO(answer.body);
  CHECK(answer.element("Code") == c.code);
  const Answer stored = s3.send(kAlice({.target = "/bucket/new"}));
  CHECK(stored.status == (c.code == "(none)" ? 200 : 404));
  if (c.code == "(none)") CHECK(stored.body == "hello");
}

TEST_CASE("strict mode: the chunks of one request do not fit another") {
  StrictFixture s3;
  const ChunkedUpload first = chunked_upload({"hello", ""}, "");
  Request second = Signer{.time = kAlice.time.plus_seconds(1)}(
      {.method = "PUT",
       .target = "/bucket/new",
       .headers = {{"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
                   {"x-amz-decoded-content-length", "5"}}});
  second.body = first.request.body;
  CHECK(s3.send(second).element("Code") == "SignatureDoesNotMatch");
}

TEST_CASE("the policies of forms are signed") {
  const S3Service::Options strict = options_with(true);
  const S3Service::Options open = options_with(false);
  const std::string policy = "eyJjb25kaXRpb25zIjpbXX0=";
  const auth::SigV4 sigv4 = kAlice.sigv4();
  const NamedValues version4 = {
      {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
      {"x-amz-credential", "AKALICE/" + sigv4.scope.text()},
      {"x-amz-date", sigv4.time},
      {"x-amz-signature", auth::signature_of(auth::signing_key(kAlice.secret_key, sigv4.scope), policy)}};
  const NamedValues version2 = {{"awsaccesskeyid", "AK/BOB"},
                                {"signature", auth::signature_v2(kBob.secret_key, policy)}};
  CHECK(identify_form(version4, policy, strict)->account.id == "111111111111");
  CHECK(identify_form(version2, policy, strict)->account.id == "222222222222");
  CHECK(identify_form(version4, "another", open)->account.id == "111111111111");
  CHECK(identify_form(version2, "another", open)->account.id == "222222222222");
  CHECK(identify_form({}, policy, open)->account.id == "000000000000");
  CHECK(identify_form(version4, "another", strict).error().code == "SignatureDoesNotMatch");
  CHECK(identify_form(version2, "another", strict).error().code == "SignatureDoesNotMatch");

  struct Case {
    std::size_t field;
    std::string value, code;
  };
  const auto c = GENERATE(values<Case>({
      {0, "AWS4-HMAC-SHA512", "InvalidArgument"},
      {1, "AKALICE/20260921/eu-west-1/s3", "InvalidArgument"},
      {1, "AKALICE/20260921/eu-west-1/s4/aws4_request", "InvalidArgument"},
      {1, "AKALICE/20260922/eu-west-1/s3/aws4_request", "InvalidArgument"},
      {1, "AKALICE/20260921/eu-west-2/s3/aws4_request", "SignatureDoesNotMatch"},
      {1, "AKWHO/20260921/eu-west-1/s3/aws4_request", "InvalidAccessKeyId"},
      {2, "today", "InvalidArgument"},
      {3, "", "SignatureDoesNotMatch"},
  }));
  INFO(c.value);
  NamedValues fields = version4;
  fields[c.field].second = c.value;
  const auto caller = identify_form(fields, policy, strict);
  REQUIRE_FALSE(caller.has_value());
  CHECK(caller.error().code == c.code);
}

}  // namespace tidemark::s3emu::signing
