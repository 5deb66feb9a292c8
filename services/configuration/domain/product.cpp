#include "product.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "loomline/base/hash.hpp"
#include "loomline/variability/uvl.hpp"
#include "package_check.hpp"
#include "texts.hpp"

namespace loomline::configuration::domain {
namespace {

using variability::Expression;
using variability::ProductModel;

// A violation of the UVL text or of a condition, as a path into the package.
Status inside(const Status& status, const std::string& field) {
  Status out(status.code(), status.reason(), status.message());
  for (const auto& violation : status.violations())
    out.with({field + ", " + violation.field, violation.problem, violation.remedy});
  return out;
}

class Compiler {
 public:
  explicit Compiler(const v1::ProductPackage& package) : package_(package) {}

  Result<std::shared_ptr<const Product>> run() {
    wire::Checker check;
    check_package(package_, check);
    if (!check.ok()) return check.status();
    Result<ProductModel> model = variability::read_uvl(package_.uvl());
    if (!model.ok()) return inside(model.status(), "package.uvl");
    product_->price_rule.scale = variability::minor_digits(package_.currency()).value();
    if (Status status = variability::check_prices(*model, product_->price_rule); !status.ok())
      return inside(status, "package.uvl");
    product_->content_hash = content_hash(package_, *model);
    auto shared = std::make_shared<const ProductModel>(std::move(model).value());
    if (Status status = read_conditions(*shared); !status.ok()) return status;
    product_->package = package_;
    product_->reasoner = std::make_unique<const variability::Reasoner>(
        shared, variability::ReasonerOptions{.price_scale = product_->price_rule.scale});
    if (Status status = reason(); !status.ok()) return status;
    return std::shared_ptr<const Product>(std::move(product_));
  }

 private:
  // Parses a condition into `into`; keeps the first few that are wrong.
  void read(const ProductModel& model, const std::string& text, const std::string& field,
            std::vector<Expression>& into) {
    Result<Expression> expression = variability::read_expression(text, model);
    into.push_back(expression.ok() ? std::move(expression).value() : Expression{});
    if (expression.ok() || wrong_.violations().size() >= 20) return;
    const Status status = inside(expression.status(), field);
    if (wrong_.ok()) wrong_ = Status(status.code(), status.reason(), "A condition of the package cannot be read.");
    for (const auto& violation : status.violations()) wrong_.with(violation);
  }

  Status read_conditions(const ProductModel& model) {
    for (int i = 0; i < package_.bom_size(); ++i)
      read(model, package_.bom(i).condition(), wire::path("package.bom", i, "condition"), product_->bom);
    for (int i = 0; i < package_.operations_size(); ++i) {
      const auto& entry = package_.operations(i);
      read(model, entry.condition(), wire::path("package.operations", i, "condition"), product_->operations);
      product_->times.emplace_back();
      for (int j = 0; j < entry.times_size(); ++j)
        read(model, entry.times(j).condition(),
             wire::path(wire::path("package.operations", i, "times"), j, "condition"), product_->times.back());
    }
    for (int i = 0; i < package_.characteristics_size(); ++i)
      read(model, package_.characteristics(i).condition(), wire::path("package.characteristics", i, "condition"),
           product_->characteristics);
    for (int i = 0; i < package_.feature_texts_size(); ++i)
      if (auto known = model.require(package_.feature_texts(i).feature(), wire::path("package.feature_texts", i));
          !known.ok() && wrong_.ok())
        wrong_ = known.status();
    return wrong_;
  }

  Status reason() {
    const auto known = product_->reasoner->core_and_dead();
    if (!known.ok()) return known.status();
    product_->core_and_dead = *known;
    if (!known->core.empty()) return {};
    const auto validation = product_->reasoner->validate({}, 0);
    if (!validation.ok()) return validation.status();
    Status status =
        failed_precondition("MODEL_VOID", "The model allows no product at all: its rules contradict each other.");
    const ProductModel& model = product_->reasoner->model();
    for (const auto& rule : validation->conflict.rules)
      status.with({"package.uvl, line " + std::to_string(variability::line_of(rule, model)),
                   "takes part in the contradiction: " + variability::text_of(rule, model),
                   "change or remove one of the rules named"});
    return status;
  }

  const v1::ProductPackage& package_;
  std::shared_ptr<Product> product_ = std::make_shared<Product>();
  Status wrong_;
};

}  // namespace

Result<std::shared_ptr<const Product>> compile(const v1::ProductPackage& package) { return Compiler(package).run(); }

std::string content_hash(const v1::ProductPackage& package, const variability::ProductModel& model) {
  v1::ProductPackage canonical = package;
  canonical.set_uvl(model.canonical());
  return sha256_hex(deterministic_bytes(canonical));
}

v1::ModelVersion describe(const Product& product) {
  const ProductModel& model = product.reasoner->model();
  v1::ModelVersion out;
  out.set_model_id(product.package.model_id());
  out.set_content_hash(product.content_hash);
  *out.mutable_name() = product.package.name();
  out.set_currency(product.package.currency());
  out.set_feature_count(static_cast<std::uint32_t>(model.features().size()));
  out.set_constraint_count(static_cast<std::uint32_t>(model.constraints().size()));
  out.set_core_feature_count(static_cast<std::uint32_t>(product.core_and_dead.core.size()));
  out.set_dead_feature_count(static_cast<std::uint32_t>(product.core_and_dead.dead.size()));
  *out.mutable_plant_ids() = product.package.plant_ids();
  out.set_source(product.package.source());
  return out;
}

}  // namespace loomline::configuration::domain
