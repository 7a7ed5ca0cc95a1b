#include "transfer/client_tokens.h"

#include "base/bytes.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "transfer/record_json.h"

namespace tidemark::transfer {
namespace {

// Tokens may hold any byte but `$`: in hexadecimal none collides with the separators.
std::string document_key(const storage::Owner& owner, std::string_view token) {
  return owner.account_id + "/" + owner.region + "/" + to_hex(token);
}

}  // namespace

std::optional<TokenUse> find_token(const storage::Catalog& catalog, std::string_view kind,
                                   const storage::Owner& owner, std::string_view token) {
  const auto text = catalog.find_document(kind, document_key(owner, token));
  if (!text) return std::nullopt;
  json::Document document;
  const auto root = document.parse(*text);
  if (!root || !root->is_object()) return std::nullopt;
  TokenUse use;
  record_json::read(*root, "arn", &use.arn);
  record_json::read(*root, "fingerprint", &use.fingerprint);
  return use;
}

Result<void> remember_token(storage::Catalog& catalog, std::string_view kind, const storage::Owner& owner,
                            std::string_view token, const TokenUse& use) {
  std::string text;
  JsonWriter json(&text);
  json.begin_object();
  json.member("arn", use.arn);
  json.member("fingerprint", use.fingerprint);
  json.end_object();
  return catalog.put_document(kind, document_key(owner, token), std::move(text));
}

Result<void> forget_token(storage::Catalog& catalog, std::string_view kind, const storage::Owner& owner,
                          std::string_view token) {
  return catalog.remove_document(kind, document_key(owner, token));
}

}  // namespace tidemark::transfer
