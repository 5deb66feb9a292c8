// Credentials: none on loopback and in tests, mutual TLS where files are given.
#pragma once

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <optional>

#include "loomline/rpc/channel.hpp"

namespace loomline::rpc {

// invalid_argument naming the file that cannot be read.
Result<std::shared_ptr<grpc::ServerCredentials>> server_credentials(const std::optional<TlsFiles>& tls);
Result<std::shared_ptr<grpc::ChannelCredentials>> client_credentials(const std::optional<TlsFiles>& tls);

}  // namespace loomline::rpc
