// The commands against a small HTTP server that plays the edge.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "loomline/common/v1/system.pb.h"
#include "loomline/configuration/v1/configuration.pb.h"
#include "loomline/http/server.hpp"
#include "loomline/intake/v1/access.pb.h"
#include "loomline/intake/v1/intake.pb.h"
#include "loomline/tracking/v1/tracking.pb.h"

namespace loomline::cli {
namespace {

std::string json(const google::protobuf::Message& message) {
  std::string text;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text).ok());
  return text;
}

struct Ran {
  int code;
  std::string out, err;
};

class Cli : public ::testing::Test {
 protected:
  void answer(const char* verb, const char* path, std::string body, int status = 200) {
    edge_.route(verb, path, [this, body, status](const http::Request& request) {
      const std::lock_guard lock(mutex_);
      last_[request.route] = request;
      return http::json_response(body, status);
    });
  }
  void refuse(const char* verb, const char* path, Status status) {
    edge_.route(verb, path, [status](const http::Request&) { return http::problem(status, ""); });
  }
  http::Request last(const std::string& route) {
    const std::lock_guard lock(mutex_);
    return last_[route];
  }
  Ran run(std::vector<std::string> words) {
    if (edge_.port() == 0) {
      EXPECT_TRUE(edge_.start().ok());
    }
    words.insert(words.begin(), "loomline");
    words.insert(words.end(), {"--url", "http://127.0.0.1:" + std::to_string(edge_.port()), "--token", "lmt_secret"});
    return run_plain(words);
  }
  static Ran run_plain(const std::vector<std::string>& words) {
    std::ostringstream out;
    std::ostringstream err;
    Context context(out, err);
    const auto app = make_app(context);
    std::vector<const char*> argv;
    for (const auto& word : words) argv.push_back(word.c_str());
    const int code = cli::run(*app, context, static_cast<int>(argv.size()), argv.data());
    return {code, out.str(), err.str()};
  }

  http::Server edge_;
  std::mutex mutex_;
  std::map<std::string, http::Request> last_;
};

intake::v1::QuoteResponse offer() {
  intake::v1::QuoteResponse quote;
  quote.set_order_id("ord_1");
  quote.set_answer(configuration::v1::ANSWER_BUILDABLE);
  quote.set_quote_id("quo_1");
  quote.mutable_total_net()->set_minor_units(84190);
  quote.mutable_total_net()->set_currency("EUR");
  return quote;
}

TEST_F(Cli, AQuoteCapturesAsksAndShowsThePriceAndTheNextStep) {
  answer("POST", "/v1/orders", R"({"order_id":"ord_1"})");
  answer("POST", "/v1/orders/{order_id}/quote", json(offer()));
  const auto ran =
      run({"quote", "--model", "mdl_x", "-c", "Red", "-c", "Big", "--without", "Blue", "--budget", "900EUR"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("total 841.90 EUR net"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("next: loomline order place ord_1"), std::string::npos);
  const auto sent = last("/v1/orders");
  EXPECT_EQ(sent.headers.get("Authorization"), "Bearer lmt_secret");
  EXPECT_TRUE(sent.headers.get("Idempotency-Key").has_value());
  intake::v1::CaptureRequirementRequest request;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(sent.body, &request).ok()) << sent.body;
  ASSERT_EQ(request.wishes(0).choices_size(), 3);
  EXPECT_EQ(request.wishes(0).choices(2).feature(), "Blue");
  EXPECT_FALSE(request.wishes(0).choices(2).selected());
  EXPECT_EQ(request.budget().minor_units(), 90000);
}

TEST_F(Cli, AConflictIsNamedWithWaysOutAndExitsOne) {
  auto quote = offer();
  quote.set_answer(configuration::v1::ANSWER_NOT_BUILDABLE);
  quote.mutable_conflict()->mutable_explanation()->set_en("Red and Big exclude each other.");
  quote.mutable_conflict()->add_rules()->set_text("Red => !Big");
  quote.add_repairs()->mutable_explanation()->set_en("Leave out Big.");
  answer("POST", "/v1/orders", R"({"order_id":"ord_1"})");
  answer("POST", "/v1/orders/{order_id}/quote", json(quote));
  const auto ran = run({"quote", "--model", "mdl_x"});
  EXPECT_EQ(ran.code, 1);
  for (const char* part : {"not buildable", "Red and Big exclude each other.", "Red => !Big", "Leave out Big."}) {
    EXPECT_NE(ran.out.find(part), std::string::npos) << ran.out;
  }
}

TEST_F(Cli, OpenQuestionsExitOne) {
  answer("POST", "/v1/orders",
         R"({"order_id":"ord_1","open_questions":[{"question_id":"ship_to","text":{"en":"To which country?"}}]})");
  const auto ran = run({"quote", "--model", "mdl_x"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.out.find("ship_to: To which country?"), std::string::npos) << ran.out;
}

TEST_F(Cli, AnErrorNamesFieldProblemAndRemedyAndItsExitCode) {
  refuse("POST", "/v1/orders/{order_id}/place",
         failed_precondition("QUOTE_EXPIRED", "The quote has expired.").with({"quote_id", "is old", "quote again"}));
  const auto ran = run({"order", "place", "ord_1", "--quote", "quo_1"});
  EXPECT_EQ(ran.code, 6);
  EXPECT_NE(ran.err.find("The quote has expired. [QUOTE_EXPIRED]"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("quote_id: is old; quote again"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.out, "");
}

TEST_F(Cli, WithoutAPermissionItSaysHowToGetOne) {
  refuse("GET", "/v1/tokens", Status(Code::unauthenticated, "TOKEN_UNKNOWN", "The token is not known."));
  const auto ran = run({"token", "list"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_NE(ran.err.find("loomline token create"), std::string::npos) << ran.err;
}

TEST_F(Cli, JsonIsTheMessageAndErrorsAreJsonToo) {
  answer("POST", "/v1/orders/{order_id}/place", R"({"order_id":"ord_1","state":"ORDER_STATE_PLACED"})");
  const auto ran = run({"-o", "json", "order", "place", "ord_1", "--quote", "quo_1"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("\"state\": \"ORDER_STATE_PLACED\""), std::string::npos) << ran.out;
}

TEST_F(Cli, ListsFollowPages) {
  edge_.route("GET", "/v1/models", [](const http::Request& request) {
    const bool first = !request.query_param("page.page_token");
    return http::json_response(first ? R"({"models":[{"model_id":"mdl_a","version":1}],"next_page_token":"n"})"
                                     : R"({"models":[{"model_id":"mdl_b","version":2}]})");
  });
  const auto ran = run({"model", "list"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("mdl_a"), std::string::npos);
  EXPECT_NE(ran.out.find("mdl_b"), std::string::npos);
}

TEST_F(Cli, WatchFollowsEventsToTheEnd) {
  edge_.stream("/v1/orders/{order_id}/events", [](const http::Request&, http::EventStream stream) {
    for (const char* status : {"JOURNEY_STATUS_ACTIVE", "JOURNEY_STATUS_DELIVERED"}) {
      stream.push({"1", "",
                   std::string(R"({"progress":{"order_id":"ord_1","milestone":"MILESTONE_SHIPPED","status":")") +
                       status + "\"}}"});
    }
    return std::optional<http::Response>();
  });
  const auto ran = run({"order", "watch", "ord_1"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("shipped"), std::string::npos) << ran.out;
}

TEST_F(Cli, WatchWaitsForAnOrderThatTrackingHasNotHeardOfYet) {
  auto calls = std::make_shared<std::atomic<int>>(0);
  edge_.stream("/v1/orders/{order_id}/events",
               [calls](const http::Request&, http::EventStream stream) -> std::optional<http::Response> {
                 if (++*calls < 3) return http::problem(not_found("ORDER_UNKNOWN", "Nothing was heard of it."), "");
                 stream.push({"1", "", R"({"progress":{"order_id":"ord_1","status":"JOURNEY_STATUS_CANCELLED"}})"});
                 return std::nullopt;
               });
  EXPECT_EQ(run({"order", "watch", "ord_1"}).code, 1);
  EXPECT_EQ(*calls, 3);
}

TEST_F(Cli, WatchGoesOnAfterARefusalThatWasMended) {
  edge_.stream("/v1/orders/{order_id}/events", [](const http::Request&, http::EventStream stream) {
    for (const char* status : {"JOURNEY_STATUS_REFUSED", "JOURNEY_STATUS_ACTIVE", "JOURNEY_STATUS_DELIVERED"})
      stream.push({"1", "", std::string(R"({"progress":{"order_id":"ord_1","status":")") + status + "\"}}"});
    return std::optional<http::Response>();
  });
  answer("GET", "/v1/orders/{order_id}/journey",
         R"({"journey":{"order_id":"ord_1","status":"JOURNEY_STATUS_ACTIVE"}})");
  EXPECT_EQ(run({"order", "watch", "ord_1"}).code, 0);
}

TEST_F(Cli, WatchEndsAtARefusalThatStands) {
  edge_.stream("/v1/orders/{order_id}/events", [](const http::Request&, http::EventStream stream) {
    stream.push({"1", "", R"({"progress":{"order_id":"ord_1","status":"JOURNEY_STATUS_REFUSED"}})"});
    return std::optional<http::Response>();
  });
  answer("GET", "/v1/orders/{order_id}/journey",
         R"({"journey":{"order_id":"ord_1","status":"JOURNEY_STATUS_REFUSED"}})");
  EXPECT_EQ(run({"order", "watch", "ord_1"}).code, 1);
}

TEST_F(Cli, AnOrderWithoutAQuoteIsNotPlaced) {
  answer("GET", "/v1/orders/{order_id}", R"({"order":{"order_id":"ord_1"}})");
  const auto ran = run({"order", "place", "ord_1"});
  EXPECT_EQ(ran.code, 6);
  EXPECT_NE(ran.err.find("loomline quote --order ord_1"), std::string::npos) << ran.err;
}

TEST_F(Cli, AModelFileThatIsNotJsonIsNamedWithItsPlace) {
  const std::string path = ::testing::TempDir() + "broken.json";
  std::ofstream(path) << "{\"model_id\": ";
  const auto ran = run({"model", "import", path});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("broken.json is not JSON"), std::string::npos) << ran.err;
  EXPECT_EQ(run({"model", "import", "/nowhere/x.json"}).code, 2);
  const auto folder = run({"quote", "--file", ::testing::TempDir()});
  EXPECT_EQ(folder.code, 2);
  EXPECT_NE(folder.err.find("is a folder"), std::string::npos) << folder.err;
}

TEST_F(Cli, WrongUsageIsTwoAndNobodyThereIsFour) {
  EXPECT_EQ(run({"order"}).code, 2);
  EXPECT_EQ(run({"nonsense"}).code, 2);
  EXPECT_EQ(run({"quote"}).code, 2);
  EXPECT_EQ(run({"token", "create", "--role", "king"}).code, 2);
  const auto ran = run_plain({"loomline", "model", "list", "--url", "http://127.0.0.1:1"});
  EXPECT_EQ(ran.code, 4);
  EXPECT_NE(ran.err.find("is Loomline running"), std::string::npos) << ran.err;
}

common::v1::ChainStatus chain() {
  common::v1::ChainStatus chain;
  chain.set_service("intake");
  chain.set_role(common::v1::CHAIN_ROLE_PUBLISHES);
  chain.set_topic("loomline.intake.order");
  chain.set_partition(3);
  chain.set_source("intake");
  chain.set_epoch(1);
  chain.set_committed(90);
  chain.set_reached(88);
  return chain;
}

TEST_F(Cli, ChainShowNamesWhatStandsAndWhatIsLost) {
  common::v1::ListChainsResponse response;
  *response.add_chains() = chain();
  auto& troubled = *response.add_chains();
  troubled = chain();
  troubled.set_partition(4);
  troubled.set_trouble("has published nothing since noon");
  troubled.add_holes()->set_first_seq(7);
  troubled.mutable_holes(0)->set_last_seq(9);
  answer("GET", "/v1/chains", json(response));
  const auto all = run({"chain", "show", "--service", "intake"});
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_NE(all.out.find("loomline.intake.order/3"), std::string::npos) << all.out;
  EXPECT_NE(all.out.find("7-9 lost for good"), std::string::npos) << all.out;
  const auto some = run({"chain", "show", "--troubled", "--output", "json"});
  EXPECT_EQ(some.out.find("\"partition\": 3"), std::string::npos) << some.out;
  EXPECT_NE(some.out.find("nothing since noon"), std::string::npos) << some.out;
}

TEST_F(Cli, ChainRefillAndSkipSayWhatWillHappen) {
  common::v1::RefillChainResponse refilled;
  *refilled.mutable_chain() = chain();
  answer("POST", "/v1/chains/refill", json(refilled));
  const auto again = run({"chain", "refill", "--service", "intake", "--topic", "loomline.intake.order", "--partition",
                          "3", "--from", "80"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_NE(again.out.find("80-90 will be sent again"), std::string::npos) << again.out;
  EXPECT_NE(last("/v1/chains/refill").body.find("\"80\""), std::string::npos);

  refuse("POST", "/v1/chains/skip", failed_precondition("CHAIN_ALREADY_THERE", "It has applied these already."));
  const std::vector<std::string> skip{
      "chain",  "skip",    "--service", "tracking", "--topic", "loomline.intake.order", "--source",
      "intake", "--epoch", "1",         "--to",     "9",       "--partition",           "3"};
  EXPECT_EQ(run(skip).code, 2) << "a note is required";
  auto noted = skip;
  noted.insert(noted.end(), {"--note", "the disk of 7 May"});
  EXPECT_EQ(run(noted).code, 6);
}

TEST_F(Cli, HelpTeaches) {
  const auto ran = run_plain({"loomline", "quote", "--help"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("Examples:"), std::string::npos) << ran.out;
  EXPECT_NE(run_plain({"loomline", "--help"}).out.find("Exit codes:"), std::string::npos);
}

TEST_F(Cli, CompletionKnowsCommandsFlagsAndValues) {
  const auto complete = [](std::vector<std::string> words) {
    words.insert(words.begin(), {"loomline", "__complete"});
    return run_plain(words).out;
  };
  EXPECT_EQ(complete({"dead-letter", ""}), "drop\nlist\nreplay\n");
  EXPECT_EQ(complete({"ord"}), "order\n");
  EXPECT_NE(complete({"order", "watch", "--"}).find("--until\n"), std::string::npos);
  EXPECT_NE(complete({"order", "watch", "--"}).find("--url\n"), std::string::npos);
  EXPECT_EQ(complete({"--output", ""}), "json\ntable\n");
  EXPECT_NE(run_plain({"loomline", "completion", "bash"}).out.find("complete -F _loomline loomline"),
            std::string::npos);
}

TEST_F(Cli, TopicsAreThoseOfTheDeclaration) {
  const auto ran = run_plain({"loomline", "topics", "list"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("loomline.intake.order"), std::string::npos);
}

}  // namespace
}  // namespace loomline::cli
