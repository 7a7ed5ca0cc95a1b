#include "base/digest.h"

#include <isa-l/crc.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <limits>

#include "base/bytes.h"
#include "base/check.h"

namespace tidemark {
namespace {

const EVP_MD* evp_digest(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kMd5: {
      static EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
      return md5;
    }
    case DigestAlgorithm::kSha1: {
      static EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
      return sha1;
    }
    case DigestAlgorithm::kSha256: {
      static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
      return sha256;
    }
    case DigestAlgorithm::kSha512: {
      static EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
      return sha512;
    }
  }
  return nullptr;
}

// An OpenSSL context that stays with its algorithm: starting over needs no allocation.
class Context {
 public:
  explicit Context(DigestAlgorithm algorithm) : context_(EVP_MD_CTX_new()) {
    const EVP_MD* const digest = evp_digest(algorithm);
    INVARIANT(context_ != nullptr && digest != nullptr);
    INVARIANT(EVP_DigestInit_ex(context_, digest, nullptr) == 1);
    size_ = static_cast<std::size_t>(EVP_MD_get_size(digest));
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(context_); }

  [[nodiscard]] std::size_t size() const { return size_; }
  void update(std::string_view bytes) {
    INVARIANT(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
  }
  // Writes size() bytes and starts over.
  void finish(unsigned char* out) {
    INVARIANT(EVP_DigestFinal_ex(context_, out, nullptr) == 1);
    INVARIANT(EVP_DigestInit_ex(context_, nullptr, nullptr) == 1);
  }

 private:
  EVP_MD_CTX* context_;
  std::size_t size_ = 0;
};

// The calling thread's own context, always at its start between calls.
Context& thread_context(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::kMd5: {
      thread_local Context md5(DigestAlgorithm::kMd5);
      return md5;
    }
    case DigestAlgorithm::kSha1: {
      thread_local Context sha1(DigestAlgorithm::kSha1);
      return sha1;
    }
    case DigestAlgorithm::kSha256: {
      thread_local Context sha256(DigestAlgorithm::kSha256);
      return sha256;
    }
    case DigestAlgorithm::kSha512:
      break;
  }
  thread_local Context sha512(DigestAlgorithm::kSha512);
  return sha512;
}

std::string finish_to_string(Context& context) {
  std::string out(context.size(), '\0');
  context.finish(reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

// RFC 2104, for digests with blocks of 64 bytes (SHA-1, SHA-256).
std::string hmac(DigestAlgorithm algorithm, std::string_view key, std::string_view bytes) {
  constexpr std::size_t kBlockBytes = 64;
  std::string block(key.size() > kBlockBytes ? digest_of(algorithm, key) : std::string(key));
  block.resize(kBlockBytes, '\0');
  Context& context = thread_context(algorithm);
  for (char& c : block) c = static_cast<char>(c ^ 0x36);
  context.update(block);
  context.update(bytes);
  const std::string inner = finish_to_string(context);
  for (char& c : block) c = static_cast<char>(c ^ 0x36 ^ 0x5c);
  context.update(block);
  context.update(inner);
  return finish_to_string(context);
}

}  // namespace

struct Digest::Impl {
  explicit Impl(DigestAlgorithm algorithm) : context(algorithm) {}
  Context context;
};

Digest::Digest(DigestAlgorithm algorithm) : impl_(std::make_unique<Impl>(algorithm)) {}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;
void Digest::update(std::string_view bytes) { impl_->context.update(bytes); }
std::string Digest::finish() { return finish_to_string(impl_->context); }

std::string digest_of(DigestAlgorithm algorithm, std::string_view bytes) {
  Context& context = thread_context(algorithm);
  context.update(bytes);
  return finish_to_string(context);
}

std::array<unsigned char, 16> md5_of(std::string_view bytes) {
  Context& context = thread_context(DigestAlgorithm::kMd5);
  context.update(bytes);
  std::array<unsigned char, 16> out;
  context.finish(out.data());
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  return hmac(DigestAlgorithm::kSha256, key, bytes);
}
std::string hmac_sha1(std::string_view key, std::string_view bytes) {
  return hmac(DigestAlgorithm::kSha1, key, bytes);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::uint32_t crc32(std::uint32_t previous, std::string_view bytes) {
  return crc32_gzip_refl(previous, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::uint32_t crc32c(std::uint32_t previous, std::string_view bytes) {
  // ISA-L takes a mutable pointer and an int, and leaves the inversions to the caller.
  constexpr std::size_t kStepBytes = std::numeric_limits<int>::max();
  std::uint32_t crc = ~previous;
  while (!bytes.empty()) {
    const std::string_view step = bytes.substr(0, kStepBytes);
    auto* const data = reinterpret_cast<unsigned char*>(const_cast<char*>(step.data()));
    crc = crc32_iscsi(data, static_cast<int>(step.size()), crc);
    bytes.remove_prefix(step.size());
  }
  return ~crc;
}

}  // namespace tidemark
