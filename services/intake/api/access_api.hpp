// AccessService. Credentials end by the wall clock, not by the business clock: what they keep out lives in real time.
#pragma once

#include <functional>
#include <memory>

#include "api/intake_api.hpp"
#include "loomline/intake/v1/access.pb.h"
#include "store/tokens.hpp"

namespace loomline::intake::api {

class AccessApi {
 public:
  AccessApi(std::shared_ptr<IntakeApi> orders, store::Tokens tokens, std::string link_key, std::function<Time()> clock)
      : orders_(std::move(orders)),
        tokens_(std::move(tokens)),
        link_key_(std::move(link_key)),
        clock_(std::move(clock)) {}

  Result<v1::CreateTokenResponse> create_token(const rpc::CallContext& call, const v1::CreateTokenRequest& request);
  Result<v1::ListTokensResponse> list_tokens(const rpc::CallContext& call, const v1::ListTokensRequest& request);
  Result<v1::RevokeTokenResponse> revoke_token(const rpc::CallContext& call, const v1::RevokeTokenRequest& request);
  Result<v1::VerifyTokenResponse> verify_token(const rpc::CallContext& call, const v1::VerifyTokenRequest& request);
  Result<v1::CreateLinkResponse> create_link(const rpc::CallContext& call, const v1::CreateLinkRequest& request);
  Result<v1::ResolveLinkResponse> resolve_link(const rpc::CallContext& call, const v1::ResolveLinkRequest& request);

 private:
  std::shared_ptr<IntakeApi> orders_;
  store::Tokens tokens_;
  std::string link_key_;
  std::function<Time()> clock_;
};

}  // namespace loomline::intake::api
