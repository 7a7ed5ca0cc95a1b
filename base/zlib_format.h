// The zlib format (RFC 1950), which HTTP calls `deflate`, for whole buffers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tidemark {

std::string zlib_compress(std::string_view bytes);

// Errors: kCorruption when the bytes are not exactly one stream; kInvalidArgument when it holds more than
// `bytes_max`.
Result<std::string> zlib_decompress(std::string_view bytes, std::size_t bytes_max);

}  // namespace tidemark
