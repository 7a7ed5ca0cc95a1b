#include "server/program/tls.h"

#include <unistd.h>

#include <vector>

#include "base/file.h"
#include "base/log.h"
#include "server/tls/self_signed.h"

namespace tidemark::server {
namespace {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

std::vector<std::string> names_of(const ServeConfig& config) {
  if (!config.tls_names.empty()) return config.tls_names;
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  if (const std::string own = host_name(); !own.empty() && own != "localhost") names.push_back(own);
  return names;
}

Result<SelfSignedFiles> own_certificate(const ServeConfig& config, const std::string& data_directory,
                                        const Clock& wall) {
  ASSIGN_OR_RETURN(SelfSignedFiles files, self_signed_files(data_directory + "/tls", names_of(config),
                                                            posix_file_system(), wall.now()));
  if (!config.tls_ca_file.empty()) {
    ASSIGN_OR_RETURN(const std::string authority, read_file(posix_file_system(), files.authority));
    RETURN_IF_ERROR(posix_file_system().replace(config.tls_ca_file, authority, false));
  }
  log::info("clients trust", {{"authority", files.authority}});
  return files;
}

}  // namespace

Result<std::unique_ptr<TlsContext>> load_tls(const ServeConfig& config, const std::string& data_directory,
                                             const Clock& wall) {
  if (!config.has_tls()) return nullptr;
  if (!config.tls_self_signed) return TlsContext::load(config.tls_cert, config.tls_key);
  ASSIGN_OR_RETURN(const SelfSignedFiles files, own_certificate(config, data_directory, wall));
  return TlsContext::load(files.chain, files.key);
}

}  // namespace tidemark::server
