#include "loomline/factory/play.hpp"

#include <loomline/intake/v1/access.pb.h>
#include <loomline/scheduling/v1/scheduling.pb.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "loomline/factory/factory.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::factory {
namespace {

constexpr std::chrono::seconds kBeat{1};

// A token of the role MES, for as long as this lives.
class MesToken {
 public:
  explicit MesToken(EdgeClient& staff) : staff_(staff) {}
  MesToken(const MesToken&) = delete;
  MesToken& operator=(const MesToken&) = delete;
  ~MesToken() {
    if (id_.empty()) return;
    intake::v1::RevokeTokenRequest request;
    request.set_token_id(id_);
    (void)staff_.call<intake::v1::RevokeTokenResponse>("loomline.intake.v1.AccessService.RevokeToken", request);
  }
  Result<std::string> make() {
    intake::v1::CreateTokenRequest request;
    request.set_role(common::v1::ROLE_MES);
    request.set_label("simulated factory");
    request.set_valid_days(30);
    auto made = staff_.call<intake::v1::CreateTokenResponse>("loomline.intake.v1.AccessService.CreateToken", request);
    if (!made.ok()) return made.status();
    id_ = made->token().token_id();
    return made->secret();
  }

 private:
  EdgeClient& staff_;
  std::string id_;
};

Status move_clock(EdgeClient& staff, Factory& factory, Time to) {
  scheduling::AdvanceClockRequest request;
  *request.mutable_to() = wire::to_timestamp(to);
  auto moved =
      staff.call<scheduling::AdvanceClockResponse>("loomline.scheduling.v1.SchedulingService.AdvanceClock", request);
  if (!moved.ok()) return moved.status();
  factory.clock_advanced();
  return {};
}

Time rounded_up(Time time, Duration quantum) {
  if (quantum <= Duration::zero()) return time;
  const auto past = time.time_since_epoch() % quantum;
  return past == Duration::zero() ? time : time + (quantum - past);
}

}  // namespace

Status play(const PlayOptions& options, const std::atomic<bool>& stop) {
  std::ofstream ledger;
  if (!options.ledger.empty()) {
    ledger.open(options.ledger, std::ios::app);
    if (!ledger) return invalid("ledger", options.ledger + " cannot be written", "name a file in a folder of yours");
  }
  EdgeClient staff(options.url, options.token);
  MesToken token(staff);
  auto secret = token.make();
  if (!secret.ok()) return secret.status();
  EdgeClient mes(options.url, *secret);
  Quiet quiet(staff);
  quiet.watch(mes);
  auto rest = quiet.settle(Time::min());
  if (!rest.ok()) return rest.status();

  FactoryOptions settings;
  settings.seed = options.seed;
  settings.run = "factory-" + std::to_string(options.seed) + "-" +
                 std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  if (ledger.is_open()) settings.ledger = &ledger;
  Factory factory(mes, quiet, settings, std::make_shared<Labels>());
  if (auto status = factory.open(options.plant_ids); !status.ok()) return status;
  while (!stop) {
    quiet.forget();  // customers and staff do as they please
    rest = quiet.settle(Time::min());
    if (!rest.ok()) return rest.status();
    const Time now = rest->business_time;
    if (auto status = factory.step(now); !status.ok()) return status;
    if (options.speed > 0) {
      // Never over what happens next, so that it is told at its time.
      const Time next = rounded_up(std::min(factory.next_event().value_or(Time::max()), now + kBeat * options.speed),
                                   std::chrono::minutes(options.quantum_minutes));
      if (auto status = move_clock(staff, factory, std::max(next, now + Duration(1))); !status.ok()) return status;
      std::this_thread::sleep_for((next - now) / static_cast<std::int64_t>(options.speed));
    } else {
      std::this_thread::sleep_for(kBeat);
    }
  }
  return {};
}

}  // namespace loomline::factory
