// What S3 knows of actions and condition keys: used to judge a policy when it is stored.
#pragma once

#include <bitset>
#include <string_view>

namespace tidemark::s3emu {

// The actions that a bucket policy may name, each a bit.
inline constexpr std::size_t kPolicyActionsMax = 128;
using ActionSet = std::bitset<kPolicyActionsMax>;

// Those that `pattern` names, with wildcards and without regard to case, e.g. `s3:Get*` or `*`.
ActionSet actions_matching(std::string_view pattern);
// Those that are about buckets, and those about objects.
const ActionSet& bucket_actions();
const ActionSet& object_actions();

// Whether there is such a key; `key` as lower_condition_key() makes it. S3 takes any `aws:` key.
bool is_condition_key(std::string_view key);
// The actions whose requests can have the key.
ActionSet actions_with_key(std::string_view key);

}  // namespace tidemark::s3emu
