// The methods of IntakeService that need the vault, other services or a listing. All thread-safe.
#pragma once

#include "loomline/eventing/runtime.hpp"
#include "loomline/intake/state/v1/state.pb.h"
#include "loomline/rpc/context.hpp"
#include "loomline/rpc/directory.hpp"
#include "store/vault.hpp"

namespace loomline::intake::api {

class IntakeApi {
 public:
  IntakeApi(eventing::Executor& executor, eventing::Reader& reader, store::Vault vault, rpc::Directory& peers)
      : executor_(executor), reader_(reader), vault_(std::move(vault)), peers_(peers) {}

  Result<v1::CaptureRequirementResponse> capture(const rpc::CallContext& call,
                                                 const v1::CaptureRequirementRequest& request);
  Result<v1::AnswerConfirmationResponse> answer(const rpc::CallContext& call,
                                                const v1::AnswerConfirmationRequest& request);
  Result<v1::QuoteResponse> quote(const rpc::CallContext& call, const v1::QuoteRequest& request);
  Result<v1::GetOrderResponse> get_order(const rpc::CallContext& call, const v1::GetOrderRequest& request);
  Result<v1::ListOrdersResponse> list_orders(const rpc::CallContext& call, const v1::ListOrdersRequest& request);
  Result<v1::GetSubjectResponse> get_subject(const rpc::CallContext& call, const v1::GetSubjectRequest& request);
  Result<v1::EraseSubjectResponse> erase_subject(const rpc::CallContext& call, const v1::EraseSubjectRequest& request);
  Result<v1::StoreTextResponse> store_text(const rpc::CallContext& call, const v1::StoreTextRequest& request);

  // The order as it is kept; not_found ORDER_UNKNOWN. Also for signed links.
  Result<state::v1::OrderRecord> order(const std::string& tenant, const std::string& order_id);

 private:
  using PartyInputs = google::protobuf::RepeatedPtrField<v1::PartyInput>;
  using Parties = google::protobuf::RepeatedPtrField<common::v1::Party>;
  Result<Parties> resolve_parties(const rpc::CallContext& call, const PartyInputs& inputs);
  Result<common::v1::Party> resolve_party(const rpc::CallContext& call, const v1::PartyInput& input, int index);
  Result<state::v1::RecordQuoteCommand> ask_peers(const rpc::CallContext& call, const state::v1::OrderRecord& order,
                                                  const v1::QuoteRequest& request);
  Status promise_lines(const rpc::CallContext& call, const state::v1::OrderRecord& order,
                       const v1::QuoteRequest& request, v1::QuoteResponse& answer);

  eventing::Executor& executor_;
  eventing::Reader& reader_;
  store::Vault vault_;
  rpc::Directory& peers_;
};

}  // namespace loomline::intake::api
