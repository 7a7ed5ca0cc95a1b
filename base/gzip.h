// Streaming gzip on ISA-L.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark {

// Compresses a stream into one gzip member, igzip level 1.
//
// The header is always `1f 8b 08 00 00 00 00 00 00 ff`, and a stream of no bytes is the 20 bytes
// `1f8b08000000000000ff03000000000000000000`, as the managed service writes them. Not thread-safe.
class GzipWriter {
 public:
  GzipWriter();
  ~GzipWriter();
  GzipWriter(GzipWriter&&) noexcept;
  GzipWriter& operator=(GzipWriter&&) noexcept;

  // Compresses `bytes` and appends what is ready to `*out`.
  void write(std::string_view bytes, std::string* out);
  // Ends the member: appends the rest and the trailer. The writer must not be used after.
  void finish(std::string* out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Decompresses one gzip member after another until the input ends. Not thread-safe.
class GzipReader {
 public:
  GzipReader();
  ~GzipReader();
  GzipReader(GzipReader&&) noexcept;
  GzipReader& operator=(GzipReader&&) noexcept;

  // Decompresses `bytes` and appends the output to `*out`. At most `out_bytes_max` bytes are appended
  // per call; call again with an empty `bytes` until the call appends nothing.
  // Errors: kCorruption when the stream is not gzip or a checksum is wrong; `*out` then holds what came
  // before.
  Result<void> read(std::string_view bytes, std::string* out, std::size_t out_bytes_max = 4 << 20);
  // Errors: kCorruption when the input ended inside a member.
  Result<void> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One whole buffer.
std::string gzip_compress(std::string_view bytes);
Result<std::string> gzip_decompress(std::string_view bytes, std::size_t bytes_max);

}  // namespace tidemark
