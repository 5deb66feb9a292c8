#include "domain/quoting.hpp"

#include "domain/plant_step.hpp"
#include "domain/promises.hpp"
#include "domain/stock.hpp"

namespace loomline::scheduling::domain {

struct Quoting::Impl {
  PlantView plant;
  planning::Plan plan;
  std::uint64_t counter;
  std::string country, zone;
  std::uint32_t permille;
  Time now;
  std::optional<planning::Job> last;
};

Quoting::Quoting(PlantView plant, const v1::QuotePromiseRequest& request, Time now) {
  const auto permille = request.probability_permille() == 0 ? 900 : request.probability_permille();
  auto plan = plant.board().plan.value();
  const auto counter = plant.state().counter();
  impl_ = std::make_unique<Impl>(
      Impl{std::move(plant), std::move(plan), counter, request.country(), request.zone(), permille, now, {}});
}
Quoting::~Quoting() = default;
Quoting::Quoting(Quoting&&) noexcept = default;

Status Quoting::add(const v1::QuoteLine& line) {
  if (auto status = check_spec(line.spec(), line.quantity()); !status.ok()) return status;
  const Routing routing(line.spec());
  auto draft = impl_->plan;
  auto last = impl_->last;
  const auto lead = lead_time(impl_->plant.model());
  for (const auto& item : line.spec().bom())
    if (!draft.on_hand(item.item().item_id()))
      if (auto status = draft.put_item({item.item().item_id(), 0, lead, {}}); !status.ok()) return status;
  Unit unit;
  unit.set_earliest(micros(impl_->now));
  *unit.add_work_orders() = routing.make_work_order("");
  for (std::int64_t i = 0; i < line.quantity(); ++i) {
    unit.set_number(++impl_->counter);
    auto placed = engine().place(draft, routing.demand_of(unit), impl_->now);
    if (!placed) return placed.status();
    if (!last || placed->finish() > last->finish()) last = std::move(placed->job);
  }
  impl_->plan = std::move(draft);
  impl_->last = std::move(last);
  return {};
}

Result<v1::Promise> Quoting::promise() const {
  if (!impl_->last) return failed_precondition("NOTHING_QUOTED", "No line was asked for.");
  return offer(impl_->plan, impl_->plant.model(), *impl_->last, impl_->country, impl_->zone, impl_->permille,
               impl_->now);
}

}  // namespace loomline::scheduling::domain
