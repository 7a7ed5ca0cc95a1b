#include "base/body_buffer.h"

#include <string>

#include "tests/support/catch.h"

namespace tidemark {
namespace {

TEST_CASE("a body comes out as it came in, however it was cut") {
  const std::size_t size = GENERATE(0, 1, 1'000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20, 5'000'000);
  const std::size_t piece = GENERATE(1'000, 16'384, 262'144, 3 << 20);
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 2'654'435'761U >> 24U);
  BodyBuffer body;
  body.reserve(100);
  for (std::size_t at = 0; at < size; at += piece) body.append(std::string_view(text).substr(at, piece));
  CHECK(body.size() == size);
  CHECK(body.held_bytes() >= size);
  CHECK(body.held_bytes() <= size + (1 << 20) + 100);
  CHECK((body.take() == text));
  CHECK(body.size() == 0);
  CHECK(body.take().empty());
  body.append("more");
  CHECK(body.take() == "more");
}

}  // namespace
}  // namespace tidemark
