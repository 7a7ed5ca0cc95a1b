// What the compressor of exports reaches alone on one core, on lines like an export's: the limit an export is
// measured against. Prints one line of JSON.
#include <chrono>
#include <cstdio>
#include <string>

#include "base/gzip.h"
#include "bench/sample_item.h"

int main() {
  std::string lines;
  for (std::uint32_t i = 0; lines.size() < (64U << 20); ++i) {
    lines += R"({"Item":)" + tidemark::bench::sample_item("k" + std::to_string(i), "item", i % 100, i % 26) +
             "}\n";
  }
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kRounds = 4;
  std::size_t compressed_bytes = 0;
  for (int round = 0; round < kRounds; ++round) {
    tidemark::GzipWriter gzip;
    std::string out;
    for (std::size_t offset = 0; offset < lines.size(); offset += 256 << 10) {
      gzip.write(std::string_view(lines).substr(offset, 256 << 10), &out);
      compressed_bytes += out.size();
      out.clear();
    }
    gzip.finish(&out);
    compressed_bytes += out.size();
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double megabytes = static_cast<double>(lines.size()) * kRounds / 1e6;
  std::printf("{\"megabytes_per_second\":%.1f,\"ratio\":%.2f}\n", megabytes / seconds,
              static_cast<double>(lines.size()) * kRounds / static_cast<double>(compressed_bytes));
  return 0;
}
