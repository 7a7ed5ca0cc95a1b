#include "base/auth/sigv4.h"

#include "base/bytes.h"
#include "base/digest.h"
#include "tests/support/catch.h"

namespace tidemark::auth {
namespace {

using namespace std::string_literals;

std::string sha256_hex(std::string_view bytes) { return to_hex(digest_of(DigestAlgorithm::kSha256, bytes)); }

struct Example {
  const char* why;
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string signed_headers;
  std::string payload;  // the last line of the canonical request
  std::string signature;
};

http::RequestHead head_of(const Example& example) {
  http::RequestHead head;
  head.method = example.method;
  head.target = example.target;
  for (const auto& [name, value] : example.headers) head.headers.add(name, value);
  return head;
}

SigV4 sigv4_of(const Example& example, const std::string& credential, const std::string& time) {
  auto names = parse_signed_headers(example.signed_headers);
  REQUIRE(names.has_value());
  return {*parse_credential(credential), time, std::move(*names), example.payload, example.signature};
}

// The credentials of the public examples of S3.
const Credential kS3Example{
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", {"000000000000", "", ""}};
constexpr const char* kS3Scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
constexpr const char* kS3Time = "20130524T000000Z";
const std::string kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST_CASE("signature version 4: the public examples of S3") {
  const std::string host = "examplebucket.s3.amazonaws.com";
  const auto c = GENERATE_COPY(values<Example>({
      {"GET with a range",
       "GET",
       "/test.txt",
       {{"Host", host}, {"Range", "bytes=0-9"}, {"x-amz-content-sha256", kEmpty}, {"x-amz-date", kS3Time}},
       "host;range;x-amz-content-sha256;x-amz-date",
       kEmpty,
       "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
      {"PUT of an encoded key",
       "PUT",
       "/test%24file.text",
       {{"Host", host},
        {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
        {"x-amz-date", kS3Time},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
        {"x-amz-content-sha256", sha256_hex("Welcome to Amazon S3.")}},
       "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
       sha256_hex("Welcome to Amazon S3."),
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"a key sent without encoding",
       "PUT",
       "/test$file.text",
       {{"Host", host},
        {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
        {"x-amz-date", kS3Time},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
        {"x-amz-content-sha256", sha256_hex("Welcome to Amazon S3.")}},
       "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
       sha256_hex("Welcome to Amazon S3."),
       "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
      {"a sub-resource",
       "GET",
       "/?lifecycle",
       {{"Host", host}, {"x-amz-date", kS3Time}, {"x-amz-content-sha256", kEmpty}},
       "host;x-amz-content-sha256;x-amz-date",
       kEmpty,
       "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
      {"a list, its parameters in no order",
       "GET",
       "/?prefix=J&max-keys=2",
       {{"Host", host}, {"x-amz-date", kS3Time}, {"x-amz-content-sha256", kEmpty}},
       "host;x-amz-content-sha256;x-amz-date",
       kEmpty,
       "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
      {"a presigned URL",
       "GET",
       "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-"
       "east-1"
       "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
       "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
       {{"Host", host}},
       "host",
       std::string(kUnsignedPayload),
       "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"},
  }));
  INFO(c.why);
  const http::RequestHead head = head_of(c);
  const SigV4 sigv4 = sigv4_of(c, kS3Scope, kS3Time);
  INFO(canonical_request(head, sigv4, UriForm::kDecodedOnce));
  SigningKeys keys;
  for (int i = 0; i < 2; ++i) {  // the key is made, then remembered
    const auto key = verify(head, sigv4, kS3Example, Dialect::kS3, &keys);
    REQUIRE(key.has_value());
    CHECK(*key == signing_key(kS3Example.secret_key, sigv4.scope));
  }
}

TEST_CASE("signature version 4: the public test suite of all other services") {
  const Credential credential{
      "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", {"000000000000", "", ""}};
  const std::string time = "20150830T123600Z";
  const std::pair<std::string, std::string> host{"Host", "example.amazonaws.com"};
  const std::pair<std::string, std::string> date{"X-Amz-Date", time};
  const std::string vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
  const auto c = GENERATE_COPY(values<Example>({
      {"get-vanilla", "GET", "/", {host, date}, "host;x-amz-date", kEmpty, vanilla},
      {"get-slash", "GET", "//", {host, date}, "host;x-amz-date", kEmpty, vanilla},
      {"get-relative", "GET", "/example/..", {host, date}, "host;x-amz-date", kEmpty, vanilla},
      {"get-relative-relative",
       "GET",
       "/example1/example2/../..",
       {host, date},
       "host;x-amz-date",
       kEmpty,
       vanilla},
      {"get-slash-dot-slash", "GET", "/./", {host, date}, "host;x-amz-date", kEmpty, vanilla},
      {"get-slashes",
       "GET",
       "//example//",
       {host, date},
       "host;x-amz-date",
       kEmpty,
       "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {"get-space",
       "GET",
       "/example space/",
       {host, date},
       "host;x-amz-date",
       kEmpty,
       "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"},
      {"get-utf8",
       "GET",
       "/\xe1\x88\xb4",
       {host, date},
       "host;x-amz-date",
       kEmpty,
       "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
      {"get-vanilla-query-order-key-case",
       "GET",
       "/?Param2=value2&Param1=value1",
       {host, date},
       "host;x-amz-date",
       kEmpty,
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-vanilla-empty-query-key",
       "GET",
       "/?Param1=value1",
       {host, date},
       "host;x-amz-date",
       kEmpty,
       "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
      {"get-header-key-duplicate",
       "GET",
       "/",
       {host, {"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}, date},
       "host;my-header1;x-amz-date",
       kEmpty,
       "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {"get-header-value-trim",
       "GET",
       "/",
       {host, {"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}, date},
       "host;my-header1;my-header2;x-amz-date",
       kEmpty,
       "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"post-vanilla",
       "POST",
       "/",
       {host, date},
       "host;x-amz-date",
       kEmpty,
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post-x-www-form-urlencoded",
       "POST",
       "/",
       {{"Content-Type", "application/x-www-form-urlencoded"}, host, date},
       "content-type;host;x-amz-date",
       sha256_hex("Param1=value1"),
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
  }));
  INFO(c.why);
  const http::RequestHead head = head_of(c);
  const SigV4 sigv4 = sigv4_of(c, "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request", time);
  INFO(canonical_request(head, sigv4, UriForm::kNormalized));
  SigningKeys keys;
  CHECK(verify(head, sigv4, credential, Dialect::kPlain, &keys).has_value());
}

TEST_CASE("canonical paths and queries of S3") {
  struct Case {
    const char* why;
    std::string target, path, query;
  };
  const auto c = GENERATE(values<Case>({
      {"nothing is normalised", "/b//a/../c/./", "/b//a/../c/./", ""},
      {"decoded and encoded once", "/b/a%2fb%7e%20+c", "/b/a/b~%20%2Bc", ""},
      {"an escaped percent sign stays one", "/b/%2520", "/b/%2520", ""},
      {"a broken escape is encoded as it is", "/b/%zz", "/b/%25zz", ""},
      {"an empty path", "?acl", "/", "acl="},
      {"the absolute form", "http://host:80/b/k?x=1", "/b/k", "x=1"},
      {"the absolute form without a path", "http://host", "/", ""},
      {"sorted by name, then by value", "/?b=2&a=2&b=1&a", "/", "a=&a=2&b=1&b=2"},
      {"sorted by the encoded names", "/?%7Bx=1&Zx=2", "/", "%7Bx=1&Zx=2"},
      {"a slash that was not encoded", "/?delimiter=/&prefix=a+b", "/", "delimiter=%2F&prefix=a%20b"},
      {"empty pairs do not count", "/?&&a=1&", "/", "a=1"},
      {"more than one equals sign", "/?a=b=c", "/", "a=b%3Dc"},
      {"a value of its own bytes", "/?a=%ff%00", "/", "a=%FF%00"},
      {"without the signature itself", "/?X-Amz-Signature=abc&X-Amz-Date=x", "/", "X-Amz-Date=x"},
  }));
  INFO(c.why);
  http::RequestHead head;
  head.method = "GET";
  head.target = c.target;
  CHECK(canonical_request(head, {}, UriForm::kDecodedOnce) == "GET\n" + c.path + "\n" + c.query + "\n\n");
}

TEST_CASE("canonical headers") {
  http::RequestHead head;
  head.method = "PUT";
  head.target = "/";
  head.headers.add("X-Amz-Meta-A", "  a \t  b  ");
  head.headers.add("HOST", "Example.com:80");
  head.headers.add("x-amz-meta-a", "\xc3\xa4");
  head.headers.add("x-empty", "");
  SigV4 sigv4;
  sigv4.signed_headers = {"host", "x-absent", "x-amz-meta-a", "x-empty"};
  sigv4.payload = "P";
  CHECK(canonical_request(head, sigv4, UriForm::kDecodedOnce) ==
        "PUT\n/\n\nhost:Example.com:80\nx-absent:\nx-amz-meta-a:a b,\xc3\xa4\nx-empty:\n\n"
        "host;x-absent;x-amz-meta-a;x-empty\nP");
}

TEST_CASE("a client that signs the path as it sends it") {
  http::RequestHead head;
  head.method = "GET";
  head.target = "/b/a+b$c";
  head.headers.add("Host", "localhost");
  SigV4 sigv4{*parse_credential(kS3Scope), kS3Time, {"host"}, std::string(kUnsignedPayload), ""};
  sigv4.signature = signature_of(signing_key(kS3Example.secret_key, sigv4.scope),
                                 string_to_sign(sigv4, canonical_request(head, sigv4, UriForm::kAsSent)));
  SigningKeys keys;
  CHECK(verify(head, sigv4, kS3Example, Dialect::kS3, &keys).has_value());
  CHECK_FALSE(verify(head, sigv4, kS3Example, Dialect::kPlain, &keys).has_value());
}

TEST_CASE("whatever is changed breaks the signature") {
  const std::string signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
  Example example{"",
                  "GET",
                  "/test.txt",
                  {{"Host", "examplebucket.s3.amazonaws.com"},
                   {"Range", "bytes=0-9"},
                   {"x-amz-content-sha256", kEmpty},
                   {"x-amz-date", kS3Time}},
                  "host;range;x-amz-content-sha256;x-amz-date",
                  kEmpty,
                  signature};
  SigningKeys keys;
  REQUIRE(verify(head_of(example), sigv4_of(example, kS3Scope, kS3Time), kS3Example, Dialect::kS3, &keys));
  std::string scope = kS3Scope;
  std::string time = kS3Time;
  Credential credential = kS3Example;
  const std::string changed =
      GENERATE("method", "path", "query", "host", "value", "more values", "list", "payload", "time", "date",
               "region", "service", "secret", "signature", "upper case", "shorter", "empty", "longer");
  INFO(changed);
  if (changed == "method") example.method = "HEAD";
  if (changed == "path") example.target = "/Test.txt";
  if (changed == "query") example.target += "?acl";
  if (changed == "host") example.headers[0].second += ":80";
  if (changed == "value") example.headers[1].second = "bytes=0-99";
  if (changed == "more values") example.headers.emplace_back("range", "bytes=0-9");
  if (changed == "list") example.signed_headers = "host;x-amz-content-sha256;x-amz-date";
  if (changed == "payload") example.payload = kUnsignedPayload;
  if (changed == "time") time = "20130524T000001Z";
  if (changed == "date") scope = "AKIAIOSFODNN7EXAMPLE/20130525/us-east-1/s3/aws4_request";
  if (changed == "region") scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-2/s3/aws4_request";
  if (changed == "service") scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/dynamodb/aws4_request";
  if (changed == "secret") {
    credential.secret_key = "another";
    credential.access_key = "AK2";
    scope = "AK2/20130524/us-east-1/s3/aws4_request";
  }
  if (changed == "signature") example.signature[0] = '0';
  if (changed == "upper case") example.signature[0] = 'F';
  if (changed == "shorter") example.signature.pop_back();
  if (changed == "empty") example.signature.clear();
  if (changed == "longer") example.signature += '0';
  const SigV4 sigv4 = sigv4_of(example, scope, time);
  const auto key = verify(head_of(example), sigv4, credential, Dialect::kS3, &keys);
  REQUIRE_FALSE(key.has_value());
  CHECK(key.error().canonical_request == canonical_request(head_of(example), sigv4, UriForm::kDecodedOnce));
  CHECK(key.error().string_to_sign == string_to_sign(sigv4, key.error().canonical_request));
}

TEST_CASE("Authorization headers are taken apart") {
  struct Case {
    const char* why;
    std::string header, algorithm;
    std::optional<std::string_view> credential, signed_headers, signature;
  };
  const auto c = GENERATE(values<Case>({
      {"usual", "A Credential=c/d, SignedHeaders=a;b, Signature=0f", "A", "c/d", "a;b", "0f"},
      {"no blanks", "A Credential=c,SignedHeaders=a,Signature=0", "A", "c", "a", "0"},
      {"another order", "A Signature=0,\t Credential=c ,SignedHeaders=a", "A", "c", "a", "0"},
      {"the first counts", "A Signature=0, Signature=1", "A", {}, {}, "0"},
      {"values may hold equals signs", "A Signature=0==", "A", {}, {}, "0=="},
      {"names count exactly", "A signature=0, XSignature=1, Credential", "A", {}, {}, {}},
      {"empty values are there", "A Signature=", "A", {}, {}, ""},
      {"nothing", "", "", {}, {}, {}},
      {"the algorithm alone", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256", {}, {}, {}},
      {"separators alone", "A ,, ,", "A", {}, {}, {}},
  }));
  INFO(c.why);
  const AuthorizationHeader parts = split_authorization(c.header);
  CHECK(parts.algorithm == c.algorithm);
  CHECK(parts.credential == c.credential);
  CHECK(parts.signed_headers == c.signed_headers);
  CHECK(parts.signature == c.signature);
}

TEST_CASE("credential scopes are taken apart from the right") {
  const auto plain = parse_credential("AK/20260101/eu-west-1/s3/aws4_request");
  REQUIRE(plain.has_value());
  CHECK(plain->access_key == "AK");
  CHECK(plain->text() == "20260101/eu-west-1/s3/aws4_request");
  const auto slashes = parse_credential("A/K/20260101/eu-west-1/s3/aws4_request");
  REQUIRE(slashes.has_value());
  CHECK(slashes->access_key == "A/K");
  CHECK(slashes->date == "20260101");
  CHECK(slashes->region == "eu-west-1");
  CHECK(slashes->service == "s3");
  CHECK(slashes->terminator == "aws4_request");
  CHECK(parse_credential("////").has_value());
  CHECK_FALSE(parse_credential("a/b/c/d").has_value());
  CHECK_FALSE(parse_credential("").has_value());
}

TEST_CASE("lists of signed headers") {
  using Names = std::vector<std::string>;
  CHECK(parse_signed_headers("host") == Names{"host"});
  CHECK(parse_signed_headers("Host;X-Amz-Date") == Names{"host", "x-amz-date"});
  for (const char* const text : {"", ";", "host;", ";host", "host;;date", "host;date;HOST"}) {
    CHECK_FALSE(parse_signed_headers(text).has_value());
  }
  std::string many = "h0";
  for (int i = 1; i < 256; ++i) many += ";h" + std::to_string(i);
  CHECK(parse_signed_headers(many).has_value());
  CHECK_FALSE(parse_signed_headers(many + ";one-more").has_value());
}

TEST_CASE("headers that must be signed and are not") {
  http::Headers headers;
  headers.add("Host", "h");
  headers.add("X-Amz-Meta-B", "1");
  headers.add("x-amz-acl", "private");
  headers.add("x-amz-acl", "public-read");
  headers.add("x-amz-date", "d");
  headers.add("x-amzn-trace-id", "1");
  headers.add("x-amz", "1");
  CHECK(unsigned_amz_headers(headers, {"host", "x-amz-date"}) ==
        std::vector<std::string>{"x-amz-acl", "x-amz-meta-b"});
  CHECK(unsigned_amz_headers(headers, {"x-amz-acl", "x-amz-date", "x-amz-meta-b"}).empty());
}

TEST_CASE("signing keys are bounded") {
  const Credential credential{"AK", "secret", {}};
  SigningKeys keys;
  for (int i = 0; i < 3000; ++i) {
    const CredentialScope scope{"AK", "20260101", "r" + std::to_string(i), "s3", "aws4_request"};
    const std::string key = keys.key_for(credential, scope);
    REQUIRE(key == signing_key("secret", scope));
    keys.remember(scope, key);
    keys.remember(scope, key);
    REQUIRE(keys.key_for(credential, scope) == key);
  }
}

struct ChunkedExample {
  const char* why;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string signed_headers, payload, seed;
  std::vector<std::string> chunks;
  std::string trailer;
};

TEST_CASE("signatures of chunks and trailers: the public examples") {
  const std::string host = "s3.amazonaws.com";
  const auto c = GENERATE_COPY(values<ChunkedExample>({
      {"signed chunks",
       {{"content-encoding", "aws-chunked"},
        {"content-length", "66824"},
        {"host", host},
        {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
        {"x-amz-date", kS3Time},
        {"x-amz-decoded-content-length", "66560"},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
       "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
       "x-amz-storage-class",
       "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
       "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
       {"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"},
       ""},
      {"signed chunks and a signed trailer",
       {{"content-encoding", "aws-chunked"},
        {"host", host},
        {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"},
        {"x-amz-date", kS3Time},
        {"x-amz-decoded-content-length", "66560"},
        {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
        {"x-amz-trailer", "x-amz-checksum-crc32c"}},
       "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-"
       "class;"
       "x-amz-trailer",
       "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
       "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
       {"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"},
       "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"},
  }));
  INFO(c.why);
  const Example request{"",        "PUT", "/examplebucket/chunkObject.txt", c.headers, c.signed_headers,
                        c.payload, c.seed};
  const SigV4 sigv4 = sigv4_of(request, kS3Scope, kS3Time);
  SigningKeys keys;
  const auto key = verify(head_of(request), sigv4, kS3Example, Dialect::kS3, &keys);
  REQUIRE(key.has_value());

  const std::string bodies[] = {std::string(65536, 'a'), std::string(1024, 'a'), ""};
  ChunkSignatures chunks(sigv4, *key);
  // A wrong one is refused and changes nothing.
  CHECK_FALSE(chunks.take_chunk(digest_of(DigestAlgorithm::kSha256, "b"), c.chunks[0]));
  CHECK_FALSE(chunks.take_chunk(digest_of(DigestAlgorithm::kSha256, bodies[0]), c.chunks[1]));
  CHECK_FALSE(chunks.take_chunk(digest_of(DigestAlgorithm::kSha256, bodies[0]), ""));
  for (std::size_t i = 0; i < c.chunks.size(); ++i) {
    CHECK(chunks.take_chunk(digest_of(DigestAlgorithm::kSha256, bodies[i]), c.chunks[i]));
  }
  if (c.trailer.empty()) return;
  const std::string lines = "x-amz-checksum-crc32c:sOO8/Q==\n";
  CHECK_FALSE(chunks.take_trailer(digest_of(DigestAlgorithm::kSha256, lines + "x:y\n"), c.trailer));
  CHECK(chunks.take_trailer(digest_of(DigestAlgorithm::kSha256, lines), c.trailer));
}

}  // namespace
}  // namespace tidemark::auth
