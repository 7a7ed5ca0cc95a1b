#include "server/command_line/asking_commands.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "server/command_line/aws_variables.h"
#include "server/command_line/serve_values.h"
#include "server/commands/clock_command.h"
#include "server/commands/source_endpoint.h"

namespace tidemark::server {
namespace {

constexpr const char* kMoment = "2026-01-01T12:00:00.123456Z, or seconds since 1970";

// As SDKs find it, except that everything has a default.
ClientIdentity identity_of(const Environment& environment) {
  ClientIdentity identity;
  const auto take = [&environment](const char* name, std::string* out) {
    if (const auto value = environment(name); value && !value->empty()) *out = *value;
  };
  take("AWS_ACCESS_KEY_ID", &identity.access_key);
  take("AWS_SECRET_ACCESS_KEY", &identity.secret_key);
  if (std::string region = aws_region(environment); !region.empty()) identity.region = std::move(region);
  return identity;
}

// The S3 service elsewhere that `s3://` means.
std::shared_ptr<SourceEndpointOptions> add_source_options(CLI::App* command) {
  auto options = std::make_shared<SourceEndpointOptions>();
  command->add_option("--s3-endpoint", options->url, "Where s3:// is (default: the S3 of the running server)")
      ->type_name("URL");
  command
      ->add_option("--s3-endpoint-credentials", options->credentials,
                   "Our keys there, in the form of ~/.aws/credentials (default: AWS_ACCESS_KEY_ID ...)")
      ->type_name("FILE");
  command->add_option("--s3-endpoint-profile", options->profile, "Which of them (default: the first)")
      ->type_name("NAME");
  command->add_option("--s3-endpoint-region", options->region, "Its region (default us-east-1)")
      ->type_name("REGION");
  command->add_option("--s3-endpoint-style", options->style, "path or host (default path)");
  command->add_option("--s3-endpoint-ca", options->ca, "Authorities in PEM, instead of the system's")
      ->type_name("FILE");
  return options;
}

// Which table, where the name alone does not say.
template <class Config>
void add_owner_options(CLI::App* command, Config* config) {
  command->add_option("--account", config->account, "Where several have a table of that name");
  command->add_option("--region", config->region,
                      "The same (default: AWS_REGION or AWS_DEFAULT_REGION, any region)");
}

}  // namespace

AskingCommands::AskingCommands(CLI::App* app, std::function<void(CLI::App*)> add_address)
    : add_address_(std::move(add_address)) {
  // In the order of `tidemark --help`.
  add_healthcheck(app);
  add_status(app);
  add_doctor(app);
  add_clock(app);
  add_jobs(app);
  add_tables(app);
  add_past(app);
  add_rewind(app);
  add_branch(app);
  add_apply(app);
  add_load(app);
  add_dump(app);
  add_seed(app);
  add_bill(app);
  add_reset(app);
  add_accounts(app);
}

Result<Command> AskingCommands::given(ServerAddress server, const Environment& environment) {
  const auto entry =
      std::find_if(entries_.begin(), entries_.end(), [](const Entry& one) { return one.app->parsed(); });
  if (entry == entries_.end()) return fail(Error::invalid_argument("a command is missing"));
  return entry->make(std::move(server), environment);
}

template <class Config>
std::pair<CLI::App*, Config*> AskingCommands::add(CLI::App* app, const char* name, const char* what) {
  CLI::App* const command = app->add_subcommand(name, what);
  add_address_(command);
  const auto config = std::make_shared<Config>();
  entries_.push_back(
      {command, [config](const ServerAddress& server, const Environment& environment) -> Result<Command> {
         config->server = server;
         // Which region a table is looked for in; hand-outs are for others.
         if constexpr (requires { config->region; } && !std::is_same_v<Config, AccountsConfig>) {
           if (config->region.empty()) config->region = aws_region(environment);
         }
         return Command(std::move(*config));
       }});
  return {command, config.get()};
}

void AskingCommands::add_healthcheck(CLI::App* app) {
  const auto [command, config] =
      add<HealthcheckConfig>(app, "healthcheck", "Ask a running server whether it is well");
  command->add_option("--wait", config->wait_seconds, "Ask again for so many seconds until it is (default 0)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0, 86'400));
}

void AskingCommands::add_status(CLI::App* app) {
  const auto [command, config] = add<StatusConfig>(
      app, "status", "Show where a running server listens, what it holds and which jobs run");
  command->add_flag("--json", config->json, "Print what the server answers");
}

void AskingCommands::add_doctor(CLI::App* app) {
  const auto [command, config] = add<DoctorConfig>(
      app, "doctor", "Find out why a client does not reach the server, and what to do about it");
  command
      ->add_option("--data-dir", config->data_directory,
                   "Where the data is to be, if no server runs that says it (default ./tidemark-data)")
      ->type_name("DIR");
  command->add_flag("--json", config->json, "Print the findings as JSON");
}

void AskingCommands::add_seed(CLI::App* app) {
  const auto [command, config] =
      add<SeedConfig>(app, "seed", "Make tables and items of a running server out of files");
  command
      ->add_option(
          "sources", config->sources,
          "Files and folders: templates of CloudFormation and SAM, requests of CreateTable, JSON lines, "
          "CSV, exports")
      ->required();
  command
      ->add_option("--parameter", config->parameters, "A parameter of templates: Stage=dev; again for more")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_flag("--into-existing", config->into_existing, "Put items into tables that are there, too");
  entries_.back().make = [config = config, make = std::move(entries_.back().make)](
                             ServerAddress server, const Environment& environment) -> Result<Command> {
    config->identity = identity_of(environment);
    return make(std::move(server), environment);
  };
}

void AskingCommands::add_reset(CLI::App* app) {
  const auto [command, config] = add<ResetConfig>(
      app, "reset", "Remove all tables, buckets and jobs of a running server, or of an account");
  command->add_option("--account", config->account, "Only those of this account, twelve digits")
      ->type_name("ID");
  command->add_option("--access-key", config->access_key, "Only those of the account of this access key")
      ->type_name("KEY");
  command->add_flag("--json", config->json, "Print what the server answers");
}

void AskingCommands::add_bill(CLI::App* app) {
  const auto [command, config] =
      add<BillConfig>(app, "bill", "Show what AWS would have charged, by list prices: an estimate");
  command->add_option("action", config->action,
                      "mark NAME, unmark NAME, marks, or export-or-scan TABLE (default: the bill)");
  command->add_option("name", config->name, "Of the mark or of the table");
  command->add_option("--since", config->since, "From that mark on (default: the start, or the last reset)")
      ->type_name("MARK");
  command->add_option("--until", config->until, "Up to that mark (default: now)")->type_name("MARK");
  command
      ->add_option("--label", config->label,
                   "Only what carried this label: X-Tidemark-Bill-Label, or AWS_SDK_UA_APP_ID of SDKs")
      ->type_name("LABEL");
  add_owner_options(command, config);
  command->add_option("--prices", config->prices_file, "Other prices, YAML or JSON (docs/bill.md)")
      ->type_name("FILE");
  const auto max = std::make_shared<std::string>();
  CLI::Option* const max_option =
      command->add_option("--max", *max, "Exit with 1, and the five dearest lines, above so many USD")
          ->type_name("USD");
  command->add_option("--lines", config->lines, "As many lines at most, the dearest first (default 20)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000));
  command->add_flag("--json", config->json, "Print what the server answers");
  const CLI::Option* const label_option = command->get_option("--label");
  entries_.back().make = [config = config, max, max_option, label_option,
                          make = std::move(entries_.back().make)](
                             ServerAddress server, const Environment& environment) -> Result<Command> {
    if (max_option->count() > 0) {
      ASSIGN_OR_RETURN(config->max_usd, parse_usd(Given{.value = *max, .source = "--max"}));
    }
    // A variable that is not set would ask for the bill of everything.
    if (label_option->count() > 0 && config->label.empty()) {
      return fail(Error::invalid_argument("--label: the label is empty"));
    }
    RETURN_IF_ERROR(check_bill_config(*config));
    return make(std::move(server), environment);
  };
}

void AskingCommands::add_accounts(CLI::App* app) {
  const auto [command, config] = add<AccountsConfig>(
      app, "accounts", "Write the credentials file of a server for a class, and hand-outs for the students");
  command->add_option("action", config->action, "add or list")->required();
  command->add_option("names", config->names, "Those to add: student01");
  command
      ->add_option("--count", config->count, "So many, numbered from the name on (default: the names alone)")
      ->type_name("N");
  command
      ->add_option("--credentials", config->file,
                   "The file, as --auth strict wants it (default ./credentials)")
      ->type_name("FILE");
  command->add_option("--region", config->region, "What the hand-outs say (default us-east-1)")
      ->type_name("REGION");
}

void AskingCommands::add_clock(CLI::App* app) {
  const auto [command, config] = add<ClockConfig>(app, "clock", "Show or move the time of a running server");
  struct Words {
    std::string action;
    std::string value;
  };
  const auto words = std::make_shared<Words>();
  command->add_option("action", words->action, "show, advance, set, freeze, unfreeze or rate (default show)");
  command->add_option("value", words->value, "advance P34D, set 2026-01-01T00:00:00Z, rate 60");
  entries_.back().make = [words](ServerAddress server, const Environment&) -> Result<Command> {
    ASSIGN_OR_RETURN(std::string request, clock_request(words->action, words->value));
    return Command(ClockConfig{std::move(server), std::move(request)});
  };
}

void AskingCommands::add_jobs(CLI::App* app) {
  const auto [command, config] = add<JobsConfig>(app, "jobs", "List the background jobs of a running server");
  command->add_option("id", config->id, "One job, with its parts (default: a list)");
  command
      ->add_option("--kind", config->kind,
                   "Only jobs of this kind: export, import, restore, rewind or branch")
      ->type_name("KIND");
  command->add_option("--status", config->status, "Only jobs with this status: FAILED")->type_name("STATUS");
  command->add_option("--table", config->table, "Only jobs of this table, by name or ARN")
      ->type_name("TABLE");
  command->add_option("--limit", config->limit, "As many at most, 1 to 1000 (default 100)")->type_name("N");
  command->add_flag("--watch", config->watch, "Show the progress until none of them runs any more");
  command->add_flag("--json", config->json, "Print what the server answers");
  command->add_flag("--cancel", config->cancel, "Ask the job of this id to end");
  entries_.back().make = [config = config, make = std::move(entries_.back().make)](
                             ServerAddress server, const Environment& environment) -> Result<Command> {
    RETURN_IF_ERROR(check_jobs_config(*config));
    return make(std::move(server), environment);
  };
}

void AskingCommands::add_tables(CLI::App* app) {
  const auto [command, config] =
      add<TablesConfig>(app, "tables", "List the tables of a running server, and what they take on disk");
  command->add_option("table", config->table, "Only tables of this name (default: all)");
  command->add_flag("--json", config->json, "Print what the server answers");
}

void AskingCommands::add_past(CLI::App* app) {
  const auto add_one = [&](PastConfig::Kind kind, const char* name, const char* what) {
    const auto added = add<PastConfig>(app, name, what);
    const auto [command, config] = added;
    config->kind = kind;
    command->add_option("table", config->table, "The name of the table")->required();
    add_owner_options(command, config);
    if (kind != PastConfig::Kind::kAsOf) {
      command->add_flag("--json", config->json, "Print what the server answers: a line of JSON each");
    }
    return added;
  };
  const char* const key = R"(Of an item, as DynamoDB JSON: {"pk":{"S":"a"}})";
  const auto [as_of, as_of_config] =
      add_one(PastConfig::Kind::kAsOf, "as-of", "Print a table of a running server as it was at some time");
  as_of->add_option("--time", as_of_config->from, kMoment)->required()->type_name("TIME");
  as_of->add_option("--key", as_of_config->key, key)->type_name("KEY");
  const auto [history, history_config] =
      add_one(PastConfig::Kind::kHistory, "history", "Print all versions of an item");
  history->add_option("--key", history_config->key, key)->required()->type_name("KEY");
  const auto [diff, diff_config] =
      add_one(PastConfig::Kind::kDiff, "diff", "Print what changed in a table between two times");
  diff->add_option("--from", diff_config->from, kMoment)->required()->type_name("TIME");
  diff->add_option("--to", diff_config->to, "The same (default: now)")->type_name("TIME");
}

void AskingCommands::add_rewind(CLI::App* app) {
  const auto [command, config] = add<RewindConfig>(
      app, "rewind", "Take a table of a running server, or some of its items, back in time");
  command->add_option("table", config->table, "The name of the table")->required();
  command->add_option("--to", config->to, kMoment)->required()->type_name("TIME");
  command
      ->add_option("--key", config->keys,
                   R"(Only this item, as DynamoDB JSON: {"pk":{"S":"a"}}; again for more)")
      ->type_name("KEY")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_owner_options(command, config);
  command->add_flag("--no-wait", config->no_wait, "Print the job and do not wait for its end");
  command->add_flag("--json", config->json, "Print what the server answers");
}

void AskingCommands::add_branch(CLI::App* app) {
  const auto [command, config] =
      add<BranchConfig>(app, "branch", "Make a table that begins as one of a running server is, or was");
  command->add_option("source", config->source, "The name of the table")->required();
  command->add_option("target", config->target, "The name of the new table")->required();
  command
      ->add_option("--as-of", config->as_of,
                   "2026-01-01T12:00:00.123456Z, or seconds since 1970 (default: now)")
      ->type_name("TIME");
  add_owner_options(command, config);
  command->add_flag("--no-wait", config->no_wait, "Print the job and do not wait for its end");
  command->add_flag("--json", config->json, "Print what the server answers");
}

void AskingCommands::add_apply(CLI::App* app) {
  const auto [command, config] = add<ApplyConfig>(
      app, "apply", "Apply an incremental export to a table of a running server, or back it out");
  command
      ->add_option("source", config->source,
                   "The export: .../AWSDynamoDB/<export id>, a folder or s3://bucket/key")
      ->required();
  command->add_option("--table", config->table, "The table to write to")->type_name("TABLE")->required();
  command->add_flag("--reverse", config->reverse, "Back the export out: put the old images");
  entries_.back().make = [config = config, options = add_source_options(command),
                          make = std::move(entries_.back().make)](
                             ServerAddress server, const Environment& environment) -> Result<Command> {
    config->identity = identity_of(environment);
    ASSIGN_OR_RETURN(config->elsewhere, source_endpoint(*options, environment, posix_file_system()));
    return make(std::move(server), environment);
  };
}

void AskingCommands::add_load(CLI::App* app) {
  const auto [command, config] = add<LoadConfig>(
      app, "load", "Make a table of a running server of an AWS export and the incremental ones after it");
  command
      ->add_option("sources", config->sources,
                   "The exports: .../AWSDynamoDB/<export id>, folders or s3://bucket/key")
      ->required();
  command->add_option("--table", config->table, "The new table")->type_name("TABLE")->required();
  command->add_option("--key", config->key, "Its key: pk:S, or pk:S,sk:N (default: that of an increment)")
      ->type_name("KEY");
  command
      ->add_option("--mask", config->mask,
                   "What must not come along as it is: email=hash,name=drop. TIDEMARK_MASK_KEY makes hashes "
                   "that are the same next time")
      ->type_name("MASK");
  command->add_flag("--into-existing", config->into_existing, "Write to a table that is there");
  entries_.back().make = [config = config, options = add_source_options(command),
                          make = std::move(entries_.back().make)](
                             ServerAddress server, const Environment& environment) -> Result<Command> {
    config->identity = identity_of(environment);
    ASSIGN_OR_RETURN(config->elsewhere, source_endpoint(*options, environment, posix_file_system()));
    config->mask_key = environment("TIDEMARK_MASK_KEY").value_or("");
    return make(std::move(server), environment);
  };
}

void AskingCommands::add_dump(CLI::App* app) {
  const auto [command, config] = add<DumpConfig>(
      app, "dump", "Write an export of a table of a running server to a folder on this machine");
  command->add_option("table", config->table, "The name of the table")->required();
  command->add_option("folder", config->folder, "Where AWSDynamoDB/<export id> comes to be")->required();
  command->add_option("--time", config->time, "The table as it was then (default: as it is now)")
      ->type_name("TIME");
  command->add_option("--from", config->from, "Only what was written since then")->type_name("TIME");
  command->add_option("--to", config->to, "With --from: until then (default: now)")->type_name("TIME");
  command->add_option("--format", config->format, "json or ion (default json)");
  command->add_option("--view", config->view, "With --from: NEW_AND_OLD_IMAGES or NEW_IMAGE (default both)");
  entries_.back().make = [config = config, make = std::move(entries_.back().make)](
                             ServerAddress server, const Environment& environment) -> Result<Command> {
    config->identity = identity_of(environment);
    return make(std::move(server), environment);
  };
}

}  // namespace tidemark::server
