#include <CLI/CLI.hpp>

#include "commands.hpp"
#include "format.hpp"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/scheduling/v1/scheduling.pb.h"
#include "product_files.hpp"
#include "table.hpp"

namespace loomline::cli {
namespace {

using namespace configuration::v1;
constexpr const char* service = "loomline.configuration.v1.ConfigurationService.";

void describe(const ModelVersion& model, std::ostream& out) {
  out << model.model_id() << " version " << model.version() << "  " << printable(model.name().en()) << '\n'
      << "  features     " << model.feature_count() << " (" << model.core_feature_count() << " in every product, "
      << model.dead_feature_count() << " in none)\n"
      << "  constraints  " << model.constraint_count() << '\n'
      << "  currency     " << model.currency() << '\n'
      << "  published    " << moment(model.published_at()) << '\n'
      << "  content      " << model.content_hash() << '\n';
  for (const auto& plant : model.plant_ids()) out << "  plant        " << plant << '\n';
  if (!model.source().empty()) out << "  source       " << printable(model.source()) << '\n';
}

Status publish_plants(const Context& context, const ProductFiles& product) {
  for (const auto& plant : product.plants) {
    scheduling::v1::PublishPlantRequest request;
    *request.mutable_plant() = plant;
    const auto answer = context.call<scheduling::v1::PublishPlantResponse>(
        "loomline.scheduling.v1.SchedulingService.PublishPlant", request);
    if (!answer.ok()) return answer.status();
    if (!context.json()) context.out << (*answer).plant_id() << " revision " << (*answer).revision() << " published\n";
  }
  return {};
}

int import(const Context& context, const std::string& path, const std::string& uvl, bool with_plants) {
  auto product = read_product(path, uvl);
  if (!product.ok()) return context.fail(product.status());
  if (with_plants) {
    if (auto status = publish_plants(context, *product); !status.ok()) return context.fail(status);
  }
  PublishModelRequest request;
  *request.mutable_package() = product->package;
  const auto answer = context.call<PublishModelResponse>(std::string(service) + "PublishModel", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (context.json()) return context.print(*answer), exit_ok;
  if (!(*answer).created()) context.out << "This very content was published before:\n";
  describe((*answer).model(), context.out);
  return exit_ok;
}

int show(const Context& context, const std::string& model_id, unsigned version, bool uvl) {
  GetModelRequest request;
  request.set_model_id(model_id);
  request.set_version(version);
  const auto answer = context.call<GetModelResponse>(std::string(service) + "GetModel", request);
  if (!answer.ok()) return context.fail(answer.status());
  if (uvl) return context.out << (*answer).package().uvl(), exit_ok;
  if (context.json()) return context.print(*answer), exit_ok;
  describe((*answer).model(), context.out);
  const auto& package = (*answer).package();
  context.out << "  made of      " << package.bom_size() << " lines of material, " << package.operations_size()
              << " operations, " << package.characteristics_size() << " characteristics\n";
  return exit_ok;
}

int list(const Context& context) {
  ListModelsRequest request;
  ListModelsResponse all;
  do {
    auto page = context.call<ListModelsResponse>(std::string(service) + "ListModels", request);
    if (!page.ok()) return context.fail(page.status());
    all.mutable_models()->MergeFrom((*page).models());
    request.mutable_page()->set_page_token((*page).next_page_token());
  } while (!request.page().page_token().empty());
  if (context.json()) return context.print(all), exit_ok;
  Table table({"MODEL", "VERSION", "NAME", "FEATURES", "PUBLISHED"});
  for (const auto& model : all.models()) {
    table.row({model.model_id(), std::to_string(model.version()), model.name().en(),
               std::to_string(model.feature_count()), moment(model.published_at())});
  }
  table.print(context.out, context.colour());
  return exit_ok;
}

}  // namespace

void add_model(CLI::App& app, Context& context) {
  auto* model = app.add_subcommand("model", "Product models: publish and look at them");
  model->require_subcommand(1);

  struct Flags {
    std::string path, uvl, id;
    unsigned version = 0;
    bool with_plants = false, print_uvl = false;
  };
  const auto flags = std::make_shared<Flags>();
  auto* import_command = model->add_subcommand("import", "Publish a version of a product");
  import_command->add_option("PATH", flags->path, "JSON of the contract's ProductPackage, or a folder of a product")
      ->required();
  import_command->add_option("--uvl", flags->uvl, "Take the variability model from this file");
  import_command->add_flag("--with-plants", flags->with_plants, "Publish the folder's plant*.json first");
  import_command->footer(
      "Publishing the same content again changes nothing; a change makes the next version.\n"
      "Example:\n  loomline model import products/compressor --with-plants");
  import_command->callback([&context, flags] {
    context.action = [&context, flags] { return import(context, flags->path, flags->uvl, flags->with_plants); };
  });

  auto* show_command = model->add_subcommand("show", "Show a version of a product");
  show_command->add_option("MODEL", flags->id, "Model id, mdl_...")->required();
  show_command->add_option("--version", flags->version, "The newest where not given");
  show_command->add_flag("--uvl", flags->print_uvl, "Print the variability model as it was imported");
  show_command->callback([&context, flags] {
    context.action = [&context, flags] { return show(context, flags->id, flags->version, flags->print_uvl); };
  });

  model->add_subcommand("list", "The products on offer")->callback([&context] {
    context.action = [&context] { return list(context); };
  });
}

}  // namespace loomline::cli
