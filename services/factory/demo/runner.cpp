#include "runner.hpp"

#include <loomline/common/v1/system.pb.h>
#include <loomline/configuration/v1/configuration.pb.h>
#include <loomline/intake/v1/access.pb.h>
#include <loomline/scheduling/v1/scheduling.pb.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>
#include <utility>

#include "loomline/wire/convert.hpp"

namespace loomline::demo {

namespace {

using std::chrono::hours;

// The simulated installation's first day: a Monday. Fixed, so that two runs on empty stores give the same dates.
const Time kFirstDay = Time{std::chrono::sys_days{std::chrono::January / 5 / 2026}};
// No order of the demo takes longer than this from the last arrival; what does is stuck.
constexpr hours kPatience{24 * 150};
constexpr hours kCustomerRound{24};
// Over empty time without a word from the services' timers.
constexpr hours kLongestStep{6};

}  // namespace

Runner::Runner(const Options& options, std::ostream& out)
    : options_(options), out_(&out), board_(out, isatty(STDOUT_FILENO) == 1), draws_(options.seed) {
  memory_ = std::make_unique<MemoryWatch>(options.processes);
  staff_ = std::make_unique<factory::EdgeClient>(options_.url, options_.token);
  quiet_ = std::make_unique<factory::Quiet>(*staff_);
}

// The tokens were for this run only.
Runner::~Runner() {
  for (const auto& token_id : token_ids_) {
    intake::v1::RevokeTokenRequest request;
    request.set_token_id(token_id);
    (void)staff_->call<intake::v1::RevokeTokenResponse>("loomline.intake.v1.AccessService.RevokeToken", request);
  }
}

Result<std::unique_ptr<factory::EdgeClient>> Runner::client_for(common::v1::Role role, const std::string& label) {
  intake::v1::CreateTokenRequest request;
  request.set_role(role);
  request.set_label(label);
  request.set_valid_days(3650);
  auto made = staff_->call<intake::v1::CreateTokenResponse>("loomline.intake.v1.AccessService.CreateToken", request);
  if (!made.ok()) return made.status();
  token_ids_.push_back(made->token().token_id());
  return std::make_unique<factory::EdgeClient>(options_.url, made->secret());
}

Status Runner::prepare() {
  for (const auto& folder : options_.products) {
    auto product = load_product(folder);
    if (!product.ok()) return product.status();
    products_.push_back(std::move(product).value());
  }
  if (products_.empty()) return invalid("products", "are not given", "name folders with a product");
  if (auto status = start_clock(); !status.ok()) return status;
  auto mes = client_for(common::v1::ROLE_MES, "demo mes");
  if (!mes.ok()) return mes.status();
  mes_ = std::move(mes).value();
  quiet_->watch_waiting(*mes_);
  auto portal = client_for(common::v1::ROLE_PORTAL, "demo portal");
  if (!portal.ok()) return portal.status();
  portal_ = std::move(portal).value();
  quiet_->watch(*portal_);
  return publish_products();
}

Status Runner::publish_products() {
  std::vector<std::string> plant_ids;
  for (const auto& product : products_) {
    for (const auto& plant : product.plants) {
      scheduling::v1::PublishPlantRequest request;
      *request.mutable_plant() = plant;
      auto published = staff_->call<scheduling::v1::PublishPlantResponse>(
          "loomline.scheduling.v1.SchedulingService.PublishPlant", request);
      if (!published.ok()) return published.status();
      if (std::find(plant_ids.begin(), plant_ids.end(), plant.plant_id()) == plant_ids.end())
        plant_ids.push_back(plant.plant_id());
    }
    configuration::v1::PublishModelRequest request;
    *request.mutable_package() = product.package;
    auto published = staff_->call<configuration::v1::PublishModelResponse>(
        "loomline.configuration.v1.ConfigurationService.PublishModel", request);
    if (!published.ok()) return published.status();
    note("product " + product.package.model_id() + " version " + std::to_string(published->model().version()) + ": " +
         std::to_string(published->model().feature_count()) + " features, " +
         std::to_string(published->model().constraint_count()) + " constraints");
  }
  if (auto rest = quiet_->settle(now_); !rest.ok()) return rest.status();

  factory::FactoryOptions options;
  options.seed = options_.seed;
  options.run = run_name();
  options.alone = true;
  const auto first = std::find_if(story_.begin(), story_.end(),
                                  [](const PlannedOrder& order) { return order.ending == Ending::surveyed; });
  if (first != story_.end()) options.rig.failing_units = {first->label + "/u0"};
  // On the third working day, in the middle of the morning of Central Europe and the afternoon of China.
  options.breakdowns[""] = {{working_midnight(start_) + hours(24 * 2 + 8), hours(9), ""}};
  factory_ = std::make_unique<factory::Factory>(*mes_, *quiet_, std::move(options), labels_);
  factory_->on_dispatch([this](const std::string& order_id) {
    const auto* live = find(order_id);
    if (live != nullptr && live->plan.ending == Ending::cancellation_refused) dispatched_.insert(order_id);
  });
  return factory_->open(plant_ids);
}

Status Runner::start_clock() {
  auto rest = quiet_->settle(Time::min());
  if (!rest.ok()) return rest.status();
  dead_letters_before_ = rest->dead_letters;
  const std::chrono::minutes quantum(options_.quantum_minutes);
  now_ = rest->business_time;
  start_ = on_grid(std::max(kFirstDay, rest->business_time + Duration(1)), quantum);
  if (start_ < kFirstDay + hours(1)) start_ = kFirstDay;
  StoryOptions story;
  story.orders = options_.orders;
  story.invalid = options_.invalid;
  story.products = products_.size();
  story.first_day = start_;
  story.quantum = quantum;
  story_ = make_story(story, draws_);
  return advance_to(start_);
}

Status Runner::advance_to(Time time) {
  scheduling::v1::AdvanceClockRequest request;
  *request.mutable_to() = wire::to_timestamp(time);
  auto answer = staff_->call<scheduling::v1::AdvanceClockResponse>(
      "loomline.scheduling.v1.SchedulingService.AdvanceClock", request,
      "demo-clock-" + std::to_string(time.time_since_epoch().count()));
  if (!answer.ok()) return answer.status();
  now_ = time;
  ++clock_moves_;
  if (factory_) factory_->clock_advanced();
  return {};
}

Status Runner::play() {
  shop_ = std::make_unique<Shop>(*portal_, draws_, run_name());
  auto before = count_ended();
  if (!before.ok()) return before.status();
  ended_before_ = *before;
  note("placing " + std::to_string(options_.orders) + " orders that can be built and " +
       std::to_string(options_.invalid) + " that cannot, seed " + std::to_string(options_.seed));
  last_day_ = story_.empty() ? start_ : story_.back().arrival;
  next_visit_ = start_ + hours(18);
  for (;;) {
    auto rest = quiet_->settle(now_);
    if (!rest.ok()) return rest.status();
    for (const auto act : {&Runner::place_due, &Runner::cancel_due})
      if (auto status = (this->*act)(); !status.ok()) return status;
    if (auto status = factory_->step(now_); !status.ok()) return status;
    // Those who ask too late, now that their order has left.
    if (auto status = cancel_due(); !status.ok()) return status;
    if (now_ >= next_visit_)
      if (auto status = visit_customers(); !status.ok()) return status;
    if (auto status = show(finished()); !status.ok()) return status;
    if (finished() || now_ > last_day_ + kPatience) return {};
    rest = quiet_->settle(now_);
    if (!rest.ok()) return rest.status();
    const auto next = next_time(*rest);
    const Time target =
        std::min(next.value_or(now_ + kLongestStep), rest->next_timer ? Time::max() : now_ + kLongestStep);
    if (auto status =
            advance_to(on_grid(std::max(target, now_ + Duration(1)), std::chrono::minutes(options_.quantum_minutes)));
        !status.ok())
      return status;
  }
}

std::optional<Time> Runner::next_time(const factory::Rest& rest) const {
  std::optional<Time> next;
  const auto offer = [&next](Time at) {
    if (!next || at < *next) next = at;
  };
  if (told_ < story_.size()) offer(story_[told_].arrival);
  for (const auto& live : orders_)
    if (live->plan.ending == Ending::cancelled && live->plan.cancel_at > now_) offer(live->plan.cancel_at);
  if (const auto at = factory_->next_event()) offer(*at);
  if (rest.next_timer) offer(*rest.next_timer);
  if (!orders_.empty()) offer(next_visit_);
  return next;
}

// One at a time, with quiet in between: the order of arrival at the plant decides about ties in its plan.
Status Runner::place_due() {
  while (told_ < story_.size() && story_[told_].arrival <= now_) {
    if (auto status = place(story_[told_]); !status.ok()) return status;
    ++told_;
    if (auto rest = quiet_->settle(now_); !rest.ok()) return rest.status();
    if (auto status = show(false); !status.ok()) return status;
  }
  return {};
}

Status Runner::place(const PlannedOrder& plan) {
  const auto& model_id = products_[plan.product].package.model_id();
  auto wish = plan.ending == Ending::refused ? shop_->invalid_wish(plan, model_id) : shop_->valid_wish(plan, model_id);
  if (!wish.ok()) return wish.status();
  auto placed = shop_->order(plan, *wish);
  if (!placed.ok()) return placed.status();
  labels_->name_order(placed->order_id, plan.label);
  auto live = std::make_unique<Live>();
  live->plan = plan;
  live->order_id = placed->order_id;
  live->conflict = placed->conflict;
  live->tracking_url = options_.url + placed->tracking_path;
  live->ended = placed->refused;
  by_id_[live->order_id] = live.get();
  orders_.push_back(std::move(live));
  return {};
}

Status Runner::cancel_due() {
  for (const auto& live : orders_) {
    const bool in_time = live->plan.ending == Ending::cancelled && live->plan.cancel_at <= now_ && !live->ended;
    const bool too_late = dispatched_.erase(live->order_id) > 0;
    if (!in_time && !too_late) continue;
    if (auto status = cancel(*live); !status.ok()) return status;
    live->ended = live->ended || in_time;
    if (auto rest = quiet_->settle(now_); !rest.ok()) return rest.status();
  }
  return {};
}

Status Runner::cancel(Live& live) { return shop_->cancel(live.plan, live.order_id); }

// Orders that have come to an end in the installation, of this run or of earlier ones.
Result<std::int64_t> Runner::count_ended() {
  auto counts = staff_->call<tracking::v1::CountOrdersResponse>("loomline.tracking.v1.TrackingService.CountOrders",
                                                                tracking::v1::CountOrdersRequest());
  if (!counts.ok()) return counts.status();
  std::int64_t ended = 0;
  for (const auto& stage : counts->stages())
    if (has_ended(stage.status())) ended += stage.orders();
  return ended;
}

// Who has got something may be asked, and those are few. Every order is looked at only where others have ended than is
// known here.
Status Runner::visit_customers() {
  auto ended = count_ended();
  if (!ended.ok()) return ended.status();
  const auto known =
      std::count_if(orders_.begin(), orders_.end(), [](const auto& live) { return live->ended || live->surveyed; });
  tracking::v1::ListJourneysRequest request;
  if (*ended - ended_before_ == known) request.set_status(tracking::v1::JOURNEY_STATUS_DELIVERED);
  request.mutable_page()->set_page_size(500);
  do {
    auto page =
        staff_->call<tracking::v1::ListJourneysResponse>("loomline.tracking.v1.TrackingService.ListJourneys", request);
    if (!page.ok()) return page.status();
    // By label, so that what they lead to comes in the same order in every run.
    std::vector<const tracking::v1::Journey*> mine;
    for (const auto& journey : page->journeys())
      if (find(journey.order_id()) != nullptr) mine.push_back(&journey);
    std::sort(mine.begin(), mine.end(), [this](const auto* a, const auto* b) {
      return find(a->order_id())->plan.number < find(b->order_id())->plan.number;
    });
    for (const auto* journey : mine)
      if (auto status = serve_customer(*find(journey->order_id()), *journey); !status.ok()) return status;
    request.mutable_page()->set_page_token(page->next_page_token());
  } while (!request.page().page_token().empty());
  while (next_visit_ <= now_) next_visit_ += kCustomerRound;
  auto rest = quiet_->settle(now_);
  return rest.ok() ? Status() : rest.status();
}

Status Runner::serve_customer(Live& live, const tracking::v1::Journey& journey) {
  live.ended = has_ended(journey.status());
  if (!journey.survey_open() || journey.survey_answered() || live.surveyed) return {};
  live.surveyed = true;
  if (live.plan.opens_ticket)
    if (auto status = shop_->open_ticket(live.plan, live.order_id); !status.ok()) return status;
  return shop_->answer_survey(live.plan, live.order_id);
}

bool Runner::finished() const {
  return told_ == story_.size() &&
         std::all_of(orders_.begin(), orders_.end(), [](const auto& live) { return live->ended || live->surveyed; });
}

Runner::Live* Runner::find(std::string_view order_id) {
  const auto found = by_id_.find(order_id);
  return found == by_id_.end() ? nullptr : found->second;
}

Status Runner::show(bool always) {
  if (!always && !board_.due()) return {};
  auto counts = staff_->call<tracking::v1::CountOrdersResponse>("loomline.tracking.v1.TrackingService.CountOrders",
                                                                tracking::v1::CountOrdersRequest());
  if (!counts.ok()) return counts.status();
  board_.show(now_, *counts);
  if (always) board_.finish();
  return {};
}

std::string Runner::run_name() const {
  const auto start = std::chrono::duration_cast<std::chrono::seconds>(start_.time_since_epoch()).count();
  return "demo-" + std::to_string(options_.seed) + "-" + std::to_string(start);
}

void Runner::note(const std::string& text) { *out_ << text << std::endl; }

}  // namespace loomline::demo
