#include "s3emu/request_meter.h"

#include <map>
#include <mutex>
#include <tuple>

namespace tidemark::s3emu {
namespace {

constexpr std::size_t kKeysMax = 16'384;

// Account, bucket, operation, label: looked up by views, so that a request that is not the first of its kind
// allocates nothing.
using Key = std::tuple<std::string, std::string, std::string_view, LabelId>;
using KeyView = std::tuple<std::string_view, std::string_view, std::string_view, LabelId>;
struct Before {
  using is_transparent = void;
  static KeyView view(const Key& key) {
    return {std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key)};
  }
  bool operator()(const Key& one, const Key& two) const { return view(one) < view(two); }
  bool operator()(const Key& one, const KeyView& two) const { return view(one) < two; }
  bool operator()(const KeyView& one, const Key& two) const { return one < view(two); }
};

// A request of S3 does so much that one lock for all is nothing to it.
struct Counts {
  std::mutex mutex;
  std::map<Key, std::uint64_t, Before> by_key;  // guarded by mutex
};
Counts& counts() {
  static Counts& all = *new Counts;
  return all;
}

}  // namespace

void meter_request(std::string_view account, std::string_view bucket, std::string_view operation,
                   LabelId label) {
  const std::lock_guard lock(counts().mutex);
  auto& by_key = counts().by_key;
  if (const auto found = by_key.find(KeyView(account, bucket, operation, label)); found != by_key.end()) {
    ++found->second;
  } else if (by_key.size() < kKeysMax) {
    by_key.emplace(Key(account, bucket, operation, label), 1);
  } else {
    ++by_key[Key(std::string(), std::string(), operation, 0)];
  }
}

std::vector<MeteredRequests> metered_requests() {
  std::vector<MeteredRequests> all;
  const std::lock_guard lock(counts().mutex);
  for (const auto& [key, count] : counts().by_key) {
    const auto& [account, bucket, operation, label] = key;
    all.push_back({account, bucket, operation, label_name(label), count});
  }
  return all;
}

}  // namespace tidemark::s3emu
