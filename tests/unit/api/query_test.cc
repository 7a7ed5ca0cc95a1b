// Query through the dispatcher: request and exact answer.
#include <set>
#include <string>
#include <vector>

#include "tests/unit/api/transcript.h"

namespace tidemark::api {
namespace {

// pk, sk (N); local indexes on `at`: by-date carries keys alone, by-date-all everything; global indexes on
// `owner`: by-owner carries `title`, by-owner-at everything, sorted by `at`.
void create_table(ServiceFixture& service) {
  const std::string answer = service.call(
      "CreateTable",
      "{'TableName':'tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'pk',"
      "'AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'},{'AttributeName':'at','AttributeType':"
      "'S'},"
      "{'AttributeName':'owner','AttributeType':'S'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},"
      "{'AttributeName':'sk','KeyType':'RANGE'}],'LocalSecondaryIndexes':[{'IndexName':'by-date','KeySchema':"
      "["
      "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'at','KeyType':'RANGE'}],'Projection':{"
      "'ProjectionType':'KEYS_ONLY'}},{'IndexName':'by-date-all','KeySchema':["
      "{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'at','KeyType':'RANGE'}],'Projection':{"
      "'ProjectionType':'ALL'}}],'GlobalSecondaryIndexes':[{'IndexName':'by-owner','KeySchema':[{"
      "'AttributeName':'owner','KeyType':'HASH'}],'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes'"
      ":["
      "'title']}},{'IndexName':'by-owner-at','KeySchema':[{'AttributeName':'owner','KeyType':'HASH'},{'"
      "AttributeName':"
      "'at','KeyType':'RANGE'}],'Projection':{'ProjectionType':'ALL'}}]}");
  INFO(answer);
  REQUIRE(answer.substr(0, 3) == "200");
}

void put(ServiceFixture& service, const std::string& attributes) {
  REQUIRE(service.call("PutItem", "{'TableName':'tab','Item':{" + attributes + "}}") == "200 {}");
}

std::string item(const std::string& partition, int sort, const std::string& more = "") {
  return "'pk':{'S':'" + partition + "'},'sk':{'N':'" + std::to_string(sort) + "'}" + more;
}

// The sort keys 1, 2, 10, -5 of partition `a`, and one item of `b`.
void put_numbers(ServiceFixture& service) {
  for (const int sort : {10, 2, -5, 1}) put(service, item("a", sort));
  put(service, item("b", 3));
}

const std::string kSortPrefix = R"("sk":{"N":")";

TEST_CASE("a query selects by the sort key, in numeric order") {
  struct Case {
    const char *condition, *values;
    std::vector<std::string> sort_keys;
  };
  const auto c = GENERATE(values<Case>({
      {"pk = :p", "", {"-5", "1", "2", "10"}},
      {"pk = :p AND sk = :x", ",':x':{'N':'2.0'}", {"2"}},
      {"sk = :x AND pk = :p", ",':x':{'N':'3'}", {}},
      {"pk = :p AND sk < :x", ",':x':{'N':'2'}", {"-5", "1"}},
      {"pk = :p AND sk <= :x", ",':x':{'N':'2'}", {"-5", "1", "2"}},
      {"pk = :p AND sk > :x", ",':x':{'N':'1'}", {"2", "10"}},
      {"pk = :p AND sk >= :x", ",':x':{'N':'1'}", {"1", "2", "10"}},
      {"pk = :p AND sk BETWEEN :x AND :y", ",':x':{'N':'-5'},':y':{'N':'2'}", {"-5", "1", "2"}},
  }));
  INFO(c.condition);
  ServiceFixture service;
  create_table(service);
  put_numbers(service);
  const std::string request = "{'TableName':'tab','KeyConditionExpression':'" + std::string(c.condition) +
                              "','ExpressionAttributeValues':{':p':{'S':'a'}" + c.values + "}";
  CHECK(values_of(service.call("Query", request + "}"), kSortPrefix) == c.sort_keys);
  const std::vector<std::string> reversed(c.sort_keys.rbegin(), c.sort_keys.rend());
  CHECK(values_of(service.call("Query", request + ",'ScanIndexForward':false}"), kSortPrefix) == reversed);
}

TEST_CASE("what a query answers") {
  ServiceFixture service;
  create_table(service);
  put_numbers(service);
  const std::string query =
      "{'TableName':'tab','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{':p':{'S':'a'}},";
  run(service,
      {
          {"nothing is there", "Query",
           "{'TableName':'tab','KeyConditionExpression':'pk = "
           ":p','ExpressionAttributeValues':{':p':{'S':'z'}},"
           "'ReturnConsumedCapacity':'TOTAL'}",
           "200 "
           "{'Items':[],'Count':0,'ScannedCount':0,'ConsumedCapacity':{'TableName':'tab','CapacityUnits':0.5}"
           "}"},
          {"a page that the limit ends has a last key", "Query", query + "'Limit':1}",
           "200 "
           "{'Items':[{'pk':{'S':'a'},'sk':{'N':'-5'}}],'Count':1,'ScannedCount':1,'LastEvaluatedKey':{'pk':{"
           "'S':"
           "'a'},'sk':{'N':'-5'}}}"},
          {"which the next one starts after", "Query",
           query + "'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'2.00'}},'ProjectionExpression':'sk'}",
           "200 {'Items':[{'sk':{'N':'10'}}],'Count':1,'ScannedCount':1}"},
          {"even when it was the last item", "Query",
           query + "'Limit':1,'ScanIndexForward':false,'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'1'}}}",
           "200 "
           "{'Items':[{'pk':{'S':'a'},'sk':{'N':'-5'}}],'Count':1,'ScannedCount':1,'LastEvaluatedKey':{'pk':{"
           "'S':"
           "'a'},'sk':{'N':'-5'}}}"},
          {"counting alone", "Query", query + "'Select':'COUNT'}", "200 {'Count':4,'ScannedCount':4}"},
          {"a consistent read costs a unit", "Query",
           query + "'Select':'COUNT','ConsistentRead':true,'ReturnConsumedCapacity':'INDEXES'}",
           "200 "
           "{'Count':4,'ScannedCount':4,'ConsumedCapacity':{'TableName':'tab','CapacityUnits':1.0,'Table':{"
           "'CapacityUnits':1.0}}}"},
      });
}

TEST_CASE("a filter works on what the limit let through") {
  ServiceFixture service;
  create_table(service);
  for (int i = 1; i <= 4; ++i) put(service, item("a", i, i % 2 == 0 ? ",'even':{'BOOL':true}" : ""));
  CHECK(
      service.call(
          "Query",
          "{'TableName':'tab','KeyConditionExpression':'pk = :p','FilterExpression':'attribute_exists(even)',"
          "'ExpressionAttributeValues':{':p':{'S':'a'}},'Limit':3,'ProjectionExpression':'sk'}") ==
      answer_text(
          "200 {'Items':[{'sk':{'N':'2'}}],'Count':1,'ScannedCount':3,'LastEvaluatedKey':{'pk':{'S':'a'},"
          "'sk':{'N':'3'}}}"));
}

TEST_CASE("a page ends with the item that crosses 1 MB") {
  ServiceFixture service;
  create_table(service);
  const std::string payload = ",'x':{'S':'" + std::string(100'000, 'x') + "'}";
  for (int i = 1; i <= 13; ++i) put(service, item("a", i, payload));
  const std::string query =
      "{'TableName':'tab','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{':p':{'S':'a'}},"
      "'ProjectionExpression':'sk','FilterExpression':'attribute_exists(x)','ReturnConsumedCapacity':'TOTAL'";
  const std::string first = service.call("Query", query + "}");
  CHECK(values_of(first, R"({"sk":{"N":")").size() == 11);
  CHECK(first.find(R"("Count":11,"ScannedCount":11)") != std::string::npos);
  // 11 items of 100,008 bytes and a digit of the sort key: 269 times 4 KB.
  CHECK(first.find(R"("CapacityUnits":134.5)") != std::string::npos);
  const std::string last_key = member_text(first, "LastEvaluatedKey");
  CHECK(last_key == R"({"pk":{"S":"a"},"sk":{"N":"11"}})");
  const std::string second = service.call("Query", query + ",'ExclusiveStartKey':" + last_key + "}");
  CHECK(values_of(second, R"({"sk":{"N":")") == std::vector<std::string>{"12", "13"});
  CHECK(member_text(second, "LastEvaluatedKey").empty());
}

TEST_CASE("equal keys of a global index come once each, page by page") {
  ServiceFixture service;
  create_table(service);
  std::set<std::string> expected;
  for (int i = 0; i < 25; ++i) {
    put(service, item("p" + std::to_string(i % 5), i, ",'owner':{'S':'o'},'at':{'S':'same'}"));
    expected.insert(std::to_string(i));
  }
  put(service, item("p0", 99, ",'owner':{'S':'o'}"));  // not in by-owner-at: it has no `at`
  const int limit = GENERATE(1, 2, 7, 30);
  const bool forward = GENERATE(true, false);
  INFO("limit " << limit << " forward " << forward);
  std::vector<std::string> seen;
  std::string start_key;
  do {
    const std::string answer = service.call(
        "Query",
        "{'TableName':'tab','IndexName':'by-owner-at','KeyConditionExpression':'#o = :o AND #at = :at',"
        "'ExpressionAttributeNames':{'#o':'owner','#at':'at'},'ProjectionExpression':'sk',"
        "'ExpressionAttributeValues':{':o':{'S':'o'},':at':{'S':'same'}},'ScanIndexForward':" +
            std::string(forward ? "true" : "false") + ",'Limit':" + std::to_string(limit) + start_key + "}");
    const auto page = values_of(answer, R"({"sk":{"N":")");
    REQUIRE(page.size() <= static_cast<std::size_t>(limit));
    seen.insert(seen.end(), page.begin(), page.end());
    REQUIRE(seen.size() <= expected.size());
    const std::string last_key = member_text(answer, "LastEvaluatedKey");
    start_key = last_key.empty() ? "" : ",'ExclusiveStartKey':" + last_key;
  } while (!start_key.empty());
  CHECK(seen.size() == expected.size());
  CHECK(std::set<std::string>(seen.begin(), seen.end()) == expected);
}

TEST_CASE("an index answers with what it carries") {
  ServiceFixture service;
  create_table(service);
  put(service, item("a", 1, ",'at':{'S':'x'},'owner':{'S':'o'},'title':{'S':'T'},'z':{'S':'Z'}"));
  const std::string by_owner =
      "{'TableName':'tab','IndexName':'by-owner','KeyConditionExpression':'#o = "
      ":o','ExpressionAttributeNames':{'#o':"
      "'owner'},'ExpressionAttributeValues':{':o':{'S':'o'}},";
  const std::string by_date =
      "{'TableName':'tab','IndexName':'by-date','KeyConditionExpression':'pk = "
      ":p','ExpressionAttributeValues':{':p':{"
      "'S':'a'}},'ReturnConsumedCapacity':'INDEXES',";
  run(service,
      {
          {"a global index: its keys, the table's, what it includes", "Query",
           by_owner + "'Limit':1,'ReturnConsumedCapacity':'INDEXES'}",
           "200 {'Items':[{'owner':{'S':'o'},'pk':{'S':'a'},'sk':{'N':'1'},'title':{'S':'T'}}],'Count':1,"
           "'ScannedCount':1,'LastEvaluatedKey':{'owner':{'S':'o'},'pk':{'S':'a'},'sk':{'N':'1'}},'"
           "ConsumedCapacity':{"
           "'TableName':'tab','CapacityUnits':0.5,'Table':{'CapacityUnits':0.0},'GlobalSecondaryIndexes':{'"
           "by-"
           "owner':{"
           "'CapacityUnits':0.5}}}}"},
          {"a global index does not fetch", "Query", by_owner + "'ProjectionExpression':'title, z'}",
           validation_error(
               "One or more parameter values were invalid: Global secondary index by-owner does not "
               "project [z]")},
          {"not for all attributes either", "Query", by_owner + "'Select':'ALL_ATTRIBUTES'}",
           validation_error(
               "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported "
               "for global secondary index by-owner because its projection type is not ALL")},
          {"a local index carries keys", "Query", by_date + "'Select':'ALL_PROJECTED_ATTRIBUTES'}",
           "200 {'Items':[{'at':{'S':'x'},'pk':{'S':'a'},'sk':{'N':'1'}}],'Count':1,'ScannedCount':1,"
           "'ConsumedCapacity':{'TableName':'tab','CapacityUnits':0.5,'Table':{'CapacityUnits':0.0},"
           "'LocalSecondaryIndexes':{'by-date':{'CapacityUnits':0.5}}}}"},
          {"and fetches the rest at a price", "Query",
           by_date + "'ConsistentRead':true,'ProjectionExpression':'sk, z'}",
           "200 "
           "{'Items':[{'sk':{'N':'1'},'z':{'S':'Z'}}],'Count':1,'ScannedCount':1,'ConsumedCapacity':{'"
           "TableName':"
           "'tab','CapacityUnits':2.0,'Table':{'CapacityUnits':1.0},'LocalSecondaryIndexes':{'by-date':{'"
           "CapacityUnits':"
           "1.0}}}}"},
          {"all of it if asked", "Query", by_date + "'Select':'ALL_ATTRIBUTES'}",
           "200 "
           "{'Items':[{'at':{'S':'x'},'owner':{'S':'o'},'pk':{'S':'a'},'sk':{'N':'1'},'title':{'S':'T'},'z':{"
           "'S':"
           "'Z'}}],'Count':1,'ScannedCount':1,'ConsumedCapacity':{'TableName':'tab','CapacityUnits':1.0,'"
           "Table'"
           ":{"
           "'CapacityUnits':0.5},'LocalSecondaryIndexes':{'by-date':{'CapacityUnits':0.5}}}}"},
          {"one that carries all has no need to", "Query",
           "{'TableName':'tab','IndexName':'by-date-all','KeyConditionExpression':'pk = :p AND "
           "begins_with(#at, :x)',"
           "'ExpressionAttributeNames':{'#at':'at'},'ExpressionAttributeValues':{':p':{'S':'a'},':x':{'S':'x'"
           "}},"
           "'ProjectionExpression':'z','Select':'SPECIFIC_ATTRIBUTES','ReturnConsumedCapacity':'TOTAL'}",
           "200 {'Items':[{'z':{'S':'Z'}}],'Count':1,'ScannedCount':1,'ConsumedCapacity':{'TableName':'tab',"
           "'CapacityUnits':0.5}}"},
      });
}

TEST_CASE("what a query refuses") {
  ServiceFixture service;
  create_table(service);
  const std::string by_pk =
      "{'TableName':'tab','KeyConditionExpression':'pk = :p','ExpressionAttributeValues':{':p':{'S':'a'}},";
  const std::string by_both =
      "{'TableName':'tab','KeyConditionExpression':'pk = :p AND sk > "
      ":s','ExpressionAttributeValues':{':p':{'S':'a'},"
      "':s':{'N':'5'}},";
  const std::string by_owner =
      "{'TableName':'tab','IndexName':'by-owner','KeyConditionExpression':'#o = "
      ":o','ExpressionAttributeNames':{'#o':"
      "'owner'},'ExpressionAttributeValues':{':o':{'S':'o'}},";
  run(service,
      {
          {"no key condition", "Query", "{'TableName':'tab'}",
           validation_error(
               "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
               "request.")},
          {"a limit of nothing", "Query", by_pk + "'Limit':0}",
           validation_error(
               "1 validation error detected: Value at ~Limit~ failed to satisfy constraint: Member must "
               "have value greater than or equal to 1")},
          {"a table that is not there, after the expressions", "Query",
           "{'TableName':'none','KeyConditionExpression':'pk = "
           ":p','ExpressionAttributeValues':{':p':{'S':'a'}}}",
           kNotFound},
          {"an index that is not there", "Query", by_pk + "'IndexName':'nope'}",
           validation_error("The table does not have the specified index: nope")},
          {"a consistent read of a global index", "Query", by_owner + "'ConsistentRead':true}",
           validation_error("Consistent reads are not supported on global secondary indexes")},
          {"a filter on a key", "Query", by_pk + "'FilterExpression':'sk > :p'}",
           validation_error(
               "Filter Expression can only contain non-primary key attributes: Primary key attribute: "
               "sk")},
          {"projected attributes of a table", "Query", by_pk + "'Select':'ALL_PROJECTED_ATTRIBUTES'}",
           validation_error(
               "1 validation error detected: ALL_PROJECTED_ATTRIBUTES can be used only when Querying "
               "using an IndexName")},
          {"no attributes named", "Query", by_pk + "'Select':'SPECIFIC_ATTRIBUTES'}",
           validation_error(
               "1 validation error detected: Must specify the AttributesToGet or ProjectionExpression "
               "when choosing to get SPECIFIC_ATTRIBUTES")},
          {"attributes named beside all", "Query",
           by_pk + "'ProjectionExpression':'sk','Select':'ALL_ATTRIBUTES'}",
           validation_error(
               "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get "
               "ALL_ATTRIBUTES")},
          {"attributes named beside a count", "Query",
           by_pk + "'ProjectionExpression':'sk','Select':'COUNT'}",
           validation_error(
               "1 validation error detected: Cannot specify the ProjectionExpression when choosing to get "
               "only the Count")},
          {"a start key with other attributes", "Query", by_pk + "'ExclusiveStartKey':{'pk':{'S':'a'}}}",
           validation_error("The provided starting key is invalid")},
          {"a start key without the table's key", "Query",
           by_owner + "'ExclusiveStartKey':{'owner':{'S':'o'}}}",
           validation_error("The provided starting key is invalid")},
          {"a start key of other types", "Query",
           by_pk + "'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'S':'1'}}}",
           validation_error(
               "The provided starting key is invalid: The provided key element does not match the "
               "schema")},
          {"a start key with a value that cannot be", "Query",
           by_pk + "'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{}}}",
           validation_error(
               "The provided starting key is invalid: Supplied AttributeValue is empty, must contain "
               "exactly one of the supported datatypes")},
          {"a start key whose number is none", "Query",
           by_pk + "'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'x'}}}",
           validation_error("The parameter cannot be converted to a numeric value: x")},
          {"a start key of another partition", "Query",
           by_pk + "'ExclusiveStartKey':{'pk':{'S':'b'},'sk':{'N':'1'}}}",
           validation_error(
               "The provided starting key is outside query boundaries based on provided conditions")},
          {"a start key outside the sort condition", "Query",
           by_both + "'ExclusiveStartKey':{'pk':{'S':'a'},'sk':{'N':'5'}}}",
           validation_error("The provided starting key does not match the range key predicate")},
          {"both, with a sort condition", "Query",
           by_both + "'ExclusiveStartKey':{'pk':{'S':'b'},'sk':{'N':'6'}}}",
           validation_error("The query can return at most one row and cannot be restarted")},
      });
}

TEST_CASE("a global index with several attributes in its keys") {
  ServiceFixture service;
  const std::string created = service.call(
      "CreateTable",
      "{'TableName':'tab','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'pk',"
      "'AttributeType':'S'},{'AttributeName':'sk','AttributeType':'N'},{'AttributeName':'a','AttributeType':'"
      "S'},"
      "{'AttributeName':'b','AttributeType':'S'},{'AttributeName':'c','AttributeType':'N'},{'AttributeName':'"
      "d',"
      "'AttributeType':'S'}],'KeySchema':[{'AttributeName':'pk','KeyType':'HASH'},{'AttributeName':'sk','"
      "KeyType':"
      "'RANGE'}],'GlobalSecondaryIndexes':[{'IndexName':'many','KeySchema':[{'AttributeName':'a','KeyType':'"
      "HASH'},{"
      "'AttributeName':'b','KeyType':'HASH'},{'AttributeName':'c','KeyType':'RANGE'},{'AttributeName':'d','"
      "KeyType':"
      "'RANGE'}],'Projection':{'ProjectionType':'KEYS_ONLY'}}]}");
  INFO(created);
  REQUIRE(created.substr(0, 3) == "200");
  int sort = 0;
  for (const char* c : {"10", "9"}) {
    for (const char* d : {"x", "y"}) {
      put(service,
          item("p", ++sort,
               ",'a':{'S':'A'},'b':{'S':'B'},'c':{'N':'" + std::string(c) + "'},'d':{'S':'" + d + "'}"));
    }
  }
  put(service, item("p", 5, ",'a':{'S':'A'},'b':{'S':'B'},'c':{'N':'9'}"));  // incomplete: not in the index
  put(service,
      item("p", 6, ",'a':{'S':'A'},'b':{'S':'C'},'c':{'N':'9'},'d':{'S':'x'}"));  // another partition
  const std::string query =
      "{'TableName':'tab','IndexName':'many','ExpressionAttributeValues':{':a':{'S':'A'},':b':{'S':"
      "'B'}";
  struct Case {
    const char *condition, *values;
    std::vector<std::string> sort_keys;
  };
  const auto c = GENERATE(values<Case>({
      {"a = :a AND b = :b", "", {"3", "4", "1", "2"}},
      {"a = :a AND b = :b AND c = :c", ",':c':{'N':'10'}", {"1", "2"}},
      {"a = :a AND b = :b AND c > :c", ",':c':{'N':'9'}", {"1", "2"}},
      {"a = :a AND b = :b AND c = :c AND d > :d", ",':c':{'N':'9'},':d':{'S':'x'}", {"4"}},
  }));
  INFO(c.condition);
  const std::string answer =
      service.call("Query", query + c.values + "},'KeyConditionExpression':'" + c.condition + "'}");
  CHECK(values_of(answer, kSortPrefix) == c.sort_keys);
}

}  // namespace
}  // namespace tidemark::api
