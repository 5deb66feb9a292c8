// A replica in a process of its own (replica_main.cpp), as the test has it in its hands.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include "tests/conformance/replica.pb.h"

namespace loomline::eventing::conformance {

using kerneltest::v1::FromReplica;
using kerneltest::v1::ToReplica;

class ReplicaProcess {
 public:
  // What it answered; null where it ended before.
  using Hear = std::function<void(const FromReplica*)>;

  // Starts the process. Throws std::runtime_error.
  ReplicaProcess();
  ~ReplicaProcess();
  ReplicaProcess(const ReplicaProcess&) = delete;
  ReplicaProcess& operator=(const ReplicaProcess&) = delete;

  void tell(ToReplica message, Hear hear = [](const FromReplica*) {});
  // Hears what it has said; false once it has ended and all was heard.
  bool listen();
  // Listens until `number` of seconds have passed or the answer is there; an empty one where it ended.
  FromReplica ask(ToReplica message, int seconds = 60);
  void kill();

 private:
  void closed();

  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  std::int64_t last_ = 0;
  std::string input_;
  std::map<std::int64_t, Hear> hearers_;
};

}  // namespace loomline::eventing::conformance
