#include "base/gzip.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"

namespace tidemark {
namespace {

constexpr std::size_t kInputStepBytes = std::size_t{1} << 30;  // ISA-L counts in 32 bits
constexpr std::size_t kOutputStepBytes = std::size_t{64} << 10;
constexpr std::string_view kHeader("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
constexpr std::string_view kEmptyBlock("\x03\x00", 2);  // a final block of fixed codes that ends at once

}  // namespace

// ISA-L writes raw deflate; header and trailer are written here, so that their bytes are ours to promise.
struct GzipWriter::Impl {
  Impl() {
    isal_deflate_init(&stream);
    stream.level = 1;
    stream.level_buf = level_buffer.data();
    stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
    stream.gzip_flag = IGZIP_DEFLATE;
    stream.flush = NO_FLUSH;
  }

  void deflate(std::string_view bytes, bool last, std::string* out) {
    stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<std::uint32_t>(bytes.size());
    stream.end_of_stream = last ? 1 : 0;
    do {
      stream.next_out = output.data();
      stream.avail_out = static_cast<std::uint32_t>(output.size());
      INVARIANT(isal_deflate(&stream) == COMP_OK);
      out->append(reinterpret_cast<const char*>(output.data()), output.size() - stream.avail_out);
    } while (stream.avail_out == 0 || stream.avail_in > 0);
    INVARIANT(!last || stream.internal_state.state == ZSTATE_END);
  }

  isal_zstream stream;
  std::vector<std::uint8_t> level_buffer = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
  std::array<std::uint8_t, kOutputStepBytes> output;
  std::uint32_t crc = 0;
  std::uint64_t bytes_in = 0;
};

GzipWriter::GzipWriter() : impl_(std::make_unique<Impl>()) {}
GzipWriter::~GzipWriter() = default;
GzipWriter::GzipWriter(GzipWriter&&) noexcept = default;
GzipWriter& GzipWriter::operator=(GzipWriter&&) noexcept = default;

void GzipWriter::write(std::string_view bytes, std::string* out) {
  if (bytes.empty()) return;
  if (impl_->bytes_in == 0) out->append(kHeader);
  impl_->crc = crc32(impl_->crc, bytes);
  impl_->bytes_in += bytes.size();
  while (!bytes.empty()) {
    const std::string_view step = bytes.substr(0, kInputStepBytes);
    impl_->deflate(step, false, out);
    bytes.remove_prefix(step.size());
  }
}

void GzipWriter::finish(std::string* out) {
  if (impl_->bytes_in == 0) {
    out->append(kHeader);
    out->append(kEmptyBlock);
  } else {
    impl_->deflate({}, true, out);
  }
  append_u32_le(out, impl_->crc);
  append_u32_le(out, static_cast<std::uint32_t>(impl_->bytes_in));
  impl_.reset();
}

struct GzipReader::Impl {
  enum class State { kBetweenMembers, kInMember, kFailed };

  // Decompresses what it can into `output`; returns how many bytes that gave.
  std::size_t inflate(std::size_t bytes_max) {
    state.next_out = output.data();
    state.avail_out = static_cast<std::uint32_t>(std::min(bytes_max, output.size()));
    const std::uint32_t room = state.avail_out;
    const int outcome = isal_inflate(&state);
    const std::size_t produced = room - state.avail_out;
    if (outcome != ISAL_DECOMP_OK && outcome != ISAL_END_INPUT) {
      position = State::kFailed;
      failure = "gzip stream is damaged (code " + std::to_string(outcome) + ")";
    } else if (state.block_state == ISAL_BLOCK_FINISH) {
      position = State::kBetweenMembers;
    }
    return produced;
  }

  void begin_member() {
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    position = State::kInMember;
  }

  inflate_state state;
  State position = State::kBetweenMembers;
  std::string failure;
  std::string pending;  // input that an earlier call had no room to decompress
  std::array<std::uint8_t, kOutputStepBytes> output;
};

GzipReader::GzipReader() : impl_(std::make_unique<Impl>()) {}
GzipReader::~GzipReader() = default;
GzipReader::GzipReader(GzipReader&&) noexcept = default;
GzipReader& GzipReader::operator=(GzipReader&&) noexcept = default;

Result<void> GzipReader::read(std::string_view bytes, std::string* out, std::size_t out_bytes_max) {
  Impl& impl = *impl_;
  if (impl.position == Impl::State::kFailed) return fail(Error::corruption(impl.failure));
  std::string held = std::exchange(impl.pending, {});
  const bool is_held = !held.empty();
  if (is_held) {
    held.append(bytes);
    bytes = held;
  }
  std::size_t produced_in_total = 0;
  while (produced_in_total < out_bytes_max) {
    if (impl.position == Impl::State::kBetweenMembers) {
      if (bytes.empty()) break;
      impl.begin_member();
    }
    const auto given = static_cast<std::uint32_t>(std::min(bytes.size(), kInputStepBytes));
    impl.state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
    impl.state.avail_in = given;
    const std::size_t produced = impl.inflate(out_bytes_max - produced_in_total);
    const std::size_t taken = given - impl.state.avail_in;
    bytes.remove_prefix(taken);
    out->append(reinterpret_cast<const char*>(impl.output.data()), produced);
    produced_in_total += produced;
    if (impl.position == Impl::State::kFailed) return fail(Error::corruption(impl.failure));
    if (produced == 0 && taken == 0 && impl.position == Impl::State::kInMember) break;
  }
  if (is_held) {
    held.erase(0, held.size() - bytes.size());
    impl.pending = std::move(held);
  } else {
    impl.pending.assign(bytes);
  }
  return {};
}

Result<void> GzipReader::finish() {
  if (impl_->position == Impl::State::kFailed) return fail(Error::corruption(impl_->failure));
  if (impl_->position == Impl::State::kInMember || !impl_->pending.empty()) {
    return fail(Error::corruption("gzip stream ends inside a member"));
  }
  return {};
}

std::string gzip_compress(std::string_view bytes) {
  std::string out;
  GzipWriter writer;
  writer.write(bytes, &out);
  writer.finish(&out);
  return out;
}

Result<std::string> gzip_decompress(std::string_view bytes, std::size_t bytes_max) {
  GzipReader reader;
  std::string out;
  // One byte more than allowed tells a stream that is too long from one that fits exactly.
  RETURN_IF_ERROR(reader.read(bytes, &out, bytes_max + 1));
  if (out.size() > bytes_max) {
    return fail(
        Error::invalid_argument("gzip stream holds more than " + std::to_string(bytes_max) + " bytes"));
  }
  RETURN_IF_ERROR(reader.finish());
  return out;
}

}  // namespace tidemark
