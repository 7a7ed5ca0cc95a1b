#include "base/auth/credentials.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/text.h"

namespace tidemark::auth {
namespace {

constexpr std::size_t kAccessKeyBytesMax = 256;

enum Field : std::size_t { kAccessKey, kSecretKey, kAccountId, kCanonicalUserId, kDisplayName, kFieldCount };
constexpr std::array<std::string_view, kFieldCount> kFieldNames = {
    "aws_access_key_id", "aws_secret_access_key", "account_id", "canonical_user_id", "display_name"};

struct Given {
  std::string value;
  std::size_t line = 0;
};

struct Profile {
  std::string name;
  std::size_t line = 0;
  std::array<std::optional<Given>, kFieldCount> fields;
};

constexpr std::string_view kBlanks = " \t\r";

bool consists_of(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

// Access keys stand in headers and queries, between commas, colons and blanks.
bool is_access_key(std::string_view text) {
  return text.size() <= kAccessKeyBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < 0x7f && c != ',' && c != ':' && c != '=';
         });
}

// What clients keep in the same file for themselves.
bool is_client_field(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {
      "region", "output", "aws_session_token", "cli_pager", "endpoint_url", "s3", "services"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

class Parser {
 public:
  explicit Parser(const std::string& file_name) : file_name_(file_name) {}

  Result<std::vector<Profile>> parse(std::string_view text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      ++line_;
      RETURN_IF_ERROR(take(trimmed(line, kBlanks)));
    }
    if (profiles_.empty()) return fail(Error::invalid_argument(file_name_ + ": names no credentials"));
    for (const Profile& profile : profiles_) RETURN_IF_ERROR(check_complete(profile));
    return std::move(profiles_);
  }

  [[nodiscard]] Error wrong(std::size_t line, std::string_view what) const {
    return Error::invalid_argument(file_name_ + ":" + std::to_string(line) + ": " + std::string(what));
  }

 private:
  Result<void> take(std::string_view line) {
    if (line.empty() || line.front() == '#' || line.front() == ';') return {};
    return line.front() == '[' ? take_profile(line) : take_field(line);
  }

  Result<void> take_profile(std::string_view line) {
    const std::size_t end = line.find(']');
    const std::string_view behind =
        end == std::string_view::npos ? line : trimmed(line.substr(end + 1), kBlanks);
    const std::string_view name =
        end == std::string_view::npos ? "" : trimmed(line.substr(1, end - 1), kBlanks);
    if (name.empty() || (!behind.empty() && behind.front() != '#' && behind.front() != ';')) {
      return fail(wrong(line_, "a profile is written as [name]"));
    }
    if (!names_.emplace(name).second) {
      return fail(wrong(line_, "the profile '" + std::string(name) + "' is there already"));
    }
    profiles_.push_back({.name = std::string(name), .line = line_, .fields = {}});
    return {};
  }

  Result<void> take_field(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return fail(wrong(line_, "expected [profile] or name = value"));
    const std::string_view name = trimmed(line.substr(0, equals), kBlanks);
    const std::string_view value = trimmed(line.substr(equals + 1), kBlanks);
    if (profiles_.empty()) return fail(wrong(line_, "a [profile] must come first"));
    const auto* const found = std::find(kFieldNames.begin(), kFieldNames.end(), name);
    if (is_client_field(name)) return {};
    if (found == kFieldNames.end()) {
      // What does not look like a name may be a secret that came to stand here.
      const bool is_name = name.size() <= 64 && consists_of(name, "abcdefghijklmnopqrstuvwxyz_");
      return fail(wrong(line_, is_name ? "unknown field '" + std::string(name) + "'" : "unknown field"));
    }
    auto& field = profiles_.back().fields[static_cast<std::size_t>(found - kFieldNames.begin())];
    if (field) return fail(wrong(line_, std::string(name) + " is given twice"));
    if (value.empty()) return fail(wrong(line_, std::string(name) + " has no value"));
    field = Given{std::string(value), line_};
    return {};
  }

  [[nodiscard]] Result<void> check_complete(const Profile& profile) const {
    for (const Field field : {kAccessKey, kSecretKey}) {
      if (!profile.fields[field]) {
        return fail(wrong(profile.line,
                          "the profile '" + profile.name + "' has no " + std::string(kFieldNames[field])));
      }
    }
    const auto& access_key = *profile.fields[kAccessKey];
    if (!is_access_key(access_key.value)) {
      return fail(
          wrong(access_key.line,
                "aws_access_key_id must be at most 256 printable characters without blank, comma, colon "
                "and equals sign"));
    }
    const auto& account_id = profile.fields[kAccountId];
    if (account_id && !is_account_id(account_id->value)) {
      return fail(wrong(account_id->line, "account_id must be twelve digits"));
    }
    const auto& canonical = profile.fields[kCanonicalUserId];
    if (canonical && (canonical->value.size() != 64 || !consists_of(canonical->value, "0123456789abcdef"))) {
      return fail(
          wrong(canonical->line, "canonical_user_id must be 64 hexadecimal digits, letters in lower case"));
    }
    return {};
  }

  const std::string& file_name_;
  std::size_t line_ = 0;
  std::set<std::string, std::less<>> names_;
  std::vector<Profile> profiles_;
};

// What the profiles of one account say of it together.
struct AccountDraft {
  std::string first_profile;
  std::size_t line = 0;
  std::optional<Given> canonical_user_id;
  std::optional<Given> display_name;
};

Result<void> agree(std::optional<Given>* known, const std::optional<Given>& given, std::string_view field,
                   const Parser& parser) {
  if (!given) return {};
  if (*known && (*known)->value != given->value) {
    return fail(parser.wrong(given->line, std::string(field) + " is not the one of line " +
                                              std::to_string((*known)->line) + " for the same account"));
  }
  if (!*known) *known = given;
  return {};
}

Account finished(const std::string& id, const AccountDraft& draft, const Account& own) {
  Account account{.id = id,
                  .canonical_user_id = id == own.id ? own.canonical_user_id : derived_canonical_user_id(id),
                  .display_name = id == own.id ? own.display_name : draft.first_profile};
  if (draft.canonical_user_id) account.canonical_user_id = draft.canonical_user_id->value;
  if (draft.display_name) account.display_name = draft.display_name->value;
  return account;
}

}  // namespace

std::string derived_canonical_user_id(std::string_view account_id) {
  return to_hex(digest_of(DigestAlgorithm::kSha256, "canonical-user-id:" + std::string(account_id)));
}

Result<CredentialList> CredentialList::parse(std::string_view text, const std::string& file_name,
                                             const Account& own) {
  Parser parser(file_name);
  ASSIGN_OR_RETURN(const std::vector<Profile> profiles, parser.parse(text));
  const auto account_of = [&own](const Profile& profile) {
    return profile.fields[kAccountId] ? profile.fields[kAccountId]->value : own.id;
  };
  std::map<std::string, AccountDraft> drafts;
  for (const Profile& profile : profiles) {
    AccountDraft& draft =
        drafts.try_emplace(account_of(profile), AccountDraft{profile.name, profile.line, {}, {}})
            .first->second;
    RETURN_IF_ERROR(
        agree(&draft.canonical_user_id, profile.fields[kCanonicalUserId], "canonical_user_id", parser));
    RETURN_IF_ERROR(agree(&draft.display_name, profile.fields[kDisplayName], "display_name", parser));
  }
  CredentialList list;
  for (const auto& [id, draft] : drafts) {
    const Account account = finished(id, draft, own);
    const auto [other, is_new] = list.by_canonical_.emplace(account.canonical_user_id, id);
    if (!is_new) {
      return fail(parser.wrong(draft.canonical_user_id ? draft.canonical_user_id->line : draft.line,
                               "the canonical user id is that of account " + other->second + " already"));
    }
    list.accounts_.emplace(id, account);
  }
  for (const Profile& profile : profiles) {
    const Given& access_key = *profile.fields[kAccessKey];
    Credential credential{.access_key = access_key.value,
                          .secret_key = profile.fields[kSecretKey]->value,
                          .account = list.accounts_.at(account_of(profile))};
    if (!list.credentials_.emplace(access_key.value, std::move(credential)).second) {
      return fail(parser.wrong(access_key.line, "this aws_access_key_id is there already"));
    }
  }
  return list;
}

Result<CredentialList> CredentialList::load(FileSystem& files, const std::string& path, const Account& own) {
  const auto text = read_file(files, path);
  if (!text) return fail(Error{text.error().code, "cannot read the credentials: " + text.error().message});
  return parse(*text, path, own);
}

const Credential* CredentialList::find(std::string_view access_key) const {
  const auto found = credentials_.find(access_key);
  return found == credentials_.end() ? nullptr : &found->second;
}

const Account* CredentialList::find_account(std::string_view account_id) const {
  const auto found = accounts_.find(account_id);
  return found == accounts_.end() ? nullptr : &found->second;
}

const Account* CredentialList::find_canonical(std::string_view canonical_user_id) const {
  const auto found = by_canonical_.find(canonical_user_id);
  return found == by_canonical_.end() ? nullptr : find_account(found->second);
}

}  // namespace tidemark::auth
