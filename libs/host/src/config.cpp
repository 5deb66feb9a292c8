#include "loomline/host/config.hpp"

#include <CLI/CLI.hpp>

namespace loomline::host {

void add_options(CLI::App& app, Config& config) {
  app.add_option("--config", config.config_file, "Read flags from this file, TOML or INI: postgres = \"...\"")
      ->envname("LOOMLINE_CONFIG");
  const std::string stores = "Stores";
  app.add_option("--postgres", config.postgres, "libpq conninfo of a role that may create databases")
      ->envname("LOOMLINE_POSTGRES")
      ->group(stores);
  app.add_option("--kafka", config.kafka, "Bootstrap servers, HOST:PORT[,...]")
      ->envname("LOOMLINE_KAFKA")
      ->group(stores);
  app.add_option("--installation", config.installation, "Prefix of topics, groups and databases, to share servers")
      ->envname("LOOMLINE_INSTALLATION")
      ->group(stores);
  app.add_option("--partitions", config.partitions, "The installation's one partition count")
      ->envname("LOOMLINE_PARTITIONS")
      ->capture_default_str()
      ->group(stores);
  app.add_option("--instance", config.instance, "Stable name of this replica; random where not given")
      ->envname("LOOMLINE_INSTANCE")
      ->group(stores);
  app.add_option("--workers", config.workers, "Threads of each service that execute events, commands and timers")
      ->capture_default_str()
      ->group(stores);
  app.add_option("--clock", config.clock, "Business time: wall, or topic (a simulation moves it)")
      ->envname("LOOMLINE_CLOCK")
      ->capture_default_str()
      ->group(stores);

  const std::string doors = "Doors";
  app.add_option("--grpc", config.grpc_address, "Address of the inner gRPC port; port 0 picks a free one")
      ->envname("LOOMLINE_GRPC")
      ->capture_default_str()
      ->group(doors);
  app.add_option("--admin", config.admin_address, "Address of /metrics, /healthz and /readyz")
      ->envname("LOOMLINE_ADMIN")
      ->capture_default_str()
      ->group(doors);
  app.add_option("--http", config.http_address, "Address of the edge's public port")
      ->envname("LOOMLINE_HTTP")
      ->capture_default_str()
      ->group(doors);
  app.add_option("--public-url", config.public_url, "What customers' links begin with, https://shop.example")
      ->envname("LOOMLINE_PUBLIC_URL")
      ->group(doors);
  app.add_option("--limit", config.limits,
                 "How often a caller may call the edge, ROLE=PER_SECOND[:BURST]; once a role; 0: as often as he likes")
      ->envname("LOOMLINE_LIMITS")
      ->group(doors);
  app.add_option("--proxies", config.proxies, "Proxies in front of the edge whose X-Forwarded-For is to be believed")
      ->envname("LOOMLINE_PROXIES")
      ->capture_default_str()
      ->group(doors);
  app.add_option("--peer", config.peers, "Where another service is, SERVICE=HOST:PORT[,HOST:PORT...]; once a service")
      ->envname("LOOMLINE_PEERS")
      ->group(doors);
  app.add_option("--tls-authority", config.tls.authority, "PEM of who signs the peers; with it gRPC is mutual TLS")
      ->envname("LOOMLINE_TLS_AUTHORITY")
      ->group(doors);
  app.add_option("--tls-certificate", config.tls.certificate, "PEM of our certificate chain")
      ->envname("LOOMLINE_TLS_CERTIFICATE")
      ->group(doors);
  app.add_option("--tls-key", config.tls.key, "PEM of our private key")->envname("LOOMLINE_TLS_KEY")->group(doors);

  const std::string running = "Running";
  app.add_option("--log-level", config.log_level, "trace, debug, info, warn, error or off")
      ->envname("LOOMLINE_LOG_LEVEL")
      ->capture_default_str()
      ->group(running);
  app.add_option("--log-format", config.log_format, "json or text")
      ->envname("LOOMLINE_LOG_FORMAT")
      ->capture_default_str()
      ->group(running);
  app.add_option("--log-file", config.log_file, "Standard error where not given")
      ->envname("LOOMLINE_LOG_FILE")
      ->group(running);
  app.add_option("--state-file", config.state_file, "Write the process id and the ports here, as JSON, once ready")
      ->group(running);
  app.add_option("--startup-seconds", config.startup_seconds, "How long to wait for the database and the broker")
      ->capture_default_str()
      ->group(running);
  app.add_option("--grace-seconds", config.grace_seconds, "How long calls may take to end after SIGTERM")
      ->capture_default_str()
      ->group(running);
}

// CLI11 reads configuration files for the outermost application only, and lets them win over the environment.
Status read_config_file(CLI::App& app, const Config& config) {
  if (config.config_file.empty()) return {};
  try {
    for (const auto& item : CLI::ConfigBase().from_file(config.config_file)) {
      auto* option = item.parents.empty() ? app.get_option_no_throw("--" + item.name) : nullptr;
      if (option == nullptr) {
        return invalid(config.config_file, "'" + item.fullname() + "' is no flag of this command", "see --help");
      }
      if (option->count() > 0) continue;
      option->add_result(item.inputs);
      option->run_callback();
    }
  } catch (const CLI::Error& error) {
    return invalid(config.config_file, error.what(), "give a file of lines like: kafka = \"host:9092\"");
  }
  return {};
}

Status Config::check(bool needs_stores) const {
  std::vector<Violation> wrong;
  const auto say = [&](std::string field, std::string problem, std::string remedy) {
    wrong.push_back({std::move(field), std::move(problem), std::move(remedy)});
  };
  if (needs_stores && postgres.empty()) {
    say("--postgres", "is missing", "give a conninfo, or set LOOMLINE_POSTGRES; deploy/local up starts a server");
  }
  if (needs_stores && kafka.empty()) {
    say("--kafka", "is missing", "give HOST:PORT, or set LOOMLINE_KAFKA; deploy/local up starts a broker");
  }
  if (clock != "wall" && clock != "topic") say("--clock", "is neither wall nor topic", "use wall in production");
  if (partitions < 1 || partitions > 1000) say("--partitions", "is out of range", "use 1 to 1000, 12 by default");
  if (workers < 1) say("--workers", "is below 1", "use 2");
  if (!telemetry::parse_level(log_level).ok()) say("--log-level", "is not a level", "use info");
  if (!telemetry::parse_log_format(log_format).ok()) say("--log-format", "is neither json nor text", "use json");
  const int given = !tls.authority.empty() + !tls.certificate.empty() + !tls.key.empty();
  if (given != 0 && given != 3) {
    say("--tls-authority", "comes without its companions", "give --tls-authority, --tls-certificate and --tls-key");
  }
  if (wrong.empty()) return {};
  Status status(Code::invalid_argument, "CONFIGURATION", "The configuration is not complete.");
  for (auto& violation : wrong) status.with(std::move(violation));
  return status;
}

eventing::Options Config::eventing_options() const {
  eventing::Options options;
  options.postgres = postgres;
  options.kafka = kafka;
  options.installation = installation;
  options.instance = instance;
  options.partitions = partitions;
  options.workers = workers;
  options.clock = clock == "topic" ? eventing::ClockMode::topic : eventing::ClockMode::wall;
  return options;
}

std::optional<rpc::TlsFiles> Config::tls_files() const {
  if (tls.authority.empty()) return std::nullopt;
  return tls;
}

telemetry::LogOptions Config::log_options(std::string service) const {
  telemetry::LogOptions options;
  options.service = std::move(service);
  if (auto level = telemetry::parse_level(log_level); level.ok()) options.level = *level;
  if (auto format = telemetry::parse_log_format(log_format); format.ok()) options.format = *format;
  options.file = log_file;
  return options;
}

}  // namespace loomline::host
