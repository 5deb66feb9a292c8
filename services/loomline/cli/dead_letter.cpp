#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "format.hpp"
#include "loomline/common/v1/system.pb.h"
#include "table.hpp"

namespace loomline::cli {
namespace {

using namespace common::v1;
const std::string service = "loomline.common.v1.SystemService.";

struct Flags {
  std::string service, id, note;
  bool all = false;
};

int list(const Context& context, const Flags& flags) {
  ListDeadLettersRequest request;
  request.set_service(flags.service);
  request.set_include_closed(flags.all);
  const auto answer = context.call<ListDeadLettersResponse>(service + "ListDeadLetters", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  Table table({"DEAD LETTER", "SERVICE", "STATE", "KEY", "EVENT", "TOPIC/PARTITION/OFFSET", "BEHIND", "WHEN", "WHY"});
  for (const auto& letter : (*answer).dead_letters()) {
    table.row({letter.dead_letter_id(), letter.service(), enum_text(letter.state()), letter.key(), letter.event_type(),
               letter.topic() + "/" + std::to_string(letter.partition()) + "/" + std::to_string(letter.offset()),
               std::to_string(letter.queued_behind()), moment(letter.recorded_at()), letter.reason()});
  }
  table.print(context.out, context.colour());
  return exit_ok;
}

int resolve(const Context& context, const Flags& flags, const char* method) {
  ResolveDeadLetterRequest request;
  request.set_service(flags.service);
  request.set_dead_letter_id(flags.id);
  request.set_note(flags.note);
  const auto answer = context.call<ResolveDeadLetterResponse>(service + method, request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  const auto& letter = (*answer).dead_letter();
  context.out << letter.dead_letter_id() << "  " << enum_text(letter.state()) << "; " << letter.key()
              << " goes on, with " << letter.queued_behind() << " events that waited\n";
  return exit_ok;
}

int replay(const Context& context, const Flags& flags) { return resolve(context, flags, "ReplayDeadLetter"); }
int drop(const Context& context, const Flags& flags) { return resolve(context, flags, "DropDeadLetter"); }

}  // namespace

void add_dead_letter(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("dead-letter", "Messages that could not be applied: list, replay, drop");
  command->require_subcommand(1);
  command->footer("A dead letter parks its key: later events of that key wait until it is replayed or dropped.");
  const auto flags = std::make_shared<Flags>();
  const auto add = [&](const char* name, const char* what, int (*run)(const Context&, const Flags&)) {
    auto* sub = command->add_subcommand(name, what);
    auto* service = sub->add_option("--service", flags->service, "The service that keeps it: intake, scheduling, ...");
    if (std::string_view(name) != "list") service->required();
    sub->callback([&context, flags, run] { context.action = [&context, flags, run] { return run(context, *flags); }; });
    return sub;
  };
  add("list", "Open dead letters, oldest first", list)->add_flag("--all", flags->all, "Also those that were closed");
  for (auto* sub : {add("replay", "Apply it again", replay), add("drop", "Give it up for good", drop)}) {
    sub->add_option("ID", flags->id, "dlq_...")->required();
    sub->add_option("--note", flags->note, "Why; kept with the record");
  }
}

}  // namespace loomline::cli
