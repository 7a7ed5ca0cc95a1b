#include "storage/discard.h"

#include <set>
#include <utility>
#include <vector>

#include "storage/catalog/stream_book.h"

namespace tidemark::storage {
namespace {

// The document of marks. ON DISK: see catalog_store.h.
constexpr char kMarkDocument[] = "discard";
constexpr char kAllAccounts[] = "all";

bool is_meant(const std::optional<std::string>& account, std::string_view id) {
  return !account || *account == id;
}

// Every stream of the account; what cannot be read is nobody's.
std::vector<Stream> streams_of(const Catalog& catalog, const std::optional<std::string>& account) {
  std::vector<Stream> streams;
  for (const auto& [arn, text] : catalog.list_documents(kStreamDocument)) {
    auto stream = parse_stream_document(arn, text);
    if (stream && is_meant(account, stream->account_id)) streams.push_back(*std::move(stream));
  }
  return streams;
}

Result<void> put_mark(Engine& engine, const std::optional<std::string>& account) {
  Catalog& catalog = engine.catalog();
  const std::string key = account.value_or(kAllAccounts);
  // Counts up, whatever the clock does.
  const std::string before = catalog.find_document(kMarkDocument, key).value_or("{\"count\":0}");
  const std::size_t digits = before.find_first_of("0123456789");
  const std::uint64_t count = digits == std::string::npos ? 0 : std::stoull(before.substr(digits));
  return catalog.put_document(kMarkDocument, key, "{\"count\":" + std::to_string(count + 1) + "}");
}

// Nobody finds the streams of the table any more. While it is held still: whoever notes the end of a stream
// would write its document anew.
Result<void> forget_streams_of(Engine& engine, const TablePtr& table, const std::vector<Stream>& streams) {
  const auto change = engine.table_states().hold(table->id);
  for (const Stream& stream : streams) {
    if (stream.table != table->id) continue;
    RETURN_IF_ERROR(engine.catalog().remove_document(kStreamDocument, stream.arn));
  }
  return {};
}

Result<bool> discard(Engine& engine, TableId table) {
  const auto gone = engine.table_states().abandon(table);
  if (gone) return true;
  if (gone.error().code == ErrorCode::kNotFound) return false;  // somebody else was faster
  return fail(gone.error());
}

}  // namespace

Result<Discarded> discard_tables(Engine& engine, const std::optional<std::string>& account) {
  RETURN_IF_ERROR(put_mark(engine, account));
  Discarded discarded;
  std::vector<Stream> streams = streams_of(engine.catalog(), account);
  for (const TablePtr& table : engine.catalog().all()) {
    if (!is_meant(account, table->schema.account_id)) continue;
    RETURN_IF_ERROR(forget_streams_of(engine, table, streams));
    ASSIGN_OR_RETURN(const bool is_gone, discard(engine, table->id));
    if (is_gone) ++discarded.tables;
  }
  // Those whose tables are gone for longer, or were given another one a moment ago.
  for (Stream& stream : streams_of(engine.catalog(), account)) {
    if (engine.catalog().find(stream.table)) continue;
    RETURN_IF_ERROR(engine.catalog().remove_document(kStreamDocument, stream.arn));
    streams.push_back(std::move(stream));
  }
  std::set<std::string> forgotten;
  for (const Stream& stream : streams) {
    if (engine.catalog().find_document(kStreamDocument, stream.arn)) continue;
    RETURN_IF_ERROR(engine.holds().release(stream_hold(stream.arn)));
    forgotten.insert(stream.arn);
  }
  discarded.streams = forgotten.size();
  return discarded;
}

Result<void> release_retired(Engine& engine, const std::optional<std::string>& account) {
  std::set<TableId> retired;
  for (const TablePtr& table : engine.catalog().retired()) {
    if (is_meant(account, table->schema.account_id)) retired.insert(table->id);
  }
  if (retired.empty()) return {};
  for (const Hold& hold : engine.holds().list()) {
    if (retired.contains(hold.table)) RETURN_IF_ERROR(engine.holds().release(hold.who));
  }
  return {};
}

std::string discard_mark(const Catalog& catalog, std::string_view account) {
  std::string mark = catalog.find_document(kMarkDocument, kAllAccounts).value_or("");
  mark += catalog.find_document(kMarkDocument, account).value_or("");
  return mark;
}

}  // namespace tidemark::storage
