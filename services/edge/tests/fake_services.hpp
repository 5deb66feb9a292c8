// Services that answer with made-up things, in this process: what stands behind the edge in its tests and its preview.
#pragma once

#include <loomline/aftersales/v1/aftersales.pb.h>
#include <loomline/common/v1/system.pb.h>
#include <loomline/configuration/v1/configuration.pb.h>
#include <loomline/intake/v1/access.pb.h>
#include <loomline/intake/v1/intake.pb.h>
#include <loomline/quality/v1/quality.pb.h>
#include <loomline/tracking/v1/tracking.pb.h>

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "loomline/rpc/directory.hpp"
#include "loomline/rpc/server.hpp"

namespace loomline::edge {

class FakeServices {
 public:
  FakeServices();
  ~FakeServices() { server_.shutdown(std::chrono::seconds(1)); }

  void start();  // after the test has registered what it wants besides
  rpc::Directory& peers() { return peers_; }
  rpc::Server& server() { return server_; }

  // Every order that has a journey; "ord_KEY" is reached by the link "link-KEY". Tokens: "lmt_portal", "lmt_staff",
  // "lmt_mes", "lmt_ticketing".
  void put(const tracking::v1::Journey& journey);
  void make_token(const std::string& secret, common::v1::Role role);
  tracking::v1::Journey journey(const std::string& order_id);
  // Pushes a progress of this revision to whoever watches.
  void progress(const std::string& order_id, std::uint64_t revision);

  std::mutex mutex;
  std::vector<rpc::CallContext> calls;  // of OpenTicket, AnswerSurvey and CaptureRequirement
  std::vector<aftersales::v1::OpenTicketRequest> tickets;
  std::vector<aftersales::v1::AnswerSurveyRequest> surveys;
  std::vector<intake::v1::CaptureRequirementRequest> captured;
  std::vector<common::v1::DeadLetter> letters;
  std::map<std::string, quality::v1::GetCertificateResponse> certificates;
  std::map<std::string, quality::v1::GetCertificateResponse> further_certificates;  // by page token
  std::vector<std::uint64_t> watched_after;
  int verified = 0;
  int watchers_gone = 0;
  std::map<std::string, common::v1::GetActivityResponse> activity;
  bool asked_briefly = false;  // the last WaitIdle

 private:
  void access();
  void journeys();
  void after_sales();
  void system();

  std::map<std::string, common::v1::Role> tokens_{{"lmt_portal", common::v1::ROLE_PORTAL},
                                                  {"lmt_staff", common::v1::ROLE_STAFF},
                                                  {"lmt_mes", common::v1::ROLE_MES},
                                                  {"lmt_ticketing", common::v1::ROLE_TICKETING}};
  std::map<std::string, tracking::v1::Journey> journeys_;
  std::multimap<std::string, rpc::StreamHandle<tracking::v1::WatchJourneyResponse>> watchers_;
  rpc::Server server_;
  rpc::Directory peers_;
};

}  // namespace loomline::edge
