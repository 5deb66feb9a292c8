#include "domain/handling.hpp"
#include "domain/plant.hpp"

namespace loomline::scheduling::domain {

void declare(eventing::Aggregate<PlantState>& plants) {
  plants.parts<v1::Plant>("model").parts<ManufacturingSpec>("spec").parts<state::v1::Order>("order");
  plants.parts<state::v1::Unit>("unit").parts<state::v1::Shipment>("shipment").parts<state::v1::Stock>("stock");
  plants.parts<state::v1::Inbound>("inbound").parts<state::v1::Down>("down").parts<state::v1::FreedList>("freed");
  plants.parts<state::v1::Gone>("gone").parts<state::v1::Kept>("kept");
  plants.derived<Board>(make_board, follow_parts);
}

void hear(eventing::Aggregate<PlantState>& plants) {
  plants.on<v1::DemandPlaced>(handled(on_demand_placed));
  plants.on<v1::DemandCancellationRequested>(handled(on_cancellation_requested));
  plants.on<v1::InspectionDecided>(handled(on_inspection_decided));
  plants.timer<state::v1::MaterialDue>("material", handled(on_material_due));
  plants.timer<state::v1::ReofferDue>("reoffer", handled(on_reoffer_due));
  plants.timer<state::v1::Unfinished>("unfinished", handled(on_unfinished));
}

}  // namespace loomline::scheduling::domain
