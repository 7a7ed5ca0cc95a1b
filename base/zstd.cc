#include "base/zstd.h"

#include <zstd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/held_input.h"

namespace tidemark {

struct ZstdReader::Impl {
  Impl() { INVARIANT(context != nullptr); }

  struct FreeContext {
    void operator()(ZSTD_DCtx* used) const { ZSTD_freeDCtx(used); }
  };

  std::unique_ptr<ZSTD_DCtx, FreeContext> context{ZSTD_createDCtx()};
  bool is_in_frame = false;
  std::string failure;  // empty: none
  std::string pending;  // input that an earlier call could not use yet
  std::vector<char> output = std::vector<char>(ZSTD_DStreamOutSize());
};

ZstdReader::ZstdReader() : impl_(std::make_unique<Impl>()) {}
ZstdReader::~ZstdReader() = default;
ZstdReader::ZstdReader(ZstdReader&&) noexcept = default;
ZstdReader& ZstdReader::operator=(ZstdReader&&) noexcept = default;

Result<void> ZstdReader::read(std::string_view bytes, std::string* out, std::size_t out_bytes_max) {
  Impl& impl = *impl_;
  if (!impl.failure.empty()) return fail(Error::corruption(impl.failure));
  HeldInput input(&impl.pending, bytes);
  bytes = input.bytes();
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  for (std::size_t produced_in_total = 0; produced_in_total < out_bytes_max;) {
    // Between frames there is nothing left that could come out without more input.
    if (in.pos == in.size && !impl.is_in_frame) break;
    const std::size_t taken_before = in.pos;
    ZSTD_outBuffer step{impl.output.data(), std::min(impl.output.size(), out_bytes_max - produced_in_total),
                        0};
    const std::size_t outcome = ZSTD_decompressStream(impl.context.get(), &step, &in);
    out->append(impl.output.data(), step.pos);
    produced_in_total += step.pos;
    if (ZSTD_isError(outcome) != 0) {
      impl.failure = std::string("zstd stream is damaged: ") + ZSTD_getErrorName(outcome);
      return fail(Error::corruption(impl.failure));
    }
    impl.is_in_frame = outcome != 0;
    if (step.pos == 0 && in.pos == taken_before) break;
  }
  bytes.remove_prefix(in.pos);
  std::move(input).keep(bytes);
  return {};
}

Result<void> ZstdReader::finish() {
  if (!impl_->failure.empty()) return fail(Error::corruption(impl_->failure));
  if (impl_->is_in_frame || !impl_->pending.empty()) {
    return fail(Error::corruption("zstd stream ends inside a frame"));
  }
  return {};
}

}  // namespace tidemark
