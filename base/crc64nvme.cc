// CRC-64/NVME: by tables anywhere, by carry-less multiplication where the processor has it.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tidemark {
namespace {

// The lowest bit is the coefficient of the highest power of x, as in all values here.
constexpr std::uint64_t kPolynomial = 0x9A6C9329AC4BC9B5;

constexpr std::uint64_t times_x(std::uint64_t a) { return (a & 1) != 0 ? a >> 1 ^ kPolynomial : a >> 1; }

// Tables for eight bytes a step; tables[k][b] is byte b followed by k zero bytes.
using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = times_x(crc);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint64_t before = tables[k - 1][byte];
      tables[k][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

// Without the inversions at both ends.
std::uint64_t update_by_table(std::uint64_t crc, std::string_view bytes) {
  static constexpr Tables kTables = make_tables();
  while (bytes.size() >= 8) {
    const std::uint64_t word = crc ^ read_u64_le(bytes.data());
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= kTables[7 - i][word >> (8 * i) & 0xff];
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) crc = crc >> 8 ^ kTables[0][(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return crc;
}

#if defined(__x86_64__)

// x to the power of `n`, reduced.
constexpr std::uint64_t power_of_x(int n) {
  std::uint64_t power = std::uint64_t{1} << 63;
  for (int i = 0; i < n; ++i) power = times_x(power);
  return power;
}

// A block of 16 bytes stands `distance` bits in front of another: what it comes to there is the product of
// its two halves with these powers. A product of two values in this bit order comes out one bit too far.
struct Fold {
  explicit constexpr Fold(int distance)
      : first(power_of_x(distance + 63)), second(power_of_x(distance - 1)) {}
  std::uint64_t first;
  std::uint64_t second;
};

[[gnu::target("pclmul,sse2")]] __m128i folded(__m128i block, __m128i powers) {
  return _mm_xor_si128(_mm_clmulepi64_si128(block, powers, 0x00), _mm_clmulepi64_si128(block, powers, 0x11));
}

[[gnu::target("pclmul,sse2")]] __m128i powers_of(const Fold& fold) {
  return _mm_set_epi64x(static_cast<long long>(fold.second), static_cast<long long>(fold.first));
}

[[gnu::target("pclmul,sse2")]] __m128i load(const char* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

constexpr std::size_t kStride = 64;

// As update_by_table; needs kStride bytes at least.
[[gnu::target("pclmul,sse2")]] std::uint64_t update_by_folding(std::uint64_t crc, std::string_view bytes) {
  static constexpr Fold kFar(kStride * 8);
  static constexpr Fold kNear(128);
  // Four blocks at a time, each folded onto the one of the next stride.
  __m128i blocks[4];
  for (int i = 0; i < 4; ++i) blocks[i] = load(bytes.data() + 16 * i);
  blocks[0] = _mm_xor_si128(blocks[0], _mm_cvtsi64_si128(static_cast<long long>(crc)));
  bytes.remove_prefix(kStride);
  const __m128i far = powers_of(kFar);
  while (bytes.size() >= kStride) {
    for (int i = 0; i < 4; ++i) {
      blocks[i] = _mm_xor_si128(folded(blocks[i], far), load(bytes.data() + 16 * i));
    }
    bytes.remove_prefix(kStride);
  }
  const __m128i near = powers_of(kNear);
  __m128i whole = blocks[0];
  for (int i = 1; i < 4; ++i) whole = _mm_xor_si128(folded(whole, near), blocks[i]);
  char rest[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), whole);
  return update_by_table(update_by_table(0, {rest, sizeof rest}), bytes);
}

bool can_fold() {
  static const bool can = __builtin_cpu_supports("pclmul") != 0;
  return can;
}

#endif

}  // namespace

std::uint64_t crc64nvme(std::uint64_t previous, std::string_view bytes) {
#if defined(__x86_64__)
  if (bytes.size() >= kStride && can_fold()) return ~update_by_folding(~previous, bytes);
#endif
  return ~update_by_table(~previous, bytes);
}

}  // namespace tidemark
