#include "fake_services.hpp"

namespace loomline::edge {
namespace {

namespace v1 = common::v1;

Status unknown(const std::string& what) { return not_found("UNKNOWN", "There is no " + what + "."); }

}  // namespace

FakeServices::FakeServices() : server_({.address = "", .threads = 4}) {
  access();
  journeys();
  after_sales();
  system();
}

void FakeServices::start() {
  if (const auto status = server_.start(); !status.ok()) throw std::runtime_error(status.to_string());
  server_.set_ready(true);
  for (const char* service : {"intake", "configuration", "scheduling", "quality", "aftersales", "tracking"})
    peers_.add(service, server_.in_process_channel());
  peers_.alias("production", "scheduling");
}

void FakeServices::put(const tracking::v1::Journey& journey) {
  const std::lock_guard lock(mutex);
  journeys_[journey.order_id()] = journey;
}

void FakeServices::make_token(const std::string& secret, v1::Role role) {
  const std::lock_guard lock(mutex);
  tokens_[secret] = role;
}

tracking::v1::Journey FakeServices::journey(const std::string& order_id) {
  const std::lock_guard lock(mutex);
  return journeys_.at(order_id);
}

void FakeServices::progress(const std::string& order_id, std::uint64_t revision) {
  tracking::v1::WatchJourneyResponse answer;
  answer.mutable_progress()->set_order_id(order_id);
  answer.mutable_progress()->set_revision(revision);
  const std::lock_guard lock(mutex);
  const auto [begin, end] = watchers_.equal_range(order_id);
  for (auto watcher = begin; watcher != end; ++watcher) watcher->second.push(answer);
}

void FakeServices::access() {
  server_.unary<intake::v1::VerifyTokenRequest, intake::v1::VerifyTokenResponse>(
      "loomline.intake.v1.AccessService.VerifyToken",
      [this](const rpc::CallContext&,
             const intake::v1::VerifyTokenRequest& request) -> Result<intake::v1::VerifyTokenResponse> {
        const std::lock_guard lock(mutex);
        ++verified;
        const auto found = tokens_.find(request.secret());
        if (found == tokens_.end()) return Status(Code::unauthenticated, "TOKEN_UNKNOWN", "This token is not known.");
        intake::v1::VerifyTokenResponse answer;
        answer.mutable_token()->set_token_id("tok_" + found->first.substr(4));
        answer.mutable_token()->set_role(found->second);
        return answer;
      });
  server_.unary<intake::v1::ResolveLinkRequest, intake::v1::ResolveLinkResponse>(
      "loomline.intake.v1.AccessService.ResolveLink",
      [](const rpc::CallContext&,
         const intake::v1::ResolveLinkRequest& request) -> Result<intake::v1::ResolveLinkResponse> {
        if (!request.link().starts_with("link-"))
          return Status(Code::unauthenticated, "LINK_UNKNOWN", "This link was not made here.");
        intake::v1::ResolveLinkResponse answer;
        answer.set_order_id("ord_" + request.link().substr(5));
        return answer;
      });
  server_.unary<intake::v1::CaptureRequirementRequest, intake::v1::CaptureRequirementResponse>(
      "loomline.intake.v1.IntakeService.CaptureRequirement",
      [this](const rpc::CallContext& call,
             const intake::v1::CaptureRequirementRequest& request) -> Result<intake::v1::CaptureRequirementResponse> {
        const std::lock_guard lock(mutex);
        calls.push_back(call);
        captured.push_back(request);
        call.answer_positions("intake.0@7");
        intake::v1::CaptureRequirementResponse answer;
        answer.set_order_id("ord_1");
        return answer;
      });
}

void FakeServices::journeys() {
  using namespace tracking::v1;  // NOLINT: messages, by name
  server_.unary<GetJourneyRequest, GetJourneyResponse>(
      "loomline.tracking.v1.TrackingService.GetJourney",
      [this](const rpc::CallContext&, const GetJourneyRequest& request) -> Result<GetJourneyResponse> {
        const std::lock_guard lock(mutex);
        const auto found = journeys_.find(request.order_id());
        if (found == journeys_.end()) return unknown("order " + request.order_id());
        GetJourneyResponse answer;
        *answer.mutable_journey() = found->second;
        return answer;
      });
  server_.server_push<WatchJourneyRequest, WatchJourneyResponse>(
      "loomline.tracking.v1.TrackingService.WatchJourney",
      [this](const rpc::CallContext&, const WatchJourneyRequest& request,
             rpc::StreamHandle<WatchJourneyResponse> stream) -> Status {
        const std::lock_guard lock(mutex);
        const auto found = journeys_.find(request.order_id());
        if (found == journeys_.end()) return unknown("order " + request.order_id());
        watched_after.push_back(request.after_revision());
        for (auto revision = request.after_revision() + 1; revision <= found->second.revision(); ++revision) {
          WatchJourneyResponse answer;
          answer.mutable_progress()->set_order_id(request.order_id());
          answer.mutable_progress()->set_revision(revision);
          stream.push(answer);
        }
        stream.on_gone([this] {
          const std::lock_guard held(mutex);
          ++watchers_gone;
        });
        watchers_.emplace(request.order_id(), std::move(stream));
        return {};
      });
  server_.unary<ListJourneysRequest, ListJourneysResponse>(
      "loomline.tracking.v1.TrackingService.ListJourneys",
      [this](const rpc::CallContext&, const ListJourneysRequest& request) -> Result<ListJourneysResponse> {
        const std::lock_guard lock(mutex);
        ListJourneysResponse answer;
        for (const auto& [id, journey] : journeys_)
          if (!request.late() || journey.late()) *answer.add_journeys() = journey;
        return answer;
      });
  server_.unary<CountOrdersRequest, CountOrdersResponse>(
      "loomline.tracking.v1.TrackingService.CountOrders",
      [this](const rpc::CallContext&, const CountOrdersRequest&) -> Result<CountOrdersResponse> {
        const std::lock_guard lock(mutex);
        std::map<std::pair<JourneyStatus, production::v1::Milestone>, int> counts;
        CountOrdersResponse answer;
        for (const auto& [id, journey] : journeys_) {
          ++counts[{journey.status(), journey.milestone()}];
          answer.set_late(answer.late() + (journey.late() ? 1 : 0));
        }
        for (const auto& [stage, number] : counts) {
          auto& count = *answer.add_stages();
          count.set_status(stage.first);
          count.set_milestone(stage.second);
          count.set_orders(number);
        }
        return answer;
      });
  server_.unary<quality::v1::GetCertificateRequest, quality::v1::GetCertificateResponse>(
      "loomline.quality.v1.QualityService.GetCertificate",
      [this](const rpc::CallContext&,
             const quality::v1::GetCertificateRequest& request) -> Result<quality::v1::GetCertificateResponse> {
        const std::lock_guard lock(mutex);
        const auto found = certificates.find(request.order_id());
        if (found == certificates.end()) return unknown("certificate");
        const auto& token = request.page().page_token();
        if (token.empty()) return found->second;
        const auto further = further_certificates.find(token);
        if (further == further_certificates.end()) return invalid("page.page_token", "is unknown", "give none");
        return further->second;
      });
}

void FakeServices::after_sales() {
  using namespace aftersales::v1;  // NOLINT: messages, by name
  server_.unary<OpenTicketRequest, OpenTicketResponse>(
      "loomline.aftersales.v1.AftersalesService.OpenTicket",
      [this](const rpc::CallContext& call, const OpenTicketRequest& request) -> Result<OpenTicketResponse> {
        const std::lock_guard lock(mutex);
        calls.push_back(call);
        tickets.push_back(request);
        return OpenTicketResponse();
      });
  server_.unary<AnswerSurveyRequest, AnswerSurveyResponse>(
      "loomline.aftersales.v1.AftersalesService.AnswerSurvey",
      [this](const rpc::CallContext& call, const AnswerSurveyRequest& request) -> Result<AnswerSurveyResponse> {
        const std::lock_guard lock(mutex);
        calls.push_back(call);
        surveys.push_back(request);
        return AnswerSurveyResponse();
      });
  server_.unary<ListTicketsRequest, ListTicketsResponse>(
      "loomline.aftersales.v1.AftersalesService.ListTickets",
      [this](const rpc::CallContext&, const ListTicketsRequest&) -> Result<ListTicketsResponse> {
        const std::lock_guard lock(mutex);
        ListTicketsResponse answer;
        for (std::size_t i = 0; i < tickets.size(); ++i) {
          auto& ticket = *answer.add_tickets();
          ticket.set_ticket_id("tkt_" + std::to_string(i + 1));
          ticket.set_order_id(tickets[i].order_id());
          ticket.set_category(tickets[i].category());
          ticket.set_priority(PRIORITY_MEDIUM);
        }
        return answer;
      });
}

void FakeServices::system() {
  server_.unary<v1::ListDeadLettersRequest, v1::ListDeadLettersResponse>(
      "loomline.common.v1.SystemService.ListDeadLetters",
      [this](const rpc::CallContext&,
             const v1::ListDeadLettersRequest& request) -> Result<v1::ListDeadLettersResponse> {
        const std::lock_guard lock(mutex);
        v1::ListDeadLettersResponse answer;
        for (const auto& letter : letters)
          if (letter.service() == request.service()) *answer.add_dead_letters() = letter;
        return answer;
      });
  const auto resolve = [this](const rpc::CallContext&,
                              const v1::ResolveDeadLetterRequest& request) -> Result<v1::ResolveDeadLetterResponse> {
    const std::lock_guard lock(mutex);
    const auto removed =
        std::erase_if(letters, [&](const auto& letter) { return letter.dead_letter_id() == request.dead_letter_id(); });
    if (removed == 0) return unknown("dead letter");
    return v1::ResolveDeadLetterResponse();
  };
  server_.unary<v1::ResolveDeadLetterRequest, v1::ResolveDeadLetterResponse>(
      "loomline.common.v1.SystemService.ReplayDeadLetter", resolve);
  server_.unary<v1::ResolveDeadLetterRequest, v1::ResolveDeadLetterResponse>(
      "loomline.common.v1.SystemService.DropDeadLetter", resolve);
  server_.unary<v1::ListChainsRequest, v1::ListChainsResponse>(
      "loomline.common.v1.SystemService.ListChains",
      [](const rpc::CallContext&, const v1::ListChainsRequest& request) -> Result<v1::ListChainsResponse> {
        v1::ListChainsResponse answer;
        answer.add_chains()->set_service(request.service());
        return answer;
      });
  server_.unary<v1::WaitIdleRequest, v1::WaitIdleResponse>(
      "loomline.common.v1.SystemService.WaitIdle",
      [this](const rpc::CallContext&, const v1::WaitIdleRequest& request) -> Result<v1::WaitIdleResponse> {
        const std::lock_guard lock(mutex);
        asked_briefly = request.brief();
        v1::WaitIdleResponse answer;
        answer.set_idle(true);
        for (const auto* service : {"intake", "configuration", "scheduling", "quality", "aftersales", "tracking"}) {
          auto& one = *answer.add_services() = activity[service];
          one.set_service(service);
          if (one.commands_running() > 0) answer.set_idle(false);
        }
        return answer;
      });
  server_.unary<v1::GetActivityRequest, v1::GetActivityResponse>(
      "loomline.common.v1.SystemService.GetActivity",
      [this](const rpc::CallContext&, const v1::GetActivityRequest& request) -> Result<v1::GetActivityResponse> {
        const std::lock_guard lock(mutex);
        auto answer = activity[request.service()];
        answer.set_service(request.service());
        return answer;
      });
}

}  // namespace loomline::edge
