#include <CLI/CLI.hpp>
#include <algorithm>

#include "commands.hpp"
#include "format.hpp"
#include "loomline/common/v1/system.pb.h"
#include "table.hpp"

namespace loomline::cli {
namespace {

using namespace common::v1;
const std::string service = "loomline.common.v1.SystemService.";

struct Flags {
  std::string service, topic, source, note;
  int partition = 0;
  std::int64_t from = 0, epoch = 0, to = 0;
  bool troubled = false;
};

std::string range(std::int64_t first, std::int64_t last) { return std::to_string(first) + "-" + std::to_string(last); }

// What is the matter with it, and what became of it.
std::string remarks(const ChainStatus& chain) {
  std::string text = chain.trouble();
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  for (const auto& hole : chain.holes()) {
    add(range(hole.first_seq(), hole.last_seq()) + " lost for good, found " + moment(hole.found_at()));
  }
  for (const auto& skip : chain.skips()) {
    add(range(skip.after_seq() + 1, skip.to_seq()) + " passed over " + moment(skip.recorded_at()) + ": " + skip.note());
  }
  return text;
}

int show(const Context& context, const Flags& flags) {
  ListChainsRequest request;
  request.set_service(flags.service);
  request.set_topic(flags.topic);
  auto answer = context.call<ListChainsResponse>(service + "ListChains", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (flags.troubled) {
    auto& chains = *(*answer).mutable_chains();
    chains.erase(
        std::remove_if(chains.begin(), chains.end(),
                       [](const ChainStatus& chain) { return chain.trouble().empty() && !chain.holes_size(); }),
        chains.end());
  }
  if (context.json()) return context.print(*answer), exit_ok;
  Table table({"SERVICE", "ROLE", "TOPIC/PARTITION", "SOURCE", "EPOCH", "COMMITTED", "REACHED", "REMARKS"});
  for (const auto& chain : (*answer).chains()) {
    const bool writes = chain.role() == CHAIN_ROLE_PUBLISHES;
    table.row({chain.service(), enum_text(chain.role()), chain.topic() + "/" + std::to_string(chain.partition()),
               chain.source(), std::to_string(chain.epoch()), writes ? std::to_string(chain.committed()) : "",
               std::to_string(chain.reached()), remarks(chain)});
  }
  table.print(context.out, context.colour());
  return exit_ok;
}

int refill(const Context& context, const Flags& flags) {
  RefillChainRequest request;
  request.set_service(flags.service);
  request.set_topic(flags.topic);
  request.set_partition(flags.partition);
  request.set_from_seq(flags.from);
  const auto answer = context.call<RefillChainResponse>(service + "RefillChain", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  const auto& chain = (*answer).chain();
  context.out << chain.topic() << "/" << chain.partition() << "  ";
  if (flags.from > 0) {
    context.out << range(flags.from, chain.committed()) << " will be sent again; consumers drop what they have\n";
  } else {
    context.out << "is looked at; what is missing up to " << chain.committed() << " will be sent again\n";
  }
  return exit_ok;
}

int skip(const Context& context, const Flags& flags) {
  SkipChainRequest request;
  request.set_service(flags.service);
  request.set_topic(flags.topic);
  request.set_partition(flags.partition);
  request.set_source(flags.source);
  request.set_epoch(flags.epoch);
  request.set_to_seq(flags.to);
  request.set_note(flags.note);
  const auto answer = context.call<SkipChainResponse>(service + "SkipChain", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  const auto& chain = (*answer).chain();
  context.out << chain.service() << " goes on in " << chain.topic() << "/" << chain.partition() << " after "
              << chain.reached() << "; recorded\n";
  return exit_ok;
}

CLI::App* add(CLI::App& command, Context& context, const std::shared_ptr<Flags>& flags, const char* name,
              const char* what, int (*run)(const Context&, const Flags&)) {
  auto* sub = command.add_subcommand(name, what);
  sub->callback([&context, flags, run] { context.action = [&context, flags, run] { return run(context, *flags); }; });
  return sub;
}

}  // namespace

void add_chain(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("chain", "Event chains: how far they are, refill what a broker lost, skip");
  command->require_subcommand(1);
  command->footer(
      "A chain numbers what one service says on one partition, without gaps. A consumer stands before a gap until it "
      "is\n"
      "refilled, which happens by itself while the source's outbox holds the events (hours); what is lost for good "
      "must\n"
      "be skipped.");
  const auto flags = std::make_shared<Flags>();
  auto* shown = add(*command, context, flags, "show", "How far chains are, and what stands still", show);
  shown->add_option("--service", flags->service, "Only of this service: intake, scheduling, ...");
  shown->add_option("--topic", flags->topic, "Only of this topic: loomline.intake.order, ...");
  shown->add_flag("--troubled", flags->troubled, "Only what stands still or has lost something");

  auto* refilled = add(*command, context, flags, "refill", "Send a chain's events again from its outbox", refill);
  refilled->add_option("--service", flags->service, "The service that writes the chain")->required();
  refilled->add_option("--from", flags->from, "First sequence number; without it, from the first hole")
      ->check(CLI::PositiveNumber);

  auto* skipped = add(*command, context, flags, "skip", "Let a consumer pass over events that are lost for good", skip);
  skipped->add_option("--service", flags->service, "The service that hears the chain and stands")->required();
  skipped->add_option("--source", flags->source, "The service that writes it")->required();
  skipped->add_option("--epoch", flags->epoch, "The chain's epoch")->required()->check(CLI::PositiveNumber);
  skipped->add_option("--to", flags->to, "The last sequence number to pass over")
      ->required()
      ->check(CLI::PositiveNumber);
  skipped->add_option("--note", flags->note, "Why; kept with the record")->required();
  for (auto* sub : {refilled, skipped}) {
    sub->add_option("--topic", flags->topic, "The topic, without the installation's prefix")->required();
    sub->add_option("--partition", flags->partition, "The partition")->required()->check(CLI::NonNegativeNumber);
  }
}

}  // namespace loomline::cli
