#include "src/operate/prepare.hpp"

#include <set>
#include <stdexcept>

#include "src/broker/kafka.hpp"
#include "src/commit/schema.hpp"
#include "src/hear/gaps.hpp"
#include "src/publish/schema.hpp"

namespace loomline::eventing {

postgres::Options database_options(const std::string& conninfo, const std::string& service) {
  postgres::Options options;
  options.conninfo = conninfo;
  options.application_name = "loomline-" + service;
  // Every statement is an array joined by primary key: one generic plan with nested loops, whatever the statistics say.
  // Of a table that was tiny when they were taken, the planner would rather keep all of it at hand (Materialize) than
  // look rows up, and go on so while the table grows.
  options.settings = {{"plan_cache_mode", "force_generic_plan"},
                      {"enable_hashjoin", "off"},
                      {"enable_mergejoin", "off"},
                      {"enable_material", "off"},
                      {"enable_seqscan", "off"},
                      {"jit", "off"}};
  return options;
}

void prepare_database(const Service& service, const Options& options, const std::string& database, int partitions) {
  postgres::Options admin;
  admin.conninfo = options.postgres;
  const auto name = options.installation + service.name();
  postgres::create_database_if_missing(admin, name);
  postgres::Options own;
  own.conninfo = database;
  own.statement_timeout = std::chrono::milliseconds(0);
  postgres::Connection connection(own);
  postgres::migrate(connection, "eventing", kernel_migrations());
  postgres::migrate(connection, "eventing-publish", publish_migrations());
  std::vector<postgres::Migration> steps;
  for (const auto& step : service.migrations()) steps.push_back({step.version, step.name, step.sql});
  if (!steps.empty()) postgres::migrate(connection, service.name(), steps);
  connection.exec("INSERT INTO installation (partitions) VALUES ($1) ON CONFLICT DO NOTHING", partitions);
  const auto before = connection.exec("SELECT partitions FROM installation").one().get<int>(0);
  if (before != partitions) {
    throw std::runtime_error("database " + name + " was made for " + std::to_string(before) + " partitions, not " +
                             std::to_string(partitions) + "; start with the same number everywhere");
  }
}

void prepare_topics(const Registry& registry, const Options& options) {
  std::set<std::string> names(registry.topics().begin(), registry.topics().end());
  for (const auto* topic : registry.owned()) names.insert(topic->name());
  if (options.clock == ClockMode::topic) names.insert("loomline.clock");
  if (registry.catalog().topic(GapDesk::topic) != nullptr) names.insert(GapDesk::topic);
  std::vector<kafka::TopicPlan> plans;
  for (const auto& name : names) {
    const auto* topic = registry.catalog().topic(name);
    if (topic == nullptr) throw std::logic_error("topic " + name + " is not declared");
    const auto hours = topic->retention_hours();
    plans.push_back(
        {options.installation + name, options.partitions, hours == 0 ? -1 : std::int64_t{hours} * 3'600'000});
  }
  if (plans.empty()) return;
  const auto client = kafka::Config(options.kafka, "loomline-admin").producer();
  kafka::ensure_topics(client.get(), plans);
}

}  // namespace loomline::eventing
