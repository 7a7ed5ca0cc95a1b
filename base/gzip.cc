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
#include "base/held_input.h"

namespace tidemark {
namespace {

constexpr std::size_t kInputStepBytes = std::size_t{1} << 30;  // ISA-L counts in 32 bits
constexpr std::size_t kOutputStepBytes = std::size_t{64} << 10;
constexpr std::string_view kHeader("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 10);
constexpr std::size_t kHeaderBytesMax = std::size_t{128} << 10;  // an extra field, a name and a comment
constexpr std::string_view kEmptyBlock("\x03\x00", 2);  // a final block of fixed codes that ends at once

enum class HeaderState { kComplete, kIncomplete, kBad };

// Looks for the header of a member (RFC 1952, section 2.3) at the front of `bytes`. ISA-L has such a
// function, but it forgets the flags when a header arrives in pieces.
HeaderState find_header(std::string_view bytes, std::size_t* header_bytes) {
  constexpr std::string_view kMagic("\x1f\x8b\x08");
  constexpr unsigned kHeaderCrc = 0x02, kExtra = 0x04, kName = 0x08, kComment = 0x10, kReserved = 0xe0;
  constexpr std::size_t kFixedBytes = 10;
  if (!kMagic.starts_with(bytes.substr(0, kMagic.size()))) return HeaderState::kBad;
  if (bytes.size() < kFixedBytes) return HeaderState::kIncomplete;
  const auto flags = static_cast<unsigned char>(bytes[3]);
  if ((flags & kReserved) != 0) return HeaderState::kBad;
  std::size_t at = kFixedBytes;
  if ((flags & kExtra) != 0) {
    if (bytes.size() < at + 2) return HeaderState::kIncomplete;
    at += 2 + static_cast<unsigned char>(bytes[at]) + 256U * static_cast<unsigned char>(bytes[at + 1]);
  }
  for (const unsigned flag : {kName, kComment}) {
    if ((flags & flag) == 0) continue;
    const std::size_t end = bytes.find('\0', at);
    if (end == std::string_view::npos) return HeaderState::kIncomplete;
    at = end + 1;
  }
  if ((flags & kHeaderCrc) != 0) {
    if (bytes.size() < at + 2) return HeaderState::kIncomplete;
    const std::uint32_t stored =
        static_cast<unsigned char>(bytes[at]) + 256U * static_cast<unsigned char>(bytes[at + 1]);
    if (stored != (crc32(0, bytes.substr(0, at)) & 0xffff)) return HeaderState::kBad;
    at += 2;
  }
  if (bytes.size() < at) return HeaderState::kIncomplete;
  *header_bytes = at;
  return HeaderState::kComplete;
}

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

  // Removes the next header from the front of `*bytes`. False when it is not there as a whole, or bad.
  bool begin_member(std::string_view* bytes) {
    std::size_t header_bytes = 0;
    const HeaderState header = find_header(bytes->substr(0, kHeaderBytesMax), &header_bytes);
    if (header == HeaderState::kBad ||
        (header == HeaderState::kIncomplete && bytes->size() >= kHeaderBytesMax)) {
      position = State::kFailed;
      failure = "not a gzip stream, or followed by something else";
    }
    if (header != HeaderState::kComplete) return false;
    bytes->remove_prefix(header_bytes);
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    position = State::kInMember;
    return true;
  }

  // Decompresses what fits into `output` and is at most `bytes_max`, removing what it took from the front of
  // `*bytes`; returns how many bytes that gave.
  std::size_t inflate(std::string_view* bytes, std::size_t bytes_max) {
    const auto given = static_cast<std::uint32_t>(std::min(bytes->size(), kInputStepBytes));
    const auto room = static_cast<std::uint32_t>(std::min(bytes_max, output.size()));
    state.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes->data()));
    state.avail_in = given;
    state.next_out = output.data();
    state.avail_out = room;
    const int outcome = isal_inflate(&state);
    // At some damage ISA-L counts one byte further than there are.
    const bool has_overrun = state.avail_in > given;
    bytes->remove_prefix(has_overrun ? given : given - state.avail_in);
    if (has_overrun || (outcome != ISAL_DECOMP_OK && outcome != ISAL_END_INPUT)) {
      position = State::kFailed;
      failure = "gzip stream is damaged (code " + std::to_string(outcome) + ")";
    } else if (state.block_state == ISAL_BLOCK_FINISH) {
      position = State::kBetweenMembers;
    }
    return room - state.avail_out;
  }

  inflate_state state;
  State position = State::kBetweenMembers;
  std::string failure;
  std::string pending;  // input that an earlier call could not use yet
  std::array<std::uint8_t, kOutputStepBytes> output;
};

GzipReader::GzipReader() : impl_(std::make_unique<Impl>()) {}
GzipReader::~GzipReader() = default;
GzipReader::GzipReader(GzipReader&&) noexcept = default;
GzipReader& GzipReader::operator=(GzipReader&&) noexcept = default;

Result<void> GzipReader::read(std::string_view bytes, std::string* out, std::size_t out_bytes_max) {
  Impl& impl = *impl_;
  if (impl.position == Impl::State::kFailed) return fail(Error::corruption(impl.failure));
  HeldInput input(&impl.pending, bytes);
  bytes = input.bytes();
  std::size_t produced_in_total = 0;
  while (produced_in_total < out_bytes_max) {
    if (impl.position == Impl::State::kBetweenMembers && (bytes.empty() || !impl.begin_member(&bytes))) break;
    const std::size_t bytes_before = bytes.size();
    const std::size_t produced = impl.inflate(&bytes, out_bytes_max - produced_in_total);
    out->append(reinterpret_cast<const char*>(impl.output.data()), produced);
    produced_in_total += produced;
    if (impl.position == Impl::State::kFailed) break;
    const bool is_stuck = produced == 0 && bytes.size() == bytes_before;
    if (is_stuck && impl.position == Impl::State::kInMember) break;
  }
  if (impl.position == Impl::State::kFailed) return fail(Error::corruption(impl.failure));
  std::move(input).keep(bytes);
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
