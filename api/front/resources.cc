#include "api/front/resources.h"

#include <array>
#include <string>

#include "api/partiql/named_table.h"
#include "api/streams/shard_iterator.h"
#include "base/json.h"

namespace tidemark::api {
namespace {

struct Name {
  std::string_view member;
  std::string_view field;  // in the log
};
// Outermost members, which hold a name or an ARN.
constexpr std::array<Name, 12> kNames{{
    {"TableName", "table"},
    {"GlobalTableName", "table"},
    {"TableArn", "table"},
    {"SourceTableName", "source_table"},
    {"SourceTableArn", "source_table"},
    {"TargetTableName", "target_table"},
    {"ResourceArn", "resource"},
    {"BackupArn", "backup"},
    {"ExportArn", "export"},
    {"ImportArn", "import"},
    {"BulkOperationArn", "bulk_operation"},
    {"StreamArn", "stream"},
}};

void add_name(json::Value object, const Name& name, http::RequestNote* note) {
  const auto value = object.find(name.member);
  if (value && value->is_string()) note->add(name.field, value->string());
}

// Names in the order in which they come, each once.
class Names {
 public:
  void add(std::string_view name) {
    const std::string listed = "," + text_ + ",";
    if (is_full() || listed.find("," + std::string(name) + ",") != std::string::npos) return;
    if (!text_.empty()) text_ += ',';
    text_ += name;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  [[nodiscard]] bool is_full() const { return text_.size() > http::RequestNote::kTextMax; }

  std::string text_;
};

// {"RequestItems": {"<table>": ...}}
void add_batch(json::Value body, Names* tables) {
  const auto items = body.find("RequestItems");
  if (!items || !items->is_object()) return;
  std::string_view table;
  json::Value requests;
  for (auto members = items->members(); members.next(&table, &requests);) tables->add(table);
}

// {"TransactItems": [{"Put": {"TableName": "<table>", ...}}, ...]}
void add_transaction(json::Value body, Names* tables) {
  const auto items = body.find("TransactItems");
  if (!items || !items->is_array()) return;
  json::Value item;
  for (auto elements = items->elements(); elements.next(&item);) {
    std::string_view action;
    json::Value request;
    if (!item.is_object()) continue;
    for (auto members = item.members(); members.next(&action, &request);) {
      if (!request.is_object()) continue;
      const auto table = request.find("TableName");
      if (table && table->is_string()) tables->add(table->string());
    }
  }
}

// {"Statement": "SELECT * FROM <table>"}
void add_statement(json::Value object, Names* tables) {
  const auto statement = object.find("Statement");
  if (!statement || !statement->is_string()) return;
  if (const auto table = partiql::named_table(statement->string())) tables->add(*table);
}

// {"Statements": [{"Statement": "..."}, ...]}
void add_statements(json::Value body, std::string_view member, Names* tables) {
  const auto statements = body.find(member);
  if (!statements || !statements->is_array()) return;
  json::Value statement;
  for (auto elements = statements->elements(); elements.next(&statement);) {
    if (statement.is_object()) add_statement(statement, tables);
  }
}

// {"ShardIterator": "<stream ARN>|1|..."}
void add_stream_of_iterator(json::Value body, http::RequestNote* note) {
  const auto text = body.find("ShardIterator");
  if (!text || !text->is_string()) return;
  if (const auto iterator = parse_shard_iterator(text->string())) note->add("stream", iterator->stream_arn);
}

}  // namespace

void add_resources(std::string_view body, http::RequestNote* note) {
  json::Document document;
  const auto parsed = document.parse(body);
  if (!parsed || !parsed->is_object()) return;
  for (const Name& name : kNames) add_name(*parsed, name, note);
  const auto creation = parsed->find("TableCreationParameters");  // of ImportTable
  if (creation && creation->is_object()) add_name(*creation, kNames.front(), note);
  add_stream_of_iterator(*parsed, note);
  Names table;
  add_statement(*parsed, &table);
  if (!table.text().empty()) note->add("table", table.text());
  Names tables;
  add_batch(*parsed, &tables);
  add_transaction(*parsed, &tables);
  add_statements(*parsed, "Statements", &tables);
  add_statements(*parsed, "TransactStatements", &tables);
  if (!tables.text().empty()) note->add("tables", tables.text());
}

}  // namespace tidemark::api
