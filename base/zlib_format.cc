#include "base/zlib_format.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include "base/check.h"

namespace tidemark {
namespace {

constexpr std::size_t kOutputStepBytes = std::size_t{64} << 10;

// zlib counts its input in 32 bits.
class Inflater {
 public:
  Inflater() {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream* operator->() { return &stream_; }
  int step() { return inflate(&stream_, Z_NO_FLUSH); }

 private:
  z_stream stream_{};
};

}  // namespace

std::string zlib_compress(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  const int outcome = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_SPEED);
  INVARIANT(outcome == Z_OK);
  out.resize(size);
  return out;
}

Result<std::string> zlib_decompress(std::string_view bytes, std::size_t bytes_max) {
  Inflater inflater;
  std::string out;
  std::vector<Bytef> step(kOutputStepBytes);
  for (int outcome = Z_OK; outcome != Z_STREAM_END;) {
    if (inflater->avail_in == 0) {
      const std::size_t given = std::min<std::size_t>(bytes.size(), std::numeric_limits<uInt>::max());
      inflater->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      inflater->avail_in = static_cast<uInt>(given);
      bytes.remove_prefix(given);
    }
    inflater->next_out = step.data();
    inflater->avail_out = static_cast<uInt>(step.size());
    outcome = inflater.step();
    // Z_BUF_ERROR: it could do nothing, since the input is over.
    if (outcome != Z_OK && outcome != Z_STREAM_END) {
      return fail(Error::corruption("the zlib stream is damaged"));
    }
    out.append(reinterpret_cast<const char*>(step.data()), step.size() - inflater->avail_out);
    if (out.size() > bytes_max) {
      return fail(
          Error::invalid_argument("the zlib stream holds more than " + std::to_string(bytes_max) + " bytes"));
    }
  }
  if (inflater->avail_in > 0 || !bytes.empty()) {
    return fail(Error::corruption("bytes follow the zlib stream"));
  }
  return out;
}

}  // namespace tidemark
