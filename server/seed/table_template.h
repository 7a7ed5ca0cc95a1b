// The tables of a CloudFormation, SAM or Serverless Framework template, as requests of CreateTable.
//
// Resources of the types AWS::DynamoDB::Table and AWS::Serverless::SimpleTable; all others are passed over,
// but for AWS::DynamoDB::GlobalTable, which is refused. Of the functions Ref, Fn::Sub and Fn::Join are
// carried out, long and short (!Ref): with the values of parameters (the given ones, or their defaults), of
// other tables (their names) and of AWS::Region, AWS::AccountId, AWS::Partition, AWS::URLSuffix,
// AWS::StackName and AWS::NoValue. Every other function and every property that is not known is refused by
// its name and line.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/yaml.h"

namespace tidemark::server {

struct TemplateTable {
  std::string logical_id;
  std::string name;          // the logical id when the template gives none
  std::string create_table;  // JSON
  std::size_t line = 1;      // of the resource
  std::optional<std::string> ttl_attribute;
  std::optional<std::string> recovery;  // JSON: what UpdateContinuousBackups calls a specification
};

struct TemplateValues {
  std::string region = "us-east-1";
  std::string account_id = "000000000000";
  std::string stack_name = "tidemark";
  std::map<std::string, std::string> parameters = {};  // instead of the defaults
};

// Whether it looks like a template: has Resources, perhaps below `resources`.
bool is_template(const yaml::Node& root);

// Errors: kInvalidArgument, `file_name:7: …`.
Result<std::vector<TemplateTable>> tables_of_template(const yaml::Node& root, const std::string& file_name,
                                                      const TemplateValues& values);

}  // namespace tidemark::server
