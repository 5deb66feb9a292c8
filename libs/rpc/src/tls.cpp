#include "tls.hpp"

#include <fstream>
#include <iterator>

namespace loomline::rpc {
namespace {

struct Pem {
  std::string authority, certificate, key;
};

Status read(const char* field, const std::string& path, std::string& out) {
  std::ifstream in(path, std::ios::binary);
  out.assign(std::istreambuf_iterator<char>(in), {});
  if (in.bad() || out.empty())
    return invalid(field, "cannot be read: " + path, "give the path of a PEM file that exists");
  return {};
}

Result<Pem> read_all(const TlsFiles& files) {
  Pem pem;
  if (auto status = read("tls.authority", files.authority, pem.authority); !status.ok()) return status;
  if (auto status = read("tls.certificate", files.certificate, pem.certificate); !status.ok()) return status;
  if (auto status = read("tls.key", files.key, pem.key); !status.ok()) return status;
  return pem;
}

}  // namespace

Result<std::shared_ptr<grpc::ServerCredentials>> server_credentials(const std::optional<TlsFiles>& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  auto pem = read_all(*tls);
  if (!pem.ok()) return pem.status();
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = pem->authority;
  options.pem_key_cert_pairs.push_back({pem->key, pem->certificate});
  return grpc::SslServerCredentials(options);
}

Result<std::shared_ptr<grpc::ChannelCredentials>> client_credentials(const std::optional<TlsFiles>& tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  auto pem = read_all(*tls);
  if (!pem.ok()) return pem.status();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = pem->authority;
  options.pem_private_key = pem->key;
  options.pem_cert_chain = pem->certificate;
  return grpc::SslCredentials(options);
}

}  // namespace loomline::rpc
