#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "format.hpp"
#include "loomline/base/time.hpp"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/wire/convert.hpp"
#include "table.hpp"

namespace loomline::cli {
namespace {

using namespace intake::v1;
constexpr const char* service = "loomline.intake.v1.IntakeService.";

struct Flags {
  std::string order, file, model, country = "DE", zone = "Europe/Berlin", wanted, budget, channel = "sales", ship_to;
  std::string subject;
  std::vector<std::string> choose, without;
  std::int64_t quantity = 1;
  double probability = 90;
};

Status add_party(const Flags& flags, CaptureRequirementRequest& request) {
  auto& party = *request.add_parties();
  party.set_role(common::v1::PARTY_ROLE_SHIP_TO);
  party.set_subject_id(flags.subject);
  if (!flags.ship_to.empty()) return read_message(flags.ship_to, *party.mutable_details());
  if (flags.subject.empty()) {
    party.mutable_details()->set_country(flags.country);
    party.mutable_details()->set_zone(flags.zone);
  }
  return {};
}

Result<CaptureRequirementRequest> capture_request(const Flags& flags) {
  CaptureRequirementRequest request;
  if (!flags.file.empty()) {
    if (auto status = read_message(flags.file, request); !status.ok()) return status;
    return request;
  }
  auto channel = parse_enum<Channel>("--channel", flags.channel);
  if (!channel.ok()) return channel.status();
  request.set_channel(*channel);
  auto& wish = *request.add_wishes();
  wish.set_model_id(flags.model);
  wish.set_quantity(flags.quantity);
  for (const bool selected : {true, false}) {
    for (const auto& feature : selected ? flags.choose : flags.without) {
      auto& choice = *wish.add_choices();
      choice.set_feature(feature);
      choice.set_selected(selected);
    }
  }
  if (!flags.wanted.empty()) {
    auto time = parse_rfc3339(flags.wanted.size() == 10 ? flags.wanted + "T00:00:00Z" : flags.wanted);
    if (!time.ok()) return invalid("--wanted", "is not a date", "write for example 2026-12-24 or 2026-12-24T12:00:00Z");
    *request.mutable_wanted_at() = wire::to_timestamp(*time);
  }
  if (!flags.budget.empty()) {
    auto amount = parse_money(flags.budget);
    if (!amount.ok()) return amount.status();
    *request.mutable_budget() = *amount;
  }
  if (auto status = add_party(flags, request); !status.ok()) return status;
  return request;
}

int show_questions(const Context& context, const CaptureRequirementResponse& captured) {
  if (context.json()) return context.print(captured), exit_no;
  context.out << captured.order_id() << " is captured, but something is missing:\n";
  for (const auto& question : captured.open_questions()) {
    context.out << "  " << question.question_id() << ": " << printable(question.text().en()) << '\n';
  }
  return exit_no;
}

std::string choice_text(const configuration::v1::Choice& choice) {
  return (choice.selected() ? "" : "not ") + choice.feature();
}

void show_conflict(const Context& context, const QuoteResponse& quote) {
  auto& out = context.out;
  out << quote.order_id() << "  not buildable\n  " << printable(quote.conflict().explanation().en()) << '\n';
  for (const auto& choice : quote.conflict().choices())
    out << "  you chose    " << printable(choice_text(choice)) << '\n';
  for (const auto& rule : quote.conflict().rules()) {
    out << "  rule         " << printable(rule.text()) << "  (" << rule.kind();
    if (rule.line() > 0) out << ", line " << rule.line();
    out << ")\n";
  }
  int number = 0;
  for (const auto& repair : quote.repairs()) {
    out << "  way " << ++number << "        " << printable(repair.explanation().en());
    if (repair.has_price_change()) out << "  (" << money(repair.price_change()) << " a piece)";
    out << '\n';
  }
}

void show_offer(const Context& context, const QuoteResponse& quote) {
  context.out << quote.order_id() << "  buildable, quote " << quote.quote_id() << '\n';
  Table table({"LINE", "PRODUCT", "PIECES", "NET", "DELIVERY", "PLANT"});
  for (const auto& line : quote.lines()) {
    table.row({line.line_id(), line.model_id() + "@" + std::to_string(line.model_version()),
               std::to_string(line.quantity()), money(line.price().total_net()), window(line.promise()),
               line.plant_id()});
  }
  table.print(context.out, context.colour());
  context.out << "total " << money(quote.total_net()) << " net, valid until " << moment(quote.valid_until()) << '\n';
  if (quote.over_budget()) context.out << "note: this is above the budget\n";
  if (quote.budget_not_compared()) context.out << "note: the budget is in another currency and was not compared\n";
  if (quote.later_than_wanted()) context.out << "note: this is later than the date wanted\n";
  context.out << "next: loomline order place " << quote.order_id() << '\n';
}

int show_quote(const Context& context, const QuoteResponse& quote) {
  const bool buildable = quote.answer() == configuration::v1::ANSWER_BUILDABLE;
  if (context.json()) {
    context.print(quote);
  } else if (buildable) {
    show_offer(context, quote);
  } else if (quote.answer() == configuration::v1::ANSWER_NEEDS_ENGINEERING) {
    context.out << quote.order_id() << "  needs engineering: the model does not know";
    for (const auto& feature : quote.unknown_features()) context.out << ' ' << printable(feature);
    context.out << '\n';
    for (const auto& unknown : quote.unknown())
      for (const auto& name : unknown.nearest())
        context.out << "  instead of " << printable(unknown.feature()) << " perhaps: " << printable(name) << '\n';
  } else {
    show_conflict(context, quote);
  }
  return buildable ? exit_ok : exit_no;
}

int quote(const Context& context, const Flags& flags) {
  QuoteRequest request;
  request.set_order_id(flags.order);
  request.set_probability_permille(static_cast<unsigned>(flags.probability * 10 + 0.5));
  if (flags.order.empty()) {
    auto wish = capture_request(flags);
    if (!wish.ok()) return context.fail(wish.status());
    const auto captured = context.call<CaptureRequirementResponse>(std::string(service) + "CaptureRequirement", *wish);
    if (!captured.ok()) return context.fail(captured.status());
    if ((*captured).open_questions_size() > 0) return show_questions(context, *captured);
    request.set_order_id((*captured).order_id());
  }
  const auto answer = context.call<QuoteResponse>(std::string(service) + "Quote", request);
  if (!answer.ok()) return context.fail(answer.status());
  return show_quote(context, *answer);
}

}  // namespace

void add_quote(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("quote", "Ask for a product: buildable, at what price, by when; if not, why not");
  const auto flags = std::make_shared<Flags>();
  auto* order = command->add_option("--order", flags->order, "Quote this captured order again");
  auto* file = command->add_option("--file", flags->file,
                                   "The whole wish as JSON of the contract's "
                                   "CaptureRequirementRequest; - is standard input");
  auto* model = command->add_option("--model", flags->model, "Model id, mdl_...");
  file->excludes(order);
  model->excludes(order)->excludes(file);
  command->add_option("-c,--choose", flags->choose, "A feature that the product must have; may be repeated");
  command->add_option("--without", flags->without, "A feature that it must not have; may be repeated");
  command->add_option("-n,--quantity", flags->quantity, "Pieces")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  command->add_option("--wanted", flags->wanted, "Date wanted, 2026-12-24");
  command->add_option("--budget", flags->budget, "What it may cost in all, 1200.50EUR");
  command->add_option("--probability", flags->probability, "How sure the window must be, in per cent")
      ->check(CLI::Range(50.0, 99.9))
      ->capture_default_str();
  command->add_option("--channel", flags->channel, "web, portal, sales, phone, email or edi")->capture_default_str();
  command->add_option("--country", flags->country, "Ship-to, ISO 3166-1 alpha-2")->capture_default_str();
  command->add_option("--zone", flags->zone, "Ship-to, IANA time zone")->capture_default_str();
  command->add_option("--ship-to", flags->ship_to, "File with the ship-to's details (JSON, PersonalDetails)");
  command->add_option("--subject", flags->subject, "A ship-to that intake knows, sub_...");
  command->footer(
      "Exit code 1: the answer is no, or questions are open.\n"
      "Examples:\n"
      "  loomline quote --model mdl_screw-compressor -c Oil_Free -c Motor_110_kW --without Water_Cooled\n"
      "  loomline quote --order ord_01HF7YAT00N9QJ4V8Z0K3C5T7R --probability 95");
  command->callback([&context, flags, order, file, model] {
    if (!*order && !*file && !*model) throw CLI::RequiredError("--model, --file or --order");
    context.action = [&context, flags] { return quote(context, *flags); };
  });
}

}  // namespace loomline::cli
