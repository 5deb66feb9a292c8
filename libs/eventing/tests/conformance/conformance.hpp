// The conformance suite's fixture: each case runs on an installation of each backend, with one replica a service to
// begin with, and ends in order: whatever was broken is mended, every call is answered, everything comes to rest, and
// the rules hold.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/conformance/rules.hpp"

namespace loomline::eventing::conformance {

struct Backend {
  const char* name;
  std::unique_ptr<Installation> (*make)();
  bool shared;  // by the cases, each with boxes of its own: it takes long to make
};
void PrintTo(const Backend& backend, std::ostream* out);

class Conformance : public ::testing::TestWithParam<Backend> {
 public:
  static void TearDownTestSuite() { shared_.reset(); }

 protected:
  void SetUp() override;
  void TearDown() override;

  Installation& at() { return *installation_; }
  // Of this case alone; with `lane`, in that one.
  std::string box(int number) const { return "box_" + std::to_string(case_) + "-" + std::to_string(number); }
  std::string box_in(int lane, int number) const;

  Call fill(const std::string& box, const std::string& tag = "t", std::int64_t amount = 1);
  Call unlock(const std::string& box);
  // Asks a replica of the service, one after the other, or the one that is named. A call that was not answered for good
  // is asked again, as a client would, whenever somebody waits.
  void ask(const Call& call, Installation::Replica replica = 0);
  void fill_boxes(int boxes, int times, const std::string& tag = "t");
  bool eventually(const std::function<bool()>& so);
  bool all_answered();
  bool until_answered() { return eventually([this] { return all_answered(); }); }
  ::testing::AssertionResult at_rest();

  // The broker has all that the service has committed.
  bool published(const std::string& service);
  // The broker holds everything that the service has ever committed.
  bool whole(const std::string& service);
  Installation::Replica only(const std::string& service);
  void replace_ended(const std::string& service);

  BoxState filled(const std::string& box) { return box_state(at(), "alpha", "box", box); }
  BoxState counted(const std::string& box) { return box_state(at(), "beta", "shadow", box); }
  std::vector<std::string> tags(const std::string& box) { return tags_of(counted(box)); }

  // An event of a chain that only this case writes, of a service that does not run: `story` tells its chains apart.
  Event event_of(const Message& event, const std::string& box, std::int64_t seq, int story = 0) const;
  Event stamp(const std::string& box, std::int64_t seq) const;
  void drop(const std::string& service, const Letter& letter);
  // The next case begins with an installation of its own.
  void spend() { spent_ = true; }

  Record record_;

 private:
  void ask_again();

  static std::unique_ptr<Installation> shared_;
  static int case_;
  std::unique_ptr<Installation> own_;
  Installation* installation_ = nullptr;
  bool spent_ = false;
  std::size_t turn_ = 0;
};

#define LOOMLINE_NEEDS(need) \
  if (const auto why = at().lacks(need); !why.empty()) GTEST_SKIP() << why

}  // namespace loomline::eventing::conformance
