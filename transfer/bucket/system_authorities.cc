#include "transfer/bucket/system_authorities.h"

#include <openssl/x509.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

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
  if (::access(X509_get_default_cert_dir(), R_OK) == 0) return {};
  for (const char* const bundle : kBundles) {
    if (::access(bundle, R_OK) == 0) return bundle;
  }
  return {};
}

}  // namespace tidemark::transfer
