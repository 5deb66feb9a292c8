#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "format.hpp"
#include "loomline/scheduling/v1/scheduling.pb.h"
#include "table.hpp"

namespace loomline::cli {
namespace {

using namespace scheduling::v1;

int show(const Context& context, const GetPlanRequest& request) {
  const auto answer = context.call<GetPlanResponse>("loomline.scheduling.v1.SchedulingService.GetPlan", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  Table table({"START", "END", "EQUIPMENT", "OPERATION", "STATE", "WORK ORDER", "ORDER"});
  for (const auto& operation : (*answer).operations()) {
    table.row({moment(operation.start()), moment(operation.end()), operation.equipment_id(), operation.op_id(),
               operation.state(), operation.work_order_id(), operation.order_id()});
  }
  table.print(context.out, context.colour());
  context.out << (*answer).operations_size() << " operations at " << (*answer).plant_id() << ", as of "
              << moment((*answer).as_of()) << '\n';
  return exit_ok;
}

}  // namespace

void add_plan(CLI::App& app, Context& context) {
  auto* plan = app.add_subcommand("plan", "The plan of a plant");
  plan->require_subcommand(1);
  auto* command = plan->add_subcommand("show", "Open operations by start");
  const auto request = std::make_shared<GetPlanRequest>();
  command
      ->add_option_function<std::string>(
          "PLANT", [request](const std::string& id) { request->set_plant_id(id); }, "Plant id, plt_...")
      ->required();
  command->add_option_function<std::string>(
      "--order", [request](const std::string& id) { request->set_order_id(id); }, "Only this order's operations");
  command->footer("Example:\n  loomline plan show plt_compressors --order ord_01HF7YAT00N9QJ4V8Z0K3C5T7R");
  command->callback([&context, request] { context.action = [&context, request] { return show(context, *request); }; });
}

}  // namespace loomline::cli
