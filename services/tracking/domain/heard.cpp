#include "domain/heard.hpp"

#include "loomline/aftersales/v1/aftersales.pb.h"
#include "loomline/intake/v1/events.pb.h"
#include "loomline/quality/v1/quality.pb.h"
#include "loomline/scheduling/v1/events.pb.h"

namespace loomline::tracking::domain {
namespace {

// A fact is never refused and waits for nothing: what comes early is folded again when the rest is there.
template <class Event>
void hear(eventing::Aggregate<State>& journeys) {
  journeys.on<Event>([](State& state, const Event& event, eventing::Step& step) {
    return record(state, event, step);
  });
}

template <class... Events>
void hear_all(eventing::Aggregate<State>& journeys) {
  (hear<Events>(journeys), ...);
}

}  // namespace

void hear_everything(eventing::Aggregate<State>& journeys) {
  {
    using namespace intake::v1;  // NOLINT: a list of events
    hear_all<RequirementCaptured, ConfirmationAsked, ConfirmationAnswered, RequirementConfirmed, QuoteIssued,
             QuoteRefused, QuoteExpired, OrderPlaced, OrderCancellationRequested, OrderCancellationDeclined,
             OrderCancelled, OrderFulfilled>(journeys);
  }
  {
    using namespace scheduling::v1;  // NOLINT: a list of events
    hear_all<LineScheduled, LineUnschedulable, PromiseMade, PromiseRevised, MaterialReady, OperationProgressed,
             ReworkScheduled, UnitReplaced, UnitCompleted, ShipmentPlanned, ShipmentDispatched, ShipmentDelivered,
             CancellationGranted, CancellationRefused>(journeys);
  }
  {
    using namespace quality::v1;  // NOLINT: a list of events
    hear_all<InspectionRequested, InspectionPassed, InspectionFailed, DispositionDecided, HoldPlaced, HoldReleased,
             CertificateIssued>(journeys);
  }
  {
    using namespace aftersales::v1;  // NOLINT: a list of events
    hear_all<OrderTicketChanged, SurveyRequested, SurveyAnswered, SurveyExpired>(journeys);
  }
}

}  // namespace loomline::tracking::domain
