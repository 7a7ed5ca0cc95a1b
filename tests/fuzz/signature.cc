// Credentials in the header and in the query, in open and in strict mode. An input is a target, a value of
// Authorization and one of x-amz-date, a line each; an empty line leaves the header out.
#include "tests/fuzz/input.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

namespace tidemark::s3emu {
namespace {

S3Service::Options strict_options() {
  S3Service::Options options;
  auto credentials = auth::CredentialList::parse(
      "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = "
      "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
      "credentials", options.owner);
  INVARIANT(credentials.has_value());
  options.authority =
      std::make_shared<auth::Authority>(auth::Authority::Options{.strict = true}, std::move(*credentials));
  return options;
}

int status_of(S3Service* service, const http::RequestHead& head) {
  auto exchange = service->begin(head);
  return exchange ? (*exchange)->finish().status : exchange.error().status;
}

}  // namespace
}  // namespace tidemark::s3emu

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for it
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidemark::s3emu;
  static RestFixture store;
  static S3Service strict(*store.store, strict_options(), store.clock, store.random);
  tidemark::fuzz::Input input(data, size);
  tidemark::http::RequestHead head;
  head.method = "GET";
  head.target = input.line();
  head.content_length = 0;
  head.headers.add("Host", "127.0.0.1:8000");
  if (std::string line = input.line(); !line.empty()) head.headers.add("Authorization", std::move(line));
  if (std::string line = input.line(); !line.empty()) head.headers.add("x-amz-date", std::move(line));
  const int open = status_of(&store.service, head);
  INVARIANT(open < 500 || open == 501);
  // No input of the corpus is signed, and nobody guesses: strict mode lets nothing through.
  INVARIANT(status_of(&strict, head) >= 400);
  return 0;
}
