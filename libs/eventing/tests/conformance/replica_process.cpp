#include "tests/conformance/replica_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "loomline/base/status.hpp"
#include "tests/conformance/pipes.hpp"

namespace loomline::eventing::conformance {

ReplicaProcess::ReplicaProcess() {
  std::signal(SIGPIPE, SIG_IGN);
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
  pid_ = vfork();
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    close_range(3, ~0U, 0);  // a mock cluster's connections, which would stay open with it
    execl(LOOMLINE_CONFORMANCE_REPLICA, LOOMLINE_CONFORMANCE_REPLICA, nullptr);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = out[0];
  fcntl(from_, F_SETFL, O_NONBLOCK);
}

ReplicaProcess::~ReplicaProcess() { kill(); }

void ReplicaProcess::tell(ToReplica message, Hear hear) {
  message.set_number(++last_);
  if (from_ < 0) return hear(nullptr);
  hearers_.emplace(last_, std::move(hear));
  const auto frame = framed(message);
  for (std::size_t sent = 0; sent < frame.size();) {
    const auto size = ::write(to_, frame.data() + sent, frame.size() - sent);
    if (size <= 0) return;  // it has ended; listen() finds out
    sent += static_cast<std::size_t>(size);
  }
}

bool ReplicaProcess::listen() {
  char buffer[65536];
  while (from_ >= 0) {
    const auto size = ::read(from_, buffer, sizeof buffer);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (size > 0) input_.append(buffer, static_cast<std::size_t>(size));
    FromReplica said;
    while (take_framed(input_, said)) {
      const auto found = hearers_.find(said.number());
      if (found == hearers_.end()) continue;
      const auto hear = std::move(found->second);
      hearers_.erase(found);
      hear(&said);
    }
    if (size <= 0) closed();
  }
  return from_ >= 0;
}

FromReplica ReplicaProcess::ask(ToReplica message, int seconds) {
  bool heard = false;
  FromReplica answer;
  answer.set_code(static_cast<int>(Code::unavailable));
  answer.set_reason("GONE");
  tell(std::move(message), [&](const FromReplica* said) {
    heard = true;
    if (said != nullptr) answer = *said;
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!heard && std::chrono::steady_clock::now() < deadline) {
    pollfd wait{from_, POLLIN, 0};
    poll(&wait, 1, 100);
    listen();
  }
  if (!heard) hearers_.erase(last_);
  return answer;
}

void ReplicaProcess::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
  closed();
}

// Whoever waits for an answer hears that there will be none.
void ReplicaProcess::closed() {
  if (from_ < 0) return;
  close(from_);
  close(to_);
  from_ = to_ = -1;
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
  for (const auto& [number, hear] : std::exchange(hearers_, {})) hear(nullptr);
}

}  // namespace loomline::eventing::conformance
