// How a Loomline process is set up: by flags, by environment variables, or by a file (--config, TOML or INI). Flags win
// over the environment, the environment over the file.
#pragma once

#include <string>
#include <vector>

#include "loomline/base/status.hpp"
#include "loomline/eventing/runtime.hpp"
#include "loomline/rpc/channel.hpp"
#include "loomline/telemetry/log.hpp"

namespace CLI {
class App;
}

namespace loomline::host {

struct Config {
  std::string config_file;   // --config
  std::string postgres;      // LOOMLINE_POSTGRES: libpq conninfo of a role that may create databases
  std::string kafka;         // LOOMLINE_KAFKA: bootstrap servers
  std::string installation;  // LOOMLINE_INSTALLATION: prefix of topics, groups and databases
  std::string instance;      // LOOMLINE_INSTANCE: stable name of this replica
  int partitions = 12;       // LOOMLINE_PARTITIONS
  int workers = 2;
  std::string clock = "wall";  // LOOMLINE_CLOCK: "wall" or "topic"

  std::string grpc_address = "127.0.0.1:0";     // LOOMLINE_GRPC
  std::string admin_address = "127.0.0.1:0";    // LOOMLINE_ADMIN: /metrics /healthz /readyz
  std::string http_address = "127.0.0.1:8080";  // LOOMLINE_HTTP: the edge's public port
  std::vector<std::string> limits;              // LOOMLINE_LIMITS: ROLE=PER_SECOND[:BURST], at the edge
  int proxies = 0;                              // LOOMLINE_PROXIES: in front of the edge
  std::string public_url;                       // LOOMLINE_PUBLIC_URL: what customers' links begin with
  std::vector<std::string> peers;               // LOOMLINE_PEERS: SERVICE=HOST:PORT[,HOST:PORT...]
  rpc::TlsFiles tls;                            // all three or none

  std::string log_level = "info";   // LOOMLINE_LOG_LEVEL
  std::string log_format = "json";  // LOOMLINE_LOG_FORMAT
  std::string log_file;             // LOOMLINE_LOG_FILE; empty: standard error
  std::string state_file;           // where the ports are written, as JSON, once the process is ready
  int startup_seconds = 60;         // how long to wait for the database and the broker
  int grace_seconds = 15;           // how long calls under way may take after SIGTERM

  // invalid_argument that names every flag that is wrong or missing.
  Status check(bool needs_stores) const;
  eventing::Options eventing_options() const;
  std::optional<rpc::TlsFiles> tls_files() const;
  telemetry::LogOptions log_options(std::string service) const;
};

// Declares the flags above on a command.
void add_options(CLI::App& app, Config& config);

// After parsing: takes from config.config_file (where one is named) what neither a flag nor the environment said.
// invalid_argument where the file cannot be read or holds what is no flag.
Status read_config_file(CLI::App& app, const Config& config);

}  // namespace loomline::host
