#include "s3emu/rules/lifecycle_transitions.h"

#include "tests/support/catch.h"

namespace tidemark::s3emu {
namespace {

S3Result<LifecycleRules> rule_of(const std::string& inside) {
  ASSIGN_OR_RETURN(
      const std::string document,
      conform(kLifecycleShape, "<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status>" + inside +
                                   "</Rule></LifecycleConfiguration>"));
  return parse_lifecycle(document);
}

std::string current(int days, const std::string& storage_class) {
  return "<Transition><Days>" + std::to_string(days) + "</Days><StorageClass>" + storage_class +
         "</StorageClass></Transition>";
}

std::string on(const std::string& date, const std::string& storage_class) {
  return "<Transition><Date>" + date + "</Date><StorageClass>" + storage_class +
         "</StorageClass></Transition>";
}

std::string noncurrent(int days, const std::string& storage_class) {
  return "<NoncurrentVersionTransition><NoncurrentDays>" + std::to_string(days) +
         "</NoncurrentDays><StorageClass>" + storage_class + "</StorageClass></NoncurrentVersionTransition>";
}

std::string noncurrent_expiration(int days) {
  return "<NoncurrentVersionExpiration><NoncurrentDays>" + std::to_string(days) +
         "</NoncurrentDays></NoncurrentVersionExpiration>";
}

// Codes, or `ok`; and how the message begins.
TEST_CASE("transitions of a lifecycle rule") {
  struct Case {
    std::string inside, code, message;
  };
  const auto c = GENERATE(values<Case>({
      {current(30, "STANDARD_IA"), "ok", ""},
      {current(29, "STANDARD_IA"), "InvalidArgument",
       "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'"},
      {current(0, "ONEZONE_IA"), "InvalidArgument",
       "'Days' in Transition action must be greater than or equal to 30 for storageClass 'ONEZONE_IA'"},
      {noncurrent(30, "ONEZONE_IA"), "ok", ""},
      {noncurrent(29, "STANDARD_IA"), "InvalidArgument",
       "'NoncurrentDays' in NoncurrentVersionTransition action must be greater than or equal to 30 for "
       "storageClass 'STANDARD_IA'"},
      {on("2030-01-01", "STANDARD_IA"), "ok", ""},
      {current(0, "INTELLIGENT_TIERING"), "ok", ""},
      {current(0, "GLACIER_IR"), "ok", ""},
      {current(0, "GLACIER"), "ok", ""},
      {current(0, "DEEP_ARCHIVE"), "ok", ""},
      {current(-1, "DEEP_ARCHIVE"), "InvalidArgument", "'Days' for Transition action must be nonnegative"},
      // In whatever order they are written
      {current(60, "GLACIER") + current(30, "STANDARD_IA"), "ok", ""},
      {current(30, "STANDARD_IA") + current(59, "GLACIER"), "InvalidArgument",
       "'Days' in the Transition action for StorageClass 'GLACIER' for prefix '' must be 30 days more than"},
      {current(30, "STANDARD_IA") + current(59, "ONEZONE_IA"), "InvalidArgument",
       "'Days' in the Transition action for StorageClass 'ONEZONE_IA' for prefix '' must be 30 days more"},
      {current(30, "ONEZONE_IA") + current(59, "DEEP_ARCHIVE"), "InvalidArgument",
       "'Days' in the Transition action for StorageClass 'DEEP_ARCHIVE' for prefix '' must be 30 days more"},
      {current(1, "GLACIER") + current(91, "DEEP_ARCHIVE"), "ok", ""},
      {current(1, "GLACIER") + current(90, "DEEP_ARCHIVE"), "InvalidArgument",
       "'Days' in the Transition action for StorageClass 'DEEP_ARCHIVE' for prefix '' must be 90 days more"},
      {current(60, "STANDARD_IA") + current(30, "GLACIER"), "InvalidArgument",
       "'Days' in the Transition action for StorageClass 'GLACIER' for prefix '' must be greater than 'Days' "
       "in the Transition action for StorageClass 'STANDARD_IA'"},
      {current(1, "DEEP_ARCHIVE") + current(1, "GLACIER"), "InvalidArgument",
       "'Days' in the Transition action for StorageClass 'DEEP_ARCHIVE' for prefix '' must be greater than"},
      {on("2030-01-01", "GLACIER") + on("2030-01-01", "DEEP_ARCHIVE"), "InvalidArgument",
       "'Date' in the Transition action for StorageClass 'DEEP_ARCHIVE' for prefix '' must be greater than"},
      {on("2030-01-01", "GLACIER") + on("2030-01-02", "DEEP_ARCHIVE"), "ok", ""},
      {on("2030-01-01", "GLACIER") + current(1, "DEEP_ARCHIVE"), "InvalidRequest",
       "Found mixed 'Date' and 'Days' based Transition actions"},
      {noncurrent(30, "STANDARD_IA") + noncurrent(40, "GLACIER"), "InvalidArgument",
       "'NoncurrentDays' in the NoncurrentVersionTransition action for StorageClass 'GLACIER' for prefix '' "
       "must be 30 days more"},
      {noncurrent(5, "GLACIER") + noncurrent(6, "GLACIER"), "InvalidRequest",
       "'StorageClass' must be different for 'NoncurrentVersionTransition' actions in same 'Rule'"},
      // Each kind by itself
      {current(1, "GLACIER") + noncurrent(1, "GLACIER"), "ok", ""},
      {noncurrent(5, "GLACIER") + noncurrent_expiration(6), "ok", ""},
      {noncurrent(5, "GLACIER") + noncurrent_expiration(5), "InvalidArgument",
       "'NoncurrentDays' in the NoncurrentVersionExpiration action for prefix '' must be greater than"},
  }));
  CAPTURE(c.inside);
  const auto rules = rule_of(c.inside);
  CHECK((rules ? std::string("ok") : rules.error().code) == c.code);
  if (!rules) CHECK(rules.error().message.substr(0, c.message.size()) == c.message);
}

}  // namespace
}  // namespace tidemark::s3emu
