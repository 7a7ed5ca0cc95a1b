#include "server/commands/accounts_command.h"

#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "base/auth/account.h"
#include "base/auth/credentials.h"
#include "base/text.h"
#include "server/commands/columns.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kAccountsMax = 10'000;
constexpr std::size_t kNameMax = 64;

// A profile of the file, without its secret.
struct Profile {
  std::string name;
  std::string access_key;
  std::string account;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

// `text` is a file that CredentialList has taken, so every line is what such a file may have.
std::vector<Profile> profiles_of(std::string_view text) {
  std::vector<Profile> profiles;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('[') && line.ends_with(']')) {
      profiles.push_back({std::string(trimmed(line.substr(1, line.size() - 2))), {}, {}});
    }
    const std::size_t equals = line.find('=');
    if (profiles.empty() || equals == std::string_view::npos) continue;
    const std::string_view field = trimmed(line.substr(0, equals));
    const std::string value(trimmed(line.substr(equals + 1)));
    if (field == "aws_access_key_id") profiles.back().access_key = value;
    if (field == "account_id") profiles.back().account = value;
  }
  return profiles;
}

Result<void> check_name(const std::string& name) {
  const bool is_plain =
      !name.empty() && name.size() <= kNameMax && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
      });
  if (is_plain) return {};
  return fail(
      Error::invalid_argument("accounts: '" + printable(name) +
                              "' is no name of 1 to 64 letters, digits, dots, hyphens and underscores"));
}

// The file's text; nothing when there is none yet.
Result<std::string> read_credentials(FileSystem& files, const std::string& path) {
  if (!files.exists(path)) return std::string();
  ASSIGN_OR_RETURN(std::string text, read_file(files, path));
  if (trimmed(text).empty()) return std::string();
  // What a server would refuse is not to be made longer.
  const auth::Account own{.id = "000000000000", .canonical_user_id = {}, .display_name = {}};
  RETURN_IF_ERROR(auth::CredentialList::parse(text, path, own));
  return text;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

// Twelve digits that nobody has.
std::string new_account_id(Random& random, std::set<std::string>* taken) {
  constexpr std::uint64_t kSmallest = 100'000'000'000;
  for (;;) {
    std::string id = std::to_string(kSmallest + random.next() % (9 * kSmallest));
    if (taken->insert(id).second) return id;
  }
}

std::string profile_text(const std::string& name, const std::string& access_key, const std::string& secret,
                         const std::string& account) {
  return "[" + name + "]\naws_access_key_id     = " + access_key + "\naws_secret_access_key = " + secret +
         "\naccount_id            = " + account + "\n";
}

std::string hand_out(const AccountsConfig& config, const std::string& name, const std::string& access_key,
                     const std::string& secret, const std::string& account) {
  const std::string server = host_field(url_of(config.server, "/"));
  return "---- " + name + " (account " + account + ")\n" +  //
         "export AWS_ENDPOINT_URL=http://" + server + "\n" + "export AWS_ACCESS_KEY_ID=" + access_key +
         "\n" +                                             //
         "export AWS_SECRET_ACCESS_KEY=" + secret + "\n" +  //
         "export AWS_DEFAULT_REGION=" + config.region + "\n\n";
}

Result<void> add(const AccountsConfig& config, FileSystem& files, Random& random, std::FILE* out) {
  ASSIGN_OR_RETURN(const auto names, account_names(config.names, config.count));
  ASSIGN_OR_RETURN(std::string text, read_credentials(files, config.file));
  std::set<std::string> known;
  std::set<std::string> accounts;
  for (const Profile& profile : profiles_of(text)) {
    known.insert(profile.name);
    accounts.insert(profile.account);
  }
  std::string hand_outs;
  for (const std::string& name : names) {
    if (!known.insert(name).second) {
      return fail(Error::invalid_argument("accounts: " + config.file + " has a profile '" + name +
                                          "' already; nothing was written"));
    }
    const std::string account = new_account_id(random, &accounts);
    const std::string access_key = "TMAK" + upper(random.base32(16));
    const std::string secret = random.base32(40);
    if (!text.empty()) text += text.ends_with('\n') ? "\n" : "\n\n";
    text += profile_text(name, access_key, secret, account);
    hand_outs += hand_out(config, name, access_key, secret, account);
  }
  ::umask(0077);  // the file has secrets
  RETURN_IF_ERROR(files.replace(config.file, text, true));
  std::fputs(hand_outs.c_str(), out);
  return {};
}

Result<void> list(const AccountsConfig& config, FileSystem& files, std::FILE* out) {
  if (!files.exists(config.file)) {
    return fail(Error::invalid_argument("accounts: there is no file " + config.file));
  }
  ASSIGN_OR_RETURN(const std::string text, read_credentials(files, config.file));
  std::vector<Row> rows = {{"NAME", "ACCESS KEY", "ACCOUNT"}};
  for (const Profile& profile : profiles_of(text)) {
    rows.push_back({printable(profile.name), printable(profile.access_key),
                    profile.account.empty() ? "the server's own" : printable(profile.account)});
  }
  for (const std::string& line : align_columns(rows)) std::fprintf(out, "%s\n", line.c_str());
  return {};
}

}  // namespace

Result<std::vector<std::string>> account_names(const std::vector<std::string>& names, std::size_t count) {
  if (names.empty()) return fail(Error::invalid_argument("accounts add: a name is missing"));
  for (const std::string& name : names) RETURN_IF_ERROR(check_name(name));
  if (count == 0) return names;
  if (names.size() > 1) {
    return fail(Error::invalid_argument("accounts add: --count numbers from one name on, not from several"));
  }
  if (count > kAccountsMax) {
    return fail(Error::invalid_argument("accounts add: --count is 1 to " + std::to_string(kAccountsMax)));
  }
  const std::string& name = names.front();
  const std::size_t stem = name.find_last_not_of("0123456789") + 1;
  constexpr std::size_t kDigitsMax = 9;
  const std::string digits = name.substr(stem);
  if (digits.size() > kDigitsMax) {
    return fail(Error::invalid_argument("accounts add: the number of '" + name + "' is too long"));
  }
  const std::size_t first = digits.empty() ? 1 : std::stoul(digits);
  const std::size_t width = digits.empty() ? std::max<std::size_t>(2, std::to_string(count).size())  //
                                           : digits.size();
  std::vector<std::string> numbered;
  for (std::size_t number = first; number < first + count; ++number) {
    std::string text = std::to_string(number);
    if (text.size() < width) text.insert(0, width - text.size(), '0');
    numbered.push_back(name.substr(0, stem) + text);
  }
  RETURN_IF_ERROR(check_name(numbered.back()));
  return numbered;
}

Result<void> run_accounts(const AccountsConfig& config, FileSystem& files, Random& random, std::FILE* out) {
  if (config.action == "add") return add(config, files, random, out);
  if (config.action == "list") return list(config, files, out);
  return fail(
      Error::invalid_argument("accounts: '" + printable(config.action) + "' is neither add nor list"));
}

}  // namespace tidemark::server
