#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "format.hpp"
#include "loomline/aftersales/v1/aftersales.pb.h"
#include "table.hpp"

namespace loomline::cli {
namespace {

using namespace aftersales::v1;
const std::string service = "loomline.aftersales.v1.AftersalesService.";

struct Flags {
  std::string ticket, order, line, unit, category = "question", impact = "low", urgency = "low", text_file, state;
};

int show_ticket(const Context& context, const Ticket& ticket) {
  auto& out = context.out;
  out << ticket.ticket_id() << "  " << enum_text(ticket.state()) << ", priority " << enum_text(ticket.priority())
      << '\n'
      << "  about        " << ticket.order_id() << ' ' << ticket.line_id() << ' ' << ticket.unit_id() << '\n'
      << "  category     " << enum_text(ticket.category()) << '\n'
      << "  opened       " << moment(ticket.opened_at()) << '\n'
      << "  respond by   " << moment(ticket.respond_by()) << (ticket.response_breached() ? "  missed" : "") << '\n'
      << "  resolve by   " << moment(ticket.resolve_by()) << (ticket.resolution_breached() ? "  missed" : "") << '\n';
  for (const auto& change : ticket.changes()) {
    out << "  " << moment(change.occurred_at()) << "  " << enum_text(change.state()) << '\n';
  }
  return exit_ok;
}

template <class Enum>
Status take(const char* flag, const std::string& text, Enum& out) {
  auto value = parse_enum<Enum>(flag, text);
  if (!value.ok()) return value.status();
  out = *value;
  return {};
}

int open(const Context& context, const Flags& flags) {
  TicketCategory category{};
  Impact impact{};
  Urgency urgency{};
  for (const auto& status : {take("--category", flags.category, category), take("--impact", flags.impact, impact),
                             take("--urgency", flags.urgency, urgency)}) {
    if (!status.ok()) return context.fail(status);
  }
  OpenTicketRequest request;
  request.set_order_id(flags.order);
  request.set_line_id(flags.line);
  request.set_unit_id(flags.unit);
  request.set_category(category);
  request.set_impact(impact);
  request.set_urgency(urgency);
  if (!flags.text_file.empty()) {
    auto text = read_file(flags.text_file);
    if (!text.ok()) return context.fail(text.status());
    request.set_text(*text);
  }
  const auto answer = context.call<OpenTicketResponse>(service + "OpenTicket", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  return show_ticket(context, (*answer).ticket());
}

int show(const Context& context, const Flags& flags) {
  GetTicketRequest request;
  request.set_ticket_id(flags.ticket);
  const auto answer = context.call<GetTicketResponse>(service + "GetTicket", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  return show_ticket(context, (*answer).ticket());
}

int list(const Context& context, const Flags& flags) {
  ListTicketsRequest request;
  request.set_order_id(flags.order);
  if (!flags.state.empty()) {
    TicketState state{};
    if (auto status = take("--state", flags.state, state); !status.ok()) return context.fail(status);
    request.set_state(state);
  }
  ListTicketsResponse all;
  do {
    auto page = context.call<ListTicketsResponse>(service + "ListTickets", request);
    if (!page.ok()) return context.fail(page.status());
    all.mutable_tickets()->MergeFrom((*page).tickets());
    request.mutable_page()->set_page_token((*page).next_page_token());
  } while (!request.page().page_token().empty());
  if (context.json()) return context.print(all), exit_ok;
  Table table({"TICKET", "STATE", "PRIORITY", "CATEGORY", "RESPOND BY", "RESOLVE BY", "ORDER"});
  for (const auto& ticket : all.tickets()) {
    table.row({ticket.ticket_id(), enum_text(ticket.state()), enum_text(ticket.priority()),
               enum_text(ticket.category()), moment(ticket.respond_by()) + (ticket.response_breached() ? " !" : ""),
               moment(ticket.resolve_by()) + (ticket.resolution_breached() ? " !" : ""), ticket.order_id()});
  }
  table.print(context.out, context.colour());
  return exit_ok;
}

}  // namespace

void add_ticket(CLI::App& app, Context& context) {
  auto* ticket = app.add_subcommand("ticket", "Tickets: open, list, show");
  ticket->require_subcommand(1);
  const auto flags = std::make_shared<Flags>();
  const auto add = [&](const char* name, const char* what, int (*run)(const Context&, const Flags&)) {
    auto* command = ticket->add_subcommand(name, what);
    command->callback(
        [&context, flags, run] { context.action = [&context, flags, run] { return run(context, *flags); }; });
    return command;
  };
  auto* open_command = add("open", "Open a ticket", open);
  open_command->add_option("--order", flags->order, "The order that it is about");
  open_command->add_option("--line", flags->line, "The line");
  open_command->add_option("--unit", flags->unit, "The unit");
  open_command->add_option("--category", flags->category, "question, delivery, defect, damage, documents or warranty")
      ->capture_default_str();
  open_command->add_option("--impact", flags->impact, "low, medium or high")->capture_default_str();
  open_command->add_option("--urgency", flags->urgency, "low, medium or high")->capture_default_str();
  open_command->add_option("--text-file", flags->text_file,
                           "What the customer says, from a file or - for standard input: it is personal, and a command "
                           "line is seen by others");
  open_command->footer(
      "Example:\n  loomline ticket open --order ord_... --category defect --impact high --urgency medium "
      "--text-file -");
  auto* list_command = add("list", "Tickets that are not closed", list);
  list_command->add_option("--order", flags->order, "Only of this order");
  list_command->add_option("--state", flags->state, "open, in-progress, waiting, resolved or closed");
  add("show", "A ticket", show)->add_option("TICKET", flags->ticket, "Ticket id, tkt_...")->required();
}

}  // namespace loomline::cli
