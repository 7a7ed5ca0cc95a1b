#include "server/commands/doctor_command.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "base/address.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "server/client/member_text.h"
#include "server/commands/columns.h"
#include "server/commands/listening_process.h"
#include "server/descriptors.h"

namespace tidemark::server {
namespace {

std::string port_text(std::uint16_t port) { return "port " + std::to_string(port); }

std::string described(const ListeningProcess& process) {
  if (process.pid == 0) return "a process of another user";
  return printable(process.name) + " (pid " + std::to_string(process.pid) + ")";
}

std::string stop_of(const ListeningProcess& process) {
  return process.pid == 0 ? "stop it" : "stop it (kill " + std::to_string(process.pid) + ")";
}

// What a server says of itself, as far as the checks need it.
struct SeenServer {
  bool answers = false;     // a Tidemark
  bool is_refused = false;  // one that tells strangers nothing
  std::string listens_on;   // what it was told: `0.0.0.0`
  std::string data_directory;
  std::optional<Timestamp> wall;
};

SeenServer look_at(const ServerAddress& address) {
  SeenServer server;
  const auto answer = ask_server(address, {.path = "/_tidemark/status"});
  if (!answer) return server;
  json::Document document;
  const auto root = document.parse(answer->body);
  if (!root || !root->is_object()) return server;
  server.is_refused = answer->status == 403 && root->find("error");
  server.answers = server.is_refused || (answer->status == 200 && root->find("version"));
  if (answer->status != 200) return server;
  server.data_directory = member_text(*root, "data_directory");
  server.listens_on = member_text(*root, "host");
  if (const auto clock = root->find("clock"); clock && clock->is_object()) {
    server.wall = parse_moment(member_text(*clock, "wall"));
  }
  return server;
}

Finding judge_port(const ServerAddress& address, bool answers) {
  Finding finding{.subject = port_text(address.port), .text = {}};
  const std::string name = address.host + ":" + std::to_string(address.port);
  if (answers) {
    finding.text = "a Tidemark answers at " + name;
    return finding;
  }
  finding.health = Health::kBad;
  const auto process = process_listening_on(address.port);
  const std::string free_port = std::to_string(address.port == 65'535 ? 8'001 : address.port + 1);
  if (!process) {
    finding.text = "nobody listens there";
    finding.fix = "start one: tidemark serve --port " + std::to_string(address.port);
  } else {
    finding.text = "in use by " + described(*process) + ", which does not answer as Tidemark";
    finding.fix = stop_of(*process) + ", or serve elsewhere: tidemark serve --port " + free_port;
  }
  return finding;
}

std::optional<Finding> judge_s3_port(const SeenServer& server) {
  constexpr std::uint16_t kS3Port = 9000;
  const auto process = process_listening_on(kS3Port);
  if (!process || process->name == "tidemark" || server.answers) return std::nullopt;
  return Finding{.health = Health::kDoubtful,
                 .subject = port_text(kS3Port),
                 .text = "in use by " + described(*process) + "; the server will do without it",
                 .fix = "use S3 on the port of DynamoDB, or give --s3-port"};
}

// Whether this machine resolves names of buckets below localhost.
Finding judge_bucket_names() {
  Finding finding{.subject = "bucket names", .text = "bucket.localhost is this machine"};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo("bucket.localhost", nullptr, &hints, &found) == 0) {
    ::freeaddrinfo(found);
    return finding;
  }
  finding.health = Health::kDoubtful;
  finding.text = "this machine does not resolve bucket.localhost";
  finding.fix =
      "use http://127.0.0.1 as the endpoint, or set path style: forcePathStyle (JavaScript), "
      "addressing_style "
      "= path (Python, CLI)";
  return finding;
}

bool is_in_container() {
  std::error_code error;
  return std::filesystem::exists("/.dockerenv", error) ||
         std::filesystem::exists("/run/.containerenv", error) ||
         std::getenv("KUBERNETES_SERVICE_HOST") != nullptr;
}

bool has_credentials_file(const Variable& variable) {
  std::error_code error;
  const auto named = variable("AWS_SHARED_CREDENTIALS_FILE");
  if (named) return std::filesystem::exists(*named, error);
  const auto home = variable("HOME");
  return home && std::filesystem::exists(std::filesystem::path(*home) / ".aws/credentials", error);
}

Finding look_at_space(const std::string& directory) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(directory, error);
  while (!std::filesystem::exists(path, error) && path.has_relative_path()) path = path.parent_path();
  const auto space = std::filesystem::space(path, error);
  if (!error) return judge_space(directory, space.available);
  return {.health = Health::kBad,
          .subject = "disk",
          .text = printable(directory) + " cannot be looked at: " + error.message(),
          .fix = "give --data-dir a directory that the server may write to"};
}

std::string_view word_for(Health health) {
  switch (health) {
    case Health::kGood:
      return "ok";
    case Health::kDoubtful:
      return "look";
    case Health::kBad:
      break;
  }
  return "bad";
}

void print_json(const std::vector<Finding>& findings, std::FILE* out) {
  std::string text;
  JsonWriter json(&text);
  json.begin_array();
  for (const Finding& finding : findings) {
    json.begin_object();
    json.member("health", word_for(finding.health));
    json.member("subject", finding.subject);
    json.member("found", finding.text);
    if (!finding.fix.empty()) json.member("fix", finding.fix);
    json.end_object();
  }
  json.end_array();
  std::fprintf(out, "%s\n", text.c_str());
}

void print_lines(const std::vector<Finding>& findings, std::FILE* out) {
  for (const Finding& finding : findings) {
    std::fprintf(out, "%-5s %-14s %s\n", std::string(word_for(finding.health)).c_str(),
                 finding.subject.c_str(), finding.text.c_str());
    if (!finding.fix.empty()) std::fprintf(out, "      %-14s -> %s\n", "", finding.fix.c_str());
  }
}

// Whether NO_PROXY keeps the host from going through a proxy.
bool is_excepted(std::string_view exceptions, std::string_view host) {
  while (!exceptions.empty()) {
    std::string_view one = exceptions.substr(0, exceptions.find(','));
    exceptions.remove_prefix(std::min(one.size() + 1, exceptions.size()));
    while (one.starts_with(' ') || one.starts_with('.')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == "*" || (!one.empty() && host.ends_with(one))) return true;
  }
  return false;
}

Finding judge_keys(const Variable& variable, bool has_credentials_file) {
  Finding finding{.subject = "credentials", .text = {}};
  const auto key = variable("AWS_ACCESS_KEY_ID");
  const auto secret = variable("AWS_SECRET_ACCESS_KEY");
  if (key && secret) {
    finding.text = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set";
    return finding;
  }
  if (key || secret) {
    finding.health = Health::kBad;
    finding.text = std::string("only ") + (key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY") + " is set";
    finding.fix =
        "set both; any will do without --auth strict: AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test";
    return finding;
  }
  if (has_credentials_file) {
    finding.text = "from the credentials file";
    return finding;
  }
  finding.health = Health::kBad;
  finding.text = "SDKs find none and refuse to send anything";
  finding.fix = "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test";
  return finding;
}

Finding judge_region(const Variable& variable) {
  Finding finding{.subject = "region", .text = {}};
  for (const char* const name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    const auto region = variable(name);
    if (!region) continue;
    finding.text = std::string(name) + " is " + printable(*region);
    const auto other = variable("AWS_DEFAULT_REGION");
    if (other && *other != *region) {
      finding.health = Health::kDoubtful;
      finding.text += ", but AWS_DEFAULT_REGION is " + printable(*other) +
                      ": some tools read one, some the other, and tables of two regions are apart";
      finding.fix = "set both to the same";
    }
    return finding;
  }
  finding.health = Health::kDoubtful;
  finding.text = "none in the environment: SDKs refuse unless the code or ~/.aws/config names one";
  finding.fix = "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1";
  return finding;
}

Finding judge_endpoint(const Variable& variable, const ServerAddress& server) {
  Finding finding{.subject = "endpoint", .text = {}};
  const std::string wanted = text_of(server);
  const auto all = variable("AWS_ENDPOINT_URL");
  const auto own = variable("AWS_ENDPOINT_URL_DYNAMODB");
  if (!all && !own) {
    finding.health = Health::kDoubtful;
    finding.text = "AWS_ENDPOINT_URL is not set: what does not name the server in its code talks to AWS";
    finding.fix = "export AWS_ENDPOINT_URL=" + wanted;
    return finding;
  }
  const std::string& url = own ? *own : *all;
  finding.text =
      std::string(own ? "AWS_ENDPOINT_URL_DYNAMODB" : "AWS_ENDPOINT_URL") + " is " + printable(url);
  if (variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("") == "true") {
    finding.health = Health::kBad;
    finding.text += ", but AWS_IGNORE_CONFIGURED_ENDPOINT_URLS makes SDKs ignore it";
    finding.fix = "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
  } else if (!url.ends_with(":" + std::to_string(server.port)) &&
             !url.ends_with(":" + std::to_string(server.port) + "/")) {
    finding.health = Health::kDoubtful;
    finding.text += ", which is not the server that was looked at";
    finding.fix = "export AWS_ENDPOINT_URL=" + wanted + ", or doctor --host and --port";
  }
  return finding;
}

std::optional<Finding> judge_proxy(const Variable& variable, const ServerAddress& server) {
  for (const char* const name : {"HTTP_PROXY", "http_proxy"}) {
    const auto proxy = variable(name);
    if (!proxy) continue;
    const std::string exceptions = variable("NO_PROXY").value_or(variable("no_proxy").value_or(""));
    if (is_excepted(exceptions, url_of(server, "/").host)) return std::nullopt;
    return Finding{.health = Health::kBad,
                   .subject = "proxy",
                   .text = std::string(name) + " sends what is for this server to " + printable(*proxy),
                   .fix = "export NO_PROXY=localhost,127.0.0.1," + url_of(server, "/").host};
  }
  return std::nullopt;
}

}  // namespace

std::vector<Finding> judge_environment(const Variable& variable, const ServerAddress& server,
                                       bool has_credentials_file) {
  std::vector<Finding> findings = {judge_keys(variable, has_credentials_file), judge_region(variable),
                                   judge_endpoint(variable, server)};
  if (auto proxy = judge_proxy(variable, server)) findings.push_back(*std::move(proxy));
  return findings;
}

Finding judge_skew(std::int64_t seconds_apart) {
  // What the service takes. Source: docs/authentication.md.
  constexpr std::int64_t kRefused = 15 * 60;
  constexpr std::int64_t kNoticed = 30;
  const std::int64_t size = std::abs(seconds_apart);
  Finding finding{.subject = "clocks", .text = "of client and server agree"};
  if (size < kNoticed) return finding;
  finding.health = size >= kRefused ? Health::kBad : Health::kDoubtful;
  finding.text = "this machine's is " + std::to_string(size) + " s " +
                 (seconds_apart > 0 ? "ahead of" : "behind") + " the server's";
  if (size >= kRefused) finding.text += ": with --auth strict every signature is refused";
  finding.fix =
      "set the clock (a virtual machine that slept: restart it, or chronyc makestep), or "
      "--auth-skew-seconds 0";
  return finding;
}

Finding judge_descriptors(std::uint64_t limit) {
  // Below it, connections and open objects run short first.
  constexpr std::uint64_t kComfortable = 4'096;
  Finding finding{.subject = "descriptors",
                  .text = "a process may have " + std::to_string(limit) + ": " +
                          std::to_string(plan_descriptors(limit, 1).connections) + " connections at a time"};
  if (limit >= kComfortable) return finding;
  finding.health = Health::kDoubtful;
  finding.fix = "ulimit -n 65536 before serve; LimitNOFILE=65536 (systemd); --ulimit nofile=65536 (Docker)";
  return finding;
}

Finding judge_space(const std::string& directory, std::uint64_t free_bytes) {
  constexpr std::uint64_t kLittle = 1ULL << 30;
  constexpr std::uint64_t kNearlyNone = 64ULL << 20;
  Finding finding{.subject = "disk",
                  .text = short_size(free_bytes) + " free where the data is, " + printable(directory)};
  if (free_bytes >= kLittle) return finding;
  finding.health = free_bytes < kNearlyNone ? Health::kBad : Health::kDoubtful;
  finding.fix = "make room, give --data-dir another disk, or see what takes it: tidemark tables";
  return finding;
}

Finding judge_containers(bool is_in_container, const std::string& listens_on, const ServerAddress& server) {
  const std::string port = std::to_string(server.port);
  Finding finding{.subject = "containers", .text = {}};
  if (is_in_container) {
    finding.text = "this is one";
    if (!is_loopback(server.host) && server.host != "localhost") return finding;
    finding.health = Health::kDoubtful;
    finding.text += ": " + server.host + " is the container itself, not the machine around it";
    finding.fix = "name a server outside as http://host.docker.internal:" + port +
                  " (Linux: --add-host=host.docker.internal:host-gateway), one in another container by its "
                  "service's name";
    return finding;
  }
  if (listens_on.empty()) {
    finding.text =
        "a container reaches a server on this machine when that listens on 0.0.0.0, as "
        "http://host.docker.internal:" +
        port;
    return finding;
  }
  if (!is_loopback(listens_on) && listens_on != "localhost") {
    finding.text = "they reach the server as http://host.docker.internal:" + port;
    return finding;
  }
  finding.health = Health::kDoubtful;
  finding.text = "they cannot reach the server: it listens on " + printable(listens_on) + " alone";
  finding.fix =
      "if they must: serve --host 0.0.0.0 (and --auth strict where others reach the machine), then "
      "http://host.docker.internal:" +
      port + " (Linux: --add-host=host.docker.internal:host-gateway)";
  return finding;
}

Result<int> run_doctor(const DoctorConfig& config, const Variable& variable, std::FILE* out) {
  const SeenServer server = look_at(config.server);
  std::vector<Finding> findings = {judge_port(config.server, server.answers)};
  if (auto s3 = judge_s3_port(server)) findings.push_back(*std::move(s3));
  for (Finding& finding : judge_environment(variable, config.server, has_credentials_file(variable))) {
    findings.push_back(std::move(finding));
  }
  findings.push_back(judge_bucket_names());
  if (server.wall) {
    findings.push_back(judge_skew(SystemClock().now().seconds() - server.wall->seconds()));
  }
  findings.push_back(judge_descriptors(raise_descriptor_limit()));
  findings.push_back(
      look_at_space(server.data_directory.empty() ? config.data_directory : server.data_directory));
  findings.push_back(judge_containers(is_in_container(), server.listens_on, config.server));
  config.json ? print_json(findings, out) : print_lines(findings, out);
  const bool is_bad = std::any_of(findings.begin(), findings.end(),
                                  [](const Finding& finding) { return finding.health == Health::kBad; });
  return is_bad ? 1 : 0;
}

}  // namespace tidemark::server
