#include "base/xxhash.h"

#include <xxhash.h>

#include "base/check.h"

namespace tidemark {

struct XxHash::Impl {
  explicit Impl(XxHashAlgorithm which) : algorithm(which) {
    if (algorithm == XxHashAlgorithm::kXxh64) {
      short_state = XXH64_createState();
      INVARIANT(short_state != nullptr && XXH64_reset(short_state, 0) == XXH_OK);
      return;
    }
    // Its own allocation: the state wants an alignment that the heap does not give.
    long_state = XXH3_createState();
    INVARIANT(long_state != nullptr);
    INVARIANT((algorithm == XxHashAlgorithm::kXxh3 ? XXH3_64bits_reset(long_state)
                                                   : XXH3_128bits_reset(long_state)) == XXH_OK);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    XXH64_freeState(short_state);
    XXH3_freeState(long_state);
  }

  XxHashAlgorithm algorithm;
  XXH64_state_t* short_state = nullptr;  // of kXxh64
  XXH3_state_t* long_state = nullptr;    // of the others
};

XxHash::XxHash(XxHashAlgorithm algorithm) : impl_(std::make_unique<Impl>(algorithm)) {}
XxHash::~XxHash() = default;
XxHash::XxHash(XxHash&&) noexcept = default;
XxHash& XxHash::operator=(XxHash&&) noexcept = default;

void XxHash::update(std::string_view bytes) {
  switch (impl_->algorithm) {
    case XxHashAlgorithm::kXxh64:
      XXH64_update(impl_->short_state, bytes.data(), bytes.size());
      return;
    case XxHashAlgorithm::kXxh3:
      XXH3_64bits_update(impl_->long_state, bytes.data(), bytes.size());
      return;
    case XxHashAlgorithm::kXxh128:
      XXH3_128bits_update(impl_->long_state, bytes.data(), bytes.size());
      return;
  }
}

std::string XxHash::finish() {
  if (impl_->algorithm == XxHashAlgorithm::kXxh128) {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(impl_->long_state));
    return {reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest)};
  }
  const XXH64_hash_t hash = impl_->algorithm == XxHashAlgorithm::kXxh64
                                ? XXH64_digest(impl_->short_state)
                                : XXH3_64bits_digest(impl_->long_state);
  XXH64_canonical_t canonical;
  XXH64_canonicalFromHash(&canonical, hash);
  return {reinterpret_cast<const char*>(canonical.digest), sizeof(canonical.digest)};
}

}  // namespace tidemark
