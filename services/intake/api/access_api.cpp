#include "api/access_api.hpp"

#include "api/calls.hpp"
#include "domain/check.hpp"
#include "domain/link.hpp"
#include "loomline/base/id.hpp"
#include "loomline/wire/check.hpp"
#include "loomline/wire/convert.hpp"

namespace loomline::intake::api {

Result<v1::CreateTokenResponse> AccessApi::create_token(const rpc::CallContext& call,
                                                        const v1::CreateTokenRequest& request) {
  if (auto status = domain::check(request); !status.ok()) return status;
  const std::string name = call.idempotency_key.empty() ? std::string() : request_of(call, "token");
  return tokens_.create(call.caller.tenant, name, request, clock_());
}

Result<v1::ListTokensResponse> AccessApi::list_tokens(const rpc::CallContext& call, const v1::ListTokensRequest&) {
  auto tokens = tokens_.list(call.caller.tenant);
  if (!tokens.ok()) return tokens.status();
  v1::ListTokensResponse response;
  response.mutable_tokens()->Assign(tokens->begin(), tokens->end());
  return response;
}

Result<v1::RevokeTokenResponse> AccessApi::revoke_token(const rpc::CallContext& call,
                                                        const v1::RevokeTokenRequest& request) {
  wire::Checker check;
  check.id("token_id", request.token_id(), "tok");
  if (!check.ok()) return check.status();
  auto token = tokens_.revoke(call.caller.tenant, request.token_id(), clock_());
  if (!token.ok()) return token.status();
  v1::RevokeTokenResponse response;
  *response.mutable_token() = *token;
  return response;
}

Result<v1::VerifyTokenResponse> AccessApi::verify_token(const rpc::CallContext&,
                                                        const v1::VerifyTokenRequest& request) {
  auto token = tokens_.verify(request.secret(), clock_());
  if (!token.ok()) return token.status();
  v1::VerifyTokenResponse response;
  *response.mutable_token() = *token;
  return response;
}

Result<v1::CreateLinkResponse> AccessApi::create_link(const rpc::CallContext& call,
                                                      const v1::CreateLinkRequest& request) {
  wire::Checker check;
  check.id("order_id", request.order_id(), prefix::order);
  check.range("valid_days", request.valid_days(), 0, 3650);
  if (!check.ok()) return check.status();
  if (auto known = orders_->order(call.caller.tenant, request.order_id()); !known.ok()) return known.status();
  const auto days = std::chrono::days(request.valid_days() == 0 ? 400 : request.valid_days());
  const Time expires = std::chrono::floor<std::chrono::seconds>(clock_() + days);
  v1::CreateLinkResponse response;
  response.set_link(domain::sign({request.order_id(), expires}, link_key_));
  response.set_path("/t/" + response.link());
  *response.mutable_expires_at() = wire::to_timestamp(expires);
  return response;
}

Result<v1::ResolveLinkResponse> AccessApi::resolve_link(const rpc::CallContext&,
                                                        const v1::ResolveLinkRequest& request) {
  auto link = domain::resolve(request.link(), link_key_, clock_());
  if (!link.ok()) return link.status();
  v1::ResolveLinkResponse response;
  response.set_order_id(link->order_id);
  *response.mutable_expires_at() = wire::to_timestamp(link->expires);
  return response;
}

}  // namespace loomline::intake::api
