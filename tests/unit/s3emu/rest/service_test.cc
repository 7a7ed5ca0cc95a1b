#include "s3emu/rest/front/service.h"

#include "base/bytes.h"
#include "tests/support/catch.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {

TEST_CASE("buckets: create, list, head, locate, delete") {
  RestFixture f;
  CHECK(f.send("PUT", "/bucket").header("Location") == "/bucket");
  CHECK(f.send("PUT", "/bucket").status == 200);  // the oldest region takes it for granted
  const std::string europe =
      "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
  CHECK(f.send("PUT", "/europe", {}, europe).status == 200);
  CHECK(f.send("PUT", "/europe", {}, europe).element("Code") == "BucketAlreadyOwnedByYou");
  CHECK(f.send("PUT", "/Bad_Name").element("Code") == "InvalidBucketName");
  CHECK(f.send("PUT", "/other", {}, "<oops").element("Code") == "MalformedXML");
  CHECK(f.send("HEAD", "/europe").header("x-amz-bucket-region") == "eu-west-1");
  CHECK(f.send("HEAD", "/none").status == 404);
  CHECK(f.send("HEAD", "/none").body.empty());
  CHECK(f.send("GET", "/europe?location").has(">eu-west-1</LocationConstraint>"));
  CHECK(f.send("GET", "/bucket?location").has("></LocationConstraint>"));
  const Answer list = f.send("GET", "/");
  CHECK(list.has("<Name>bucket</Name>"));
  CHECK(list.has("<Name>europe</Name>"));
  const Answer page = f.send("GET", "/?max-buckets=1");
  CHECK(!page.has("europe"));
  CHECK(f.send("GET", "/?continuation-token=" + page.element("ContinuationToken")).element("Name") ==
        "europe");
  CHECK(f.send("DELETE", "/europe").status == 204);
  CHECK(f.send("DELETE", "/europe").element("Code") == "NoSuchBucket");
  CHECK(f.send("GET", "/bucket", {{"x-amz-expected-bucket-owner", "someone"}}).element("Code") ==
        "AccessDenied");
}

TEST_CASE("every answer has its ids, and an error is a document") {
  RestFixture f;
  const Answer answer = f.send("GET", "/none/k");
  CHECK(answer.status == 404);
  CHECK(answer.header("x-amz-request-id").size() == 16);
  CHECK(answer.element("RequestId") == answer.header("x-amz-request-id"));
  CHECK(answer.header("x-amz-id-2") != "(none)");
  CHECK(answer.header("Content-Type") == "application/xml");
  CHECK(answer.body.starts_with("<?xml"));
  CHECK(answer.element("Code") == "NoSuchBucket");
  CHECK(answer.element("Resource") == "/none/k");
  f.make_bucket();
  CHECK(f.send("GET", "/bucket/k").element("Message") == "The specified key does not exist.");
}

TEST_CASE("an object comes back as it went in") {
  RestFixture f;
  f.make_bucket();
  const std::size_t size = GENERATE(0, 5, 70000);
  std::string bytes(size, 'b');
  const Answer put = f.send("PUT", "/bucket/a%20b/%C3%A4",
                            {{"Content-Type", "text/x"},
                             {"Cache-Control", "no-store"},
                             {"Expires", "never"},
                             {"X-Amz-Meta-Color", "red"},
                             {"x-amz-meta-color", "blue"},
                             {"x-amz-tagging", "a=1&b=%20"},
                             {"x-amz-storage-class", "STANDARD_IA"}},
                            bytes, 4096);
  CHECK(put.status == 200);
  CHECK(put.body.empty());
  CHECK(put.header("ETag") == "\"" + to_hex(digest_of(DigestAlgorithm::kMd5, bytes)) + "\"");
  CHECK(put.header("x-amz-checksum-crc64nvme") != "(none)");
  CHECK(put.header("x-amz-checksum-type") == "FULL_OBJECT");
  for (const char* method : {"GET", "HEAD"}) {
    const Answer got = f.send(method, "/bucket/a%20b/%C3%A4");
    INFO(method);
    CHECK(got.status == 200);
    CHECK(got.body == (method == std::string("GET") ? bytes : ""));
    if (method == std::string("HEAD")) CHECK(got.content_length == size);
    CHECK(got.header("ETag") == put.header("ETag"));
    CHECK(got.header("Last-Modified") == "Mon, 21 Sep 2026 14:13:20 GMT");
    CHECK(got.header("Content-Type") == "text/x");
    CHECK(got.header("Cache-Control") == "no-store");
    CHECK(got.header("Expires") == "never");
    CHECK(got.header("x-amz-meta-color") == "red,blue");
    CHECK(got.header("x-amz-tagging-count") == "2");
    CHECK(got.header("x-amz-storage-class") == "STANDARD_IA");
    CHECK(got.header("x-amz-version-id") == "(none)");
    CHECK(got.header("x-amz-checksum-crc64nvme") == "(none)");
  }
  CHECK(f.send("DELETE", "/bucket/a%20b/%C3%A4").status == 204);
  CHECK(f.send("DELETE", "/bucket/a%20b/%C3%A4").status == 204);
  CHECK(f.send("HEAD", "/bucket/a%20b/%C3%A4").status == 404);
}

TEST_CASE("uploads that must not become objects") {
  RestFixture f;
  f.make_bucket();
  struct Case {
    const char* why;
    NamedValues headers;
    int status;
    std::string code;
  };
  const std::vector<Case> cases = {
      {"wrong Content-MD5", {{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}}, 400, "BadDigest"},
      {"Content-MD5 of another length", {{"Content-MD5", "AAAA"}}, 400, "InvalidDigest"},
      {"empty Content-MD5", {{"Content-MD5", ""}}, 400, "InvalidDigest"},
      {"wrong payload hash",
       {{"x-amz-content-sha256", std::string(64, '0')}},
       400,
       "XAmzContentSHA256Mismatch"},
      {"payload hash is nonsense", {{"x-amz-content-sha256", "abc"}}, 400, "InvalidArgument"},
      {"wrong checksum", {{"x-amz-checksum-crc32", "AAAAAA=="}}, 400, "BadDigest"},
      {"checksum is nonsense", {{"x-amz-checksum-crc32", "A"}}, 400, "InvalidRequest"},
      {"two checksums",
       {{"x-amz-checksum-crc32", "NhCmhg=="}, {"x-amz-checksum-crc32c", "mnG7TA=="}},
       400,
       "InvalidRequest"},
      {"announced, not sent", {{"x-amz-sdk-checksum-algorithm", "CRC32"}}, 400, "InvalidRequest"},
      {"checksum of an unknown kind", {{"x-amz-checksum-adler32", "AAAA"}}, 400, "InvalidRequest"},
      {"key encryption",
       {{"x-amz-server-side-encryption-customer-algorithm", "AES256"}},
       501,
       "NotImplemented"},
      {"storage class", {{"x-amz-storage-class", "COLD"}}, 400, "InvalidStorageClass"},
      {"acl", {{"x-amz-acl", "everyone"}}, 400, "InvalidArgument"},
      {"metadata too large", {{"x-amz-meta-a", std::string(2048, 'a')}}, 400, "MetadataTooLarge"},
      {"tag twice", {{"x-amz-tagging", "a=1&a=2"}}, 400, "InvalidTag"},
      {"If-None-Match with an ETag", {{"If-None-Match", "\"abc\""}}, 501, "NotImplemented"},
      {"If-Match on nothing", {{"If-Match", "\"abc\""}}, 404, "NoSuchKey"},
  };
  for (const Case& c : cases) {
    INFO(c.why);
    const Answer put = f.send("PUT", "/bucket/k", c.headers, "hello");
    CHECK(put.status == c.status);
    CHECK(put.element("Code") == c.code);
    CHECK(f.send("HEAD", "/bucket/k").status == 404);
  }
  CHECK(f.send("PUT", "/bucket/" + std::string(1025, 'k'), {}, "").element("Code") == "KeyTooLongError");
  CHECK(f.send("PUT", "/bucket/k",
               {{"Content-MD5", base64_encode(digest_of(DigestAlgorithm::kMd5, "hello"))},
                {"x-amz-content-sha256", to_hex(digest_of(DigestAlgorithm::kSha256, "hello"))},
                {"x-amz-checksum-sha1", base64_encode(digest_of(DigestAlgorithm::kSha1, "hello"))},
                {"x-amz-sdk-checksum-algorithm", "SHA1"},
                {"If-None-Match", "*"}},
               "hello")
            .status == 200);
  CHECK(f.send("PUT", "/bucket/k", {{"If-None-Match", "*"}}, "x").element("Code") == "PreconditionFailed");
}

TEST_CASE("nothing that is asked for is dropped in silence") {
  RestFixture fixture;
  fixture.make_bucket();
  REQUIRE(fixture.send("PUT", "/bucket/k", {{"Cache-Control", "max-age=9"}, {"Expires", "never"}}, "text")
              .status == 200);
  struct Case {
    const char* method;
    const char* target;
    NamedValues headers;
    int status;
    const char* code;
  };
  const auto c = GENERATE(values<Case>({
      {"PUT", "/bucket/k?versionId=null", {}, 400, "InvalidArgument"},
      {"PUT", "/bucket/k", {{"x-amz-server-side-encryption-customer-key", "x"}}, 501, "NotImplemented"},
      {"PUT", "/bucket/k", {{"x-amz-server-side-encryption-aws-kms-key-id", "x"}}, 501, "NotImplemented"},
      {"POST",
       "/bucket/k?uploads",
       {{"x-amz-server-side-encryption-customer-key-MD5", "x"}},
       501,
       "NotImplemented"},
      {"GET",
       "/bucket/k",
       {{"x-amz-server-side-encryption-customer-algorithm", "AES256"}},
       400,
       "InvalidRequest"},
      {"GET", "/?max-buckets=0", {}, 400, "InvalidArgument"},
      {"GET", "/?max-buckets=10001", {}, 400, "InvalidArgument"},
  }));
  INFO(c.method << " " << c.target);
  const Answer refused = fixture.send(c.method, c.target, c.headers, "other");
  CHECK(refused.status == c.status);
  CHECK(refused.element("Code") == c.code);
  CHECK(fixture.send("GET", "/bucket/k").body == "text");
  const Answer unchanged = fixture.send("GET", "/bucket/k", {{"If-None-Match", "*"}});
  CHECK(unchanged.status == 304);
  CHECK(unchanged.header("Cache-Control") == "max-age=9");
  CHECK(unchanged.header("Expires") == "never");
}

TEST_CASE("reading parts and conditions") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket/k", {}, "0123456789").status == 200);
  const Answer part =
      f.send("GET", "/bucket/k", {{"Range", "bytes=2-4"}, {"x-amz-checksum-mode", "ENABLED"}});
  CHECK(part.status == 206);
  CHECK(part.body == "234");
  CHECK(part.header("Content-Range") == "bytes 2-4/10");
  CHECK(part.header("x-amz-checksum-crc64nvme") == "(none)");
  CHECK(f.send("HEAD", "/bucket/k", {{"Range", "bytes=2-4"}}).content_length == 3);
  const Answer beyond = f.send("GET", "/bucket/k", {{"Range", "bytes=10-"}});
  CHECK(beyond.status == 416);
  CHECK(beyond.element("Code") == "InvalidRange");
  CHECK(beyond.element("ActualObjectSize") == "10");
  CHECK(f.send("GET", "/bucket/k", {{"Range", "bytes=2-4"}, {"If-Range", "\"x\""}}).body == "0123456789");
  CHECK(f.send("GET", "/bucket/k", {{"If-Match", "\"x\""}}).status == 412);
  const Answer same = f.send("GET", "/bucket/k", {{"If-None-Match", "*"}});
  CHECK(same.status == 304);
  CHECK(same.body.empty());
  CHECK(same.header("ETag") != "(none)");
  CHECK(f.send("GET", "/bucket/k", {{"x-amz-checksum-mode", "ENABLED"}}).header("x-amz-checksum-crc64nvme") !=
        "(none)");
  CHECK(f.send("GET", "/bucket/k?partNumber=1").header("Content-Range") == "bytes 0-9/10");
  CHECK(f.send("GET", "/bucket/k?partNumber=2").element("Code") == "InvalidPartNumber");
  CHECK(f.send("GET", "/bucket/k?partNumber=1", {{"Range", "bytes=0-1"}}).element("Code") ==
        "InvalidRequest");
  CHECK(f.send("GET", "/bucket/k?response-content-type=a/b").element("Code") == "InvalidRequest");
  const std::string signed_query = "&AWSAccessKeyId=a&Signature=s&Expires=1790000001";
  const Answer other = f.send("GET", "/bucket/k?response-content-type=a/b%0D%0AX-Evil:%201" + signed_query);
  CHECK(other.header("Content-Type") == "a/bX-Evil: 1");
  CHECK(f.send("GET", "/bucket/k?versionId=null").status == 200);
  CHECK(f.send("GET", "/bucket/k?versionId=abc").element("Code") == "InvalidArgument");
}

TEST_CASE("hoisted headers of presigned requests count, unless they are about the body") {
  RestFixture f;
  f.make_bucket();
  const std::string query =
      "?AWSAccessKeyId=a&Signature=s&Expires=1790000001&x-amz-meta-a=b&content-type=text%2Fx";
  for (const char* const of_body :
       {"x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32", "x-amz-checksum-sha256=none",
        "x-amz-sdk-checksum-algorithm=SHA1", "x-amz-trailer=x-amz-checksum-crc32",
        "x-amz-decoded-content-length=99"}) {
    CAPTURE(of_body);
    CHECK(f.send("PUT", "/bucket/k" + query + "&" + of_body, {}, "hello").status == 200);
  }
  // A header is one, wherever the signature is.
  CHECK(f.send("PUT", "/bucket/k" + query, {{"x-amz-checksum-crc32", "AAAAAA=="}}, "hello").element("Code") ==
        "BadDigest");
  const Answer got = f.send("GET", "/bucket/k");
  CHECK(got.header("x-amz-meta-a") == "b");
  CHECK(got.header("Content-Type") == "text/x");
  CHECK(got.header("Expires") == "(none)");
  // It would come back as a header of its own.
  CHECK(f.send("PUT", "/bucket/k?AWSAccessKeyId=a&Signature=s&Expires=1790000001&x-amz-meta-a%0D%0AX=b")
            .element("Code") == "InvalidArgument");
}

TEST_CASE("multipart upload over REST") {
  RestFixture f;
  f.make_bucket();
  const Answer created =
      f.send("POST", "/bucket/k?uploads",
             {{"x-amz-checksum-algorithm", "CRC32"}, {"Content-Type", "a/b"}, {"x-amz-meta-m", "1"}});
  REQUIRE(created.status == 200);
  CHECK(created.header("x-amz-checksum-type") == "COMPOSITE");
  const std::string id = created.element("UploadId");
  const auto part = [&](int number, const std::string& bytes, const NamedValues& headers) {
    return f.send("PUT", "/bucket/k?partNumber=" + std::to_string(number) + "&uploadId=" + id, headers, bytes,
                  100'000);
  };
  CHECK(part(1, "hello", {}).element("Code") == "InvalidRequest");
  CHECK(part(1, "hello", {{"x-amz-checksum-crc32c", "mnG7TA=="}}).element("Code") == "InvalidRequest");
  CHECK(part(0, "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}}).element("Code") == "InvalidArgument");
  const std::string first(kPartSizeMin, 'f');
  std::string crc;
  append_u32_be(&crc, crc32(0, first));
  const Answer one = part(1, first, {{"x-amz-checksum-crc32", base64_encode(crc)}});
  REQUIRE(one.status == 200);
  const Answer two = part(2, "hello", {{"x-amz-checksum-crc32", "NhCmhg=="}});
  REQUIRE(two.status == 200);
  CHECK(f.send("GET", "/bucket/k?uploadId=" + id).has("<ChecksumCRC32>NhCmhg==</ChecksumCRC32>"));
  CHECK(f.send("GET", "/bucket?uploads").element("UploadId") == id);
  CHECK(f.send("GET", "/bucket").element("Key") == "(none)");
  const auto body = [&](const std::string& second_etag) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<x:CompleteMultipartUpload "
           "xmlns:x=\"any\">\n"
           "<x:Part><x:PartNumber>1</x:PartNumber><x:ETag>" +
           one.header("ETag") + "</x:ETag><x:ChecksumCRC32>" + base64_encode(crc) +
           "</x:ChecksumCRC32></x:Part><x:Part><x:ETag>" + second_etag +
           "</x:ETag><x:ChecksumCRC32>NhCmhg==</x:ChecksumCRC32><x:PartNumber>2</x:PartNumber></x:Part>"
           "</x:CompleteMultipartUpload>";
  };
  const std::string target = "/bucket/k?uploadId=" + id;
  CHECK(f.send("POST", target, {}, body("x")).element("Code") == "InvalidPart");
  CHECK(f.send("POST", target, {}, "<CompleteMultipartUpload/>").element("Code") == "MalformedXML");
  CHECK(f.send("POST", target, {}, "").element("Code") == "MalformedXML");
  const Answer done = f.send("POST", target, {}, body(two.header("ETag")));
  REQUIRE(done.status == 200);
  CHECK(done.has("<CompleteMultipartUploadResult xmlns="));
  CHECK(done.element("Location") == "http://127.0.0.1:8000/bucket/k");
  CHECK(done.element("ChecksumType") == "COMPOSITE");
  CHECK(done.element("ChecksumCRC32").ends_with("-2"));
  CHECK(f.send("POST", target, {}, body(two.header("ETag"))).element("ETag") == done.element("ETag"));
  const Answer last = f.send("GET", "/bucket/k?partNumber=2");
  CHECK(last.status == 206);
  CHECK(last.body == "hello");
  CHECK(last.header("x-amz-mp-parts-count") == "2");
  CHECK(last.header("Content-Type") == "a/b");
  CHECK(last.header("x-amz-meta-m") == "1");
  CHECK(f.send("GET", "/bucket/k").body == first + "hello");
  CHECK(f.send("DELETE", target).element("Code") == "NoSuchUpload");
  CHECK(f.send("POST", "/bucket/k?uploads",
               {{"x-amz-checksum-algorithm", "SHA1"}, {"x-amz-checksum-type", "FULL_OBJECT"}})
            .element("Code") == "InvalidRequest");
}

TEST_CASE("copies over REST") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket/a%2Bb%20c", {{"Content-Type", "a/b"}, {"x-amz-tagging", "t=1"}}, "hello")
              .status == 200);
  const NamedValues source = {{"x-amz-copy-source", "bucket/a%2Bb%20c"}};
  const auto with = [&](NamedValues more) {
    more.insert(more.begin(), source.begin(), source.end());
    return more;
  };
  const Answer copied = f.send("PUT", "/bucket/copy", with({{"Content-Type", "ignored/x"}}));
  REQUIRE(copied.status == 200);
  CHECK(copied.has("<CopyObjectResult"));
  CHECK(f.send("GET", "/bucket/copy").header("Content-Type") == "a/b");
  CHECK(f.send("GET", "/bucket/copy?tagging").element("Key") == "t");
  CHECK(f.send("PUT", "/bucket/a%2Bb%20c", source).element("Code") == "InvalidRequest");
  CHECK(f.send("PUT", "/bucket/a%2Bb%20c",
               with({{"x-amz-metadata-directive", "REPLACE"}, {"Content-Type", "c/d"}}))
            .status == 200);
  CHECK(f.send("GET", "/bucket/a%2Bb%20c").header("Content-Type") == "c/d");
  CHECK(f.send("GET", "/bucket/a%2Bb%20c").header("ETag") == f.send("GET", "/bucket/copy").header("ETag"));
  CHECK(f.send("PUT", "/bucket/x", with({{"x-amz-metadata-directive", "SOMETIMES"}})).element("Code") ==
        "InvalidArgument");
  CHECK(f.send("PUT", "/bucket/x", with({{"x-amz-copy-source-if-match", "x"}})).status == 412);
  CHECK(f.send("PUT", "/bucket/x", with({{"x-amz-copy-source-if-none-match", "*"}})).status == 412);
  CHECK(f.send("PUT", "/bucket/x", {{"x-amz-copy-source", "/bucket/none"}}).element("Code") == "NoSuchKey");
  CHECK(f.send("PUT", "/bucket/x", {{"x-amz-copy-source", "/none/none"}}).element("Code") == "NoSuchBucket");
  CHECK(f.send("PUT", "/bucket/x", {{"x-amz-copy-source", "bucket"}}).element("Code") == "InvalidArgument");
  CHECK(f.send("HEAD", "/bucket/x").status == 404);

  const std::string id = f.send("POST", "/bucket/m?uploads").element("UploadId");
  const std::string target = "/bucket/m?partNumber=1&uploadId=" + id;
  CHECK(f.send("PUT", target, with({{"x-amz-copy-source-range", "bytes=1-3"}})).has("<CopyPartResult"));
  CHECK(f.send("PUT", target, with({{"x-amz-copy-source-range", "bytes=1-"}})).element("Code") ==
        "InvalidArgument");
  CHECK(f.send("PUT", target, with({{"x-amz-copy-source-range", "bytes=1-5"}})).element("Code") ==
        "InvalidArgument");
  CHECK(f.send("GET", "/bucket/m?uploadId=" + id).element("ETag") ==
        "&quot;" + to_hex(digest_of(DigestAlgorithm::kMd5, "ell")) + "&quot;");
}

TEST_CASE("listings over REST") {
  RestFixture f;
  f.make_bucket();
  for (const char* key : {"a%2Bb%20c", "d/1", "d/2", "%01"}) {
    REQUIRE(f.send("PUT", std::string("/bucket/") + key, {}, "x").status == 200);
  }
  const Answer v1 = f.send("GET", "/bucket?delimiter=/&max-keys=2&encoding-type=url");
  CHECK(v1.has("<Key>%01</Key>"));
  CHECK(v1.has("<Key>a%2Bb+c</Key>"));
  CHECK(v1.element("NextMarker") == "a%2Bb+c");
  CHECK(v1.element("IsTruncated") == "true");
  CHECK(v1.element("EncodingType") == "url");
  CHECK(v1.has("<Owner><ID>"));
  CHECK(f.send("GET", "/bucket").has("<Key>&#x1;</Key>"));
  Answer v2 = f.send("GET", "/bucket?list-type=2&delimiter=%2F&max-keys=1");
  std::string seen;
  for (int pages = 0; pages < 10; ++pages) {
    seen += v2.element("Key") + "|" + v2.element("CommonPrefixes") + ";";
    CHECK(v2.element("KeyCount") == "1");
    if (v2.element("IsTruncated") == "false") break;
    v2 = f.send("GET", "/bucket?list-type=2&delimiter=%2F&max-keys=1&start-after=zzz&continuation-token=" +
                           http::percent_encode(v2.element("NextContinuationToken"), http::Slash::kEncoded));
  }
  CHECK(seen == "&#x1;|(none);a+b c|(none);(none)|<Prefix>d/</Prefix>;");
  CHECK(f.send("GET", "/bucket?list-type=2&start-after=d/1").element("Key") == "d/2");
  CHECK(f.send("GET", "/bucket?list-type=2&continuation-token=zz").element("Code") == "InvalidArgument");
  CHECK(f.send("GET", "/bucket?max-keys=-1").element("Code") == "InvalidArgument");
  CHECK(f.send("GET", "/bucket?max-keys=x").element("Code") == "InvalidArgument");
  CHECK(f.send("GET", "/bucket?max-keys=5000").element("MaxKeys") == "1000");
  CHECK(f.send("GET", "/bucket?max-keys=0").element("IsTruncated") == "false");
  CHECK(f.send("GET", "/bucket?encoding-type=base64").element("Code") == "InvalidArgument");
  const Answer versions = f.send("GET", "/bucket?versions&prefix=d/&max-keys=1");
  CHECK(versions.element("VersionId") == "null");
  CHECK(versions.element("NextKeyMarker") == "d/1");
  CHECK(f.send("GET", "/bucket?versions&version-id-marker=x").element("Code") == "InvalidArgument");
}

TEST_CASE("deleting many") {
  RestFixture f;
  f.make_bucket();
  for (const char* key : {"a&b", "c"}) {
    REQUIRE(f.send("PUT", std::string("/bucket/") + http::percent_encode(key, http::Slash::kKept)).status ==
            200);
  }
  const Answer done = f.send("POST", "/bucket?delete", {},
                             "<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>none</Key></Object>"
                             "<Object><Key>c</Key><ETag>wrong</ETag></Object></Delete>");
  CHECK(done.status == 200);
  CHECK(done.has("<Deleted><Key>a&amp;b</Key></Deleted><Deleted><Key>none</Key></Deleted>"));
  CHECK(done.has("<Error><Key>c</Key><Code>PreconditionFailed</Code>"));
  CHECK(f.send("HEAD", "/bucket/a&b").status == 404);
  CHECK(f.send("HEAD", "/bucket/c").status == 200);
  CHECK(!f.send("POST", "/bucket?delete", {},
                "<Delete><Quiet>true</Quiet><Object><Key>c</Key></Object></Delete>")
             .has("<Deleted>"));
  std::string many = "<Delete>";
  for (int i = 0; i < 1001; ++i) many += "<Object><Key>k</Key></Object>";
  for (const std::string& body :
       {std::string("<Delete></Delete>"), std::string("<Delete><Object><Key>a&b</Key></Object></Delete>"),
        std::string("no xml"), many + "</Delete>"}) {
    CHECK(f.send("POST", "/bucket?delete", {}, body).element("Code") == "MalformedXML");
  }
  CHECK(f.send("POST", "/bucket?delete", {}, std::string(5 << 20, ' ')).element("Code") == "EntityTooLarge");
  CHECK(f.send("POST", "/bucket?delete", {{"Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="}},
               "<Delete><Object><Key>c</Key></Object></Delete>")
            .element("Code") == "BadDigest");
}

TEST_CASE("tags, ACLs and settings of an unchanged bucket") {
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket/k", {}, "v").status == 200);
  CHECK(f.send("GET", "/bucket/k?tagging").has("<TagSet></TagSet>"));
  CHECK(f.send("PUT", "/bucket/k?tagging", {},
               "<Tagging><TagSet><Tag><Key>a</Key><Value>&#x3d;+</Value></Tag></TagSet></Tagging>")
            .status == 200);
  CHECK(f.send("GET", "/bucket/k?tagging").element("Value") == "=+");
  CHECK(f.send("GET", "/bucket/k").body == "v");
  CHECK(f.send("DELETE", "/bucket/k?tagging").status == 204);
  CHECK(f.send("PUT", "/bucket/k?tagging", {}, "<Tagging/>").element("Code") == "MalformedXML");
  // Nobody looks at what is in too many tags.
  std::string eleven;
  for (int i = 0; i < 11; ++i) eleven += "<Tag><Key/></Tag>";
  const Answer refused =
      f.send("PUT", "/bucket/k?tagging", {}, "<Tagging><TagSet>" + eleven + "</TagSet></Tagging>");
  CHECK(refused.element("Code") == "BadRequest");
  CHECK(refused.element("Message") == "Object tags cannot be greater than 10");
  CHECK(f.send("GET", "/bucket/k?acl").has("<Permission>FULL_CONTROL</Permission>"));
  CHECK(f.send("GET", "/bucket/none?acl").element("Code") == "NoSuchKey");
  CHECK(f.send("PUT", "/bucket/k?acl", {}, "x").element("Code") == "MalformedACLError");
  CHECK(f.send("GET", "/bucket/k").body == "v");
  struct Case {
    const char* setting;
    std::string expected;
  };
  for (const Case& c : std::vector<Case>{{"versioning", "VersioningConfiguration"},
                                         {"tagging", "NoSuchTagSet"},
                                         {"cors", "NoSuchCORSConfiguration"},
                                         {"policy", "NoSuchBucketPolicy"},
                                         {"lifecycle", "NoSuchLifecycleConfiguration"},
                                         {"requestPayment", "<Payer>BucketOwner</Payer>"},
                                         {"encryption", "<SSEAlgorithm>AES256</SSEAlgorithm>"},
                                         {"website", "NoSuchWebsiteConfiguration"},
                                         {"object-lock", "ObjectLockConfigurationNotFoundError"}}) {
    INFO(c.setting);
    CHECK(f.send("GET", std::string("/bucket?") + c.setting).has(c.expected));
    CHECK(f.send("GET", std::string("/none?") + c.setting).element("Code") == "NoSuchBucket");
  }
}

TEST_CASE("deletions insist on size and time") {
  struct Case {
    const char* why;
    std::string size;
    std::string time;
    int status;  // of DeleteObject
    const char* code;
    const char* code_of_many;
  };
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.send("PUT", "/bucket/k", {}, "12345").status == 200);
  const std::string modified = f.send("HEAD", "/bucket/k").header("Last-Modified");
  const std::string iso = f.send("GET", "/bucket").element("LastModified");
  const auto c = GENERATE_COPY(values<Case>({
      {"another size", "4", "", 412, "PreconditionFailed", "PreconditionFailed"},
      {"no number", "-5", "", 400, "InvalidArgument", "MalformedXML"},
      {"another time", "", "Tue, 01 Jan 2019 00:00:00 GMT", 412, "PreconditionFailed", "PreconditionFailed"},
      {"no time", "", "yesterday", 400, "InvalidArgument", "MalformedXML"},
      {"one of two", "5", "2019-01-01T00:00:00Z", 412, "PreconditionFailed", "PreconditionFailed"},
      {"that size", "5", "", 204, "", ""},
      {"that time", "", modified, 204, "", ""},
      {"both", "5", iso, 204, "", ""},
  }));
  INFO(c.why);
  NamedValues headers;
  if (!c.size.empty()) headers.emplace_back("x-amz-if-match-size", c.size);
  if (!c.time.empty()) headers.emplace_back("x-amz-if-match-last-modified-time", c.time);
  const bool many = GENERATE(false, true);
  if (many) {
    std::string body = "<Delete><Object><Key>k</Key>";
    if (!c.size.empty()) body += "<Size>" + c.size + "</Size>";
    if (!c.time.empty()) body += "<LastModifiedTime>" + c.time + "</LastModifiedTime>";
    const Answer answer = f.send("POST", "/bucket?delete", {}, body + "</Object></Delete>");
    CHECK(answer.element("Code") == (c.status == 204 ? "(none)" : c.code_of_many));
  } else {
    const Answer answer = f.send("DELETE", "/bucket/k", headers);
    CHECK(answer.status == c.status);
    if (c.status != 204) CHECK(answer.element("Code") == c.code);
  }
  CHECK(f.send("HEAD", "/bucket/k").status == (c.status == 204 ? 404 : 200));
}

TEST_CASE("appending is not there, and says so") {
  RestFixture f;
  f.make_bucket();
  const Answer put = f.send("PUT", "/bucket/k", {{"x-amz-write-offset-bytes", "0"}}, "v");
  CHECK(put.status == 501);
  CHECK(put.element("Code") == "NotImplemented");
  CHECK(f.send("HEAD", "/bucket/k").status == 404);
}

TEST_CASE("what is quick, and what is heavy") {
  struct Case {
    const char* method;
    const char* target;
    bool is_quick;
    bool is_heavy;
  };
  const auto c = GENERATE(values<Case>({
      {"GET", "/bucket/k", true, false},
      {"HEAD", "/bucket/k", true, false},
      {"DELETE", "/bucket/k", true, false},
      {"GET", "/bucket/k?versionId=null", true, false},
      {"DELETE", "/bucket/k?versionId=null", true, false},
      {"GET", "/bucket?list-type=2", false, false},
      {"GET", "/bucket?list-type=2&delimiter=/", false, true},
      {"GET", "/bucket?versions", false, true},
  }));
  INFO(c.method << " " << c.target);
  RestFixture f;
  f.make_bucket();
  REQUIRE(f.store->set_versioning("bucket", Versioning::kSuspended));
  http::RequestHead head;
  head.method = c.method;
  head.target = c.target;
  head.headers.add("Host", "127.0.0.1:8000");
  const auto exchange = f.service.begin(std::move(head));
  REQUIRE(exchange);
  CHECK((*exchange)->is_quick() == c.is_quick);
  CHECK((*exchange)->is_heavy() == c.is_heavy);
}

}  // namespace tidemark::s3emu
