// Streaming decompression of Zstandard.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark {

// Decompresses one frame after another until the input ends; skippable frames are skipped. Frames may need
// windows of up to 128 MB, as what the zstd tool writes at its highest level. Not thread-safe.
class ZstdReader {
 public:
  ZstdReader();
  ~ZstdReader();
  ZstdReader(ZstdReader&&) noexcept;
  ZstdReader& operator=(ZstdReader&&) noexcept;

  // Decompresses `bytes` and appends the output to `*out`. At most `out_bytes_max` bytes are appended
  // per call; call again with an empty `bytes` until the call appends nothing.
  // Errors: kCorruption when the stream is not Zstandard or a checksum is wrong; `*out` then holds what came
  // before.
  Result<void> read(std::string_view bytes, std::string* out, std::size_t out_bytes_max = 4 << 20);
  // Errors: kCorruption when the input ended inside a frame.
  Result<void> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark
