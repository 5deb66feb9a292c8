#include "pgbench.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "installation.hpp"

namespace loomline::bench {
namespace {

constexpr const char* kProgram = "/usr/lib/postgresql/15/bin/pgbench";

// $SCOPE is as long as the kernel's; $TIME is what a clock would say.
constexpr const char* kState = "UPDATE key_state SET state = $STATE, version = version + 1, last_time = $TIME"
                               " WHERE tenant = 'main' AND kind = 'box' AND key = 'box_' || :box";
constexpr const char* kIdempotency =
    "INSERT INTO idempotency (scope, body_hash, response) VALUES ('main//Fill/' || gen_random_uuid(),"
    " repeat('f', 64), $RESPONSE)";
constexpr const char* kChain = "UPDATE chain SET next_seq = next_seq + 1, last_time = $TIME WHERE topic = 't.box'"
                               " AND partition = :lane AND NOT closed RETURNING id AS chain, next_seq - 1 AS seq";
constexpr const char* kOutbox =
    "INSERT INTO outbox (chain, seq, tenant, key, type, causation, traceparent, time, body) ";
constexpr const char* kOutboxRow =
    "'main', 'box_' || :box, 'loomline.kerneltest.v1.BoxFilled', 'Fill', '', $TIME, $BODY";

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string shell_quoted(std::string text) {
  replace_all(text, "'", "'\\''");
  return "'" + text + "'";
}

}  // namespace

Pgbench::Pgbench(std::string database, int boxes) : database_(std::move(database)), boxes_(boxes) {
  if (!std::filesystem::exists(kProgram))
    throw std::runtime_error("there is no pgbench; install Debian's postgresql-15");
  postgres::Options options;
  options.conninfo = database_;
  postgres::Connection connection(options);
  const auto hex = [&](const char* sql) {
    return "'\\x" + std::string(connection.exec(sql).one().text(0)) + "'::bytea";
  };
  state_ = hex("SELECT encode(state, 'hex') FROM key_state WHERE kind = 'box' LIMIT 1");
  body_ = hex("SELECT encode(body, 'hex') FROM outbox LIMIT 1");
  response_ = hex("SELECT encode(response, 'hex') FROM idempotency LIMIT 1");
  most_clients_ = std::stoi(std::string(connection.exec("SHOW max_connections").one().text(0))) - 20;
  auto pattern = (std::filesystem::temp_directory_path() / "loomline-pgbench-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder for pgbench's script");
  folder_ = pattern;
}

Pgbench::~Pgbench() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Pgbench::script(Form form) const {
  std::string text = "\\set box random(0, " + std::to_string(boxes_ - 1) + ")\n\\set lane :box % " +
                     std::to_string(Installation::kPartitions) + "\n";
  if (form == Form::statements) {
    text += std::string("BEGIN;\n") + kIdempotency + ";\n" + kState + ";\n" + kChain + " \\gset\n" + kOutbox +
            "VALUES (:chain, :seq, " + kOutboxRow + ");\nCOMMIT;\n";
  } else if (form == Form::no_chain) {
    text += std::string("WITH i AS (") + kIdempotency + "), s AS (" + kState + ") " + kOutbox +
            "SELECT 1 + :lane, nextval('chain_id_seq') + 1000000000, " + kOutboxRow + ";\n";
  } else {
    text += std::string("WITH i AS (") + kIdempotency + "), s AS (" + kState + "), c AS (" + kChain + ") " + kOutbox +
            "SELECT c.chain, c.seq, " + kOutboxRow + " FROM c;\n";
  }
  replace_all(text, "$STATE", state_);
  replace_all(text, "$BODY", body_);
  replace_all(text, "$RESPONSE", response_);
  replace_all(text, "$TIME", "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint");
  return text;
}

double Pgbench::run(Form form, int clients, int seconds) const {
  // The time includes connecting, which hundreds of clients may use up on a busy machine.
  double rate = 0;
  for (int longest = seconds; rate <= 0 && longest <= 8 * seconds; longest *= 2) rate = run_once(form, clients, longest);
  if (rate <= 0) throw std::runtime_error("pgbench commits nothing with " + std::to_string(clients) + " clients");
  return rate;
}

double Pgbench::run_once(Form form, int clients, int seconds) const {
  const auto path = folder_ + "/script.sql";
  std::ofstream(path) << script(form);
  const auto command = std::string(kProgram) + " -n -M prepared -c " + std::to_string(clients) + " -j " +
                       std::to_string(std::min(clients, 2)) + " -T " + std::to_string(seconds) + " -f " +
                       shell_quoted(path) + " " + shell_quoted(database_) + " 2>&1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) throw std::runtime_error("cannot start pgbench");
  std::array<char, 500> line{};
  std::string last;
  double rate = -1;
  bool nothing = false;
  while (std::fgets(line.data(), line.size(), pipe.get()) != nullptr) {
    if (std::sscanf(line.data(), "tps = %lf (without", &rate) != 1) last = line.data();
    nothing = nothing || std::strstr(line.data(), "transactions actually processed: 0") != nullptr;
  }
  if (nothing) return 0;
  if (rate < 0) throw std::runtime_error("pgbench does not run: " + last);
  return rate;
}

}  // namespace loomline::bench
