#pragma once

namespace tidemark::transfer {

// How the source objects of an import are compressed.
enum class InputCompression { kNone, kGzip, kZstd };

}  // namespace tidemark::transfer
