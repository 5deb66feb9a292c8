// How long a session waits for its server.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace loomline::postgres {

class Watchman;

// libpq waits for an answer for as long as the connection stands, and a proxy on the way, or a server that is stopped, lets it
// stand for ever. A server ends a statement after its statement_timeout: one that has not answered `limit` after it was
// asked says nothing any more. Its socket is shut down then, so that whoever waits is told that the session is lost.
class Patience {
 public:
  // For the socket of a session, while this lives: it must end before the socket is closed. `limit` 0: no limit.
  Patience(int socket, std::chrono::milliseconds limit);
  ~Patience();
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  // From here to its end the server is asked something.
  class Question {
   public:
    explicit Question(Patience* patience);
    ~Question();
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

   private:
    Patience* patience_;
  };

  // Whether the last wait was ended from here.
  bool over() const { return over_; }

 private:
  friend class Watchman;
  const int socket_;
  const std::chrono::milliseconds limit_;
  const std::shared_ptr<Watchman> watchman_;  // none where there is no limit
  std::atomic<std::int64_t> asked_ms_{0};  // steady milliseconds; 0: nothing is asked
  std::atomic<bool> over_{false};
};

}  // namespace loomline::postgres
