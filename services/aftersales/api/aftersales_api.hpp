// The methods of AftersalesService: free text goes to intake's vault first, then the aggregate decides. Thread-safe.
#pragma once

#include "loomline/aftersales/state/v1/state.pb.h"
#include "loomline/eventing/service.hpp"
#include "loomline/rpc/context.hpp"
#include "loomline/rpc/directory.hpp"

namespace loomline::aftersales::api {

class AftersalesApi {
 public:
  AftersalesApi(eventing::Executor& executor, eventing::Reader& reader, rpc::Directory& peers)
      : executor_(executor), reader_(reader), peers_(peers) {}

  Result<v1::OpenTicketResponse> open_ticket(const rpc::CallContext& call, const v1::OpenTicketRequest& request);
  Result<v1::UpdateTicketResponse> update_ticket(const rpc::CallContext& call, const v1::UpdateTicketRequest& request);
  Result<v1::GetTicketResponse> get_ticket(const rpc::CallContext& call, const v1::GetTicketRequest& request);
  Result<v1::ListTicketsResponse> list_tickets(const rpc::CallContext& call, const v1::ListTicketsRequest& request);
  Result<v1::GetSurveyResponse> get_survey(const rpc::CallContext& call, const v1::GetSurveyRequest& request);
  Result<v1::AnswerSurveyResponse> answer_survey(const rpc::CallContext& call, const v1::AnswerSurveyRequest& request);

 private:
  // The vault entry of a text; empty where there is none. `field` is the text's own.
  Result<std::string> store_text(const rpc::CallContext& call, const std::string& text, const std::string& order_id);
  Result<state::v1::TicketRecord> ticket(const std::string& tenant, const std::string& ticket_id);
  Result<state::v1::OrderRecord> order(const std::string& tenant, const std::string& order_id);

  eventing::Executor& executor_;
  eventing::Reader& reader_;
  rpc::Directory& peers_;
};

}  // namespace loomline::aftersales::api
