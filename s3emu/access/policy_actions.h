// What S3 knows of actions and condition keys: used to judge a policy when it is stored.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace tidemark::s3emu {

enum class ActionLevel { kBucket, kObject };

struct PolicyAction {
  std::string_view name;  // without `s3:`
  ActionLevel level;
};

// The actions a bucket policy may name, `pattern` with wildcards and without regard to case, e.g. `s3:Get*`
// or `*`. Empty: the pattern names none.
std::vector<const PolicyAction*> actions_matching(std::string_view pattern);

// Without regard to case.
bool action_fits(std::string_view pattern, std::string_view action);

// Whether there is such a key; `key` as lower_condition_key() makes it. S3 takes any `aws:` key.
bool is_condition_key(std::string_view key);
// Whether requests for that action can have the key.
bool condition_key_applies(std::string_view key, const PolicyAction& action);

}  // namespace tidemark::s3emu
