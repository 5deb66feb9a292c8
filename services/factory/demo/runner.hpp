// One run of the demo: the story, told to a running installation.
#pragma once

#include <loomline/common/v1/http.pb.h>

#include <chrono>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "board.hpp"
#include "loomline/demo/demo.hpp"
#include "loomline/factory/factory.hpp"
#include "outcome.hpp"
#include "products.hpp"
#include "shop.hpp"
#include "summary.hpp"

namespace loomline::demo {

class Runner {
 public:
  Runner(const Options& options, std::ostream& out);
  ~Runner();

  // Tokens, products, plants, the clock. An error means that the installation cannot be used.
  Status prepare();
  // The whole story; an error where the installation failed on the way.
  Status play();
  // Every order against the story, and the run as a whole.
  Result<Summary> judge_all();
  void print_end(const Summary& summary) const;

 private:
  struct Live {
    PlannedOrder plan;
    std::string order_id, conflict, tracking_url;
    bool ended = false, surveyed = false;
  };

  Result<std::unique_ptr<factory::EdgeClient>> client_for(common::v1::Role role, const std::string& label);
  Status publish_products();
  Status start_clock();
  Status advance_to(Time time);
  Status place_due();
  Status place(const PlannedOrder& plan);
  Status cancel_due();
  Status cancel(Live& live);
  // Customers look in: surveys are answered, tickets opened; what has ended is noted.
  Status visit_customers();
  Result<std::int64_t> count_ended();
  Status serve_customer(Live& live, const tracking::v1::Journey& journey);
  Status show(bool always);
  std::optional<Time> next_time(const factory::Rest& rest) const;
  bool finished() const;
  Live* find(std::string_view order_id);
  void add_checks(Summary& summary, const factory::Rest& rest) const;
  // The start tells runs apart, and is the same in two runs on empty stores.
  std::string run_name() const;
  void note(const std::string& text);

  Options options_;
  std::ostream* out_;
  Board board_;
  factory::Draws draws_;
  std::shared_ptr<factory::Labels> labels_ = std::make_shared<factory::Labels>();
  std::vector<Product> products_;
  std::vector<std::string> token_ids_;
  std::unique_ptr<factory::EdgeClient> staff_, mes_, portal_;
  std::unique_ptr<factory::Quiet> quiet_;
  std::unique_ptr<factory::Factory> factory_;
  std::unique_ptr<Shop> shop_;
  std::unique_ptr<MemoryWatch> memory_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();

  Time start_{}, now_{}, last_day_{}, next_visit_{};
  std::size_t clock_moves_ = 0;
  std::int64_t dead_letters_before_ = 0, ended_before_ = 0;
  std::vector<PlannedOrder> story_;
  std::size_t told_ = 0;  // of the story
  std::vector<std::unique_ptr<Live>> orders_;
  std::map<std::string, Live*, std::less<>> by_id_;
  std::set<std::string> dispatched_;  // orders whose customer asks too late
};

}  // namespace loomline::demo
