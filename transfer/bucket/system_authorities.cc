#include "transfer/bucket/system_authorities.h"

#include <openssl/x509.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace tidemark::transfer {
namespace {

constexpr std::array kBundles = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older Fedora and RHEL, Amazon Linux
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/ssl/cert.pem",                                  // others
};

}  // namespace

std::string system_authorities_file() {
  if (std::getenv(X509_get_default_cert_file_env()) != nullptr ||
      std::getenv(X509_get_default_cert_dir_env()) != nullptr) {
    return {};
  }
  std::error_code ignored;
  if (std::filesystem::exists(X509_get_default_cert_dir(), ignored)) return {};
  for (const char* const bundle : kBundles) {
    if (std::filesystem::exists(bundle, ignored)) return bundle;
  }
  return {};
}

}  // namespace tidemark::transfer
