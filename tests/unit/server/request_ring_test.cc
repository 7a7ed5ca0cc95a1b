#include "server/live/request_ring.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "tests/support/catch.h"

namespace tidemark::server {
namespace {

SeenRequest request_of(std::string_view operation) {
  SeenRequest request;
  request.operation = operation;
  return request;
}

TEST_CASE("while nobody looks nothing is kept") {
  RequestRing ring;
  CHECK_FALSE(ring.admits());
  ring.read(0, 1);
  CHECK(ring.admits());
}

TEST_CASE("of many requests at once a bounded number is kept, and each is counted") {
  constexpr std::uint64_t kSent = 50'000;
  RequestRing ring;
  ring.read(0, 1);
  const auto began = std::chrono::steady_clock::now();
  std::uint64_t admitted = 0;
  for (std::uint64_t sent = 0; sent < kSent; ++sent) {
    if (!ring.admits()) continue;
    ++admitted;
    ring.add(request_of("GetItem"));
  }
  const auto windows = (std::chrono::steady_clock::now() - began) / RequestRing::kWindow + 2;
  CHECK(admitted >= RequestRing::kAdmittedMax);
  CHECK(admitted <= static_cast<std::uint64_t>(windows) * RequestRing::kAdmittedMax);

  std::uint64_t after = 0;
  std::uint64_t shown = 0;
  std::uint64_t lost = 0;
  for (;;) {
    const RequestRing::Page page = ring.read(after, 64);
    for (const auto& [number, request] : page.requests) {
      CHECK(number > after);
      CHECK(request->operation == "GetItem");
      after = number;
    }
    shown += page.requests.size();
    lost += page.lost;
    after = page.next;
    if (page.requests.empty()) break;
  }
  CHECK(after == kSent);
  CHECK(shown + lost == kSent);
  CHECK(shown == std::min<std::uint64_t>(admitted, RequestRing::kRecordsMax));
}

TEST_CASE("a number that was never given is the last one") {
  RequestRing ring;
  ring.read(0, 1);
  ring.add(request_of("GetItem"));
  const auto page = ring.read(99, 10);
  CHECK(page.requests.empty());
  CHECK(page.next == 1);
  CHECK(page.lost == 0);
}

}  // namespace
}  // namespace tidemark::server
