// Credentials in the header and in the query. An input is a target, a value of Authorization and one of
// x-amz-date, a line each; an empty line leaves the header out.
#include "tests/fuzz/input.h"
#include "tests/unit/s3emu/rest/rest_fixture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tidemark::s3emu;
  static RestFixture store;
  tidemark::fuzz::Input input(data, size);
  const std::string target = input.line();
  const std::string authorization = input.line();
  NamedValues headers;
  if (!authorization.empty()) headers.emplace_back("Authorization", authorization);
  if (const std::string date = input.line(); !date.empty()) headers.emplace_back("x-amz-date", date);
  const Answer answer = store.send("GET", target, headers);
  INVARIANT(answer.status < 500 || answer.status == 501);
  return 0;
}
