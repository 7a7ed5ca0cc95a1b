#include "admin/reset.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "admin/named_table.h"
#include "admin/query.h"
#include "base/auth/account.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "storage/discard.h"

namespace tidemark::admin {
namespace {

// A job looks up between items, but for the moment in which the files of an import are taken over.
constexpr std::chrono::seconds kJobPatience{10};

struct Outcome {
  storage::Discarded tables;
  jobs::DiscardedJobs jobs;
  std::size_t backups = 0;
  std::size_t buckets = 0;
};

class Reset {
 public:
  explicit Reset(ResetParts parts) : parts_(std::move(parts)) {}

  http::Response answer(const AdminRequest& request) {
    auto account = account_of(request.body);
    if (!account) return error_answer(400, account.error());
    const std::lock_guard one_at_a_time(mutex_);
    const auto outcome = carry_out(*account);
    if (!outcome) return refusal("a reset", outcome.error());
    std::string text;
    JsonWriter json(&text);
    json.begin_object();
    json.member("status", "ok");
    const auto count = [&json](std::string_view name, std::size_t number) {
      json.member(name, static_cast<std::int64_t>(number));
    };
    count("tables", outcome->tables.tables);
    count("streams", outcome->tables.streams);
    count("backups", outcome->backups);
    count("jobs", outcome->jobs.forgotten);
    if (outcome->jobs.left > 0) count("jobsLeft", outcome->jobs.left);
    count("buckets", outcome->buckets);
    json.end_object();
    return json_answer(200, std::move(text));
  }

 private:
  using Account = std::optional<std::string>;

  [[nodiscard]] Result<Account, std::string> account_of(std::string_view body) const {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return Account();
    json::Document document;
    const auto root = document.parse(body);
    if (!root || !root->is_object()) return fail(std::string("The body must be a JSON object, or empty."));
    Account account;
    std::string_view name;
    json::Value value;
    for (json::ObjectCursor members = root->members(); members.next(&name, &value);) {
      if (account) return fail(std::string("Only one account can be named."));
      if (name == "account" && value.is_string()) {
        ASSIGN_OR_RETURN(account, parse_account(std::string(value.string())));
      } else if (name == "accessKey" && value.is_string()) {
        account = parts_.account_of_key(value.string());
        if (!account) return fail(std::string("That access key is nobody's."));
      } else {
        return fail(std::string("The body may have account or accessKey, a string, and nothing else."));
      }
    }
    return account;
  }

  // Tables before backups: one that is deleted by somebody else meanwhile leaves a backup behind.
  Result<Outcome> carry_out(const Account& account) {
    Outcome outcome;
    outcome.jobs = parts_.jobs.discard(
        [&account](const jobs::JobRecord& job) { return !account || job.account_id == *account; },
        kJobPatience);
    if (!account) parts_.jobs.forget_told();
    ASSIGN_OR_RETURN(outcome.tables, storage::discard_tables(parts_.engine, account));
    ASSIGN_OR_RETURN(outcome.backups, discard_backups(account));
    RETURN_IF_ERROR(storage::release_retired(parts_.engine, account));
    ASSIGN_OR_RETURN(outcome.buckets, parts_.discard_buckets(account));
    parts_.clear_usage(account);
    return outcome;
  }

  Result<std::size_t> discard_backups(const Account& account) {
    const auto is_meant = [&account](const timetravel::BackupRecord& backup) {
      return !account || backup.schema.account_id == *account;
    };
    std::size_t count = 0;
    for (const timetravel::BackupPtr& backup : parts_.backups.list({}, SIZE_MAX, is_meant).records) {
      const auto removed = parts_.backups.remove(backup->arn);
      if (!removed && removed.error().code != ErrorCode::kNotFound) return fail(removed.error());
      ++count;
    }
    return count;
  }

  const ResetParts parts_;
  std::mutex mutex_;
};

}  // namespace

std::vector<Route> reset_routes(ResetParts parts) {
  const auto reset = std::make_shared<Reset>(std::move(parts));
  const Route route{.method = "POST",
                    .path = "/_tidemark/reset",
                    .handle = [reset](const AdminRequest& request) { return reset->answer(request); },
                    .may_be_empty = true};
  std::vector<Route> routes = {route};
  for (const std::string_view alias : kResetAliases) {
    routes.push_back(route);
    routes.back().path = alias;
  }
  return routes;
}

}  // namespace tidemark::admin
