// A plain socket, to say on the wire what no decent client would say.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace loomline::http {

class RawSocket {
 public:
  explicit RawSocket(unsigned short port, int receive_buffer = 0) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawSocket() { close(); }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  bool connected() const { return connected_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // Says that nothing more will be sent; answers are still read.
  void finish_sending() { shutdown(fd_, SHUT_WR); }
  // Everything until the other end closes (or 20 s of silence).
  std::string read_all() {
    while (read_some()) {
    }
    return std::move(seen_);
  }
  // Until `needle` has come `times` times; false where the connection ends first.
  bool read_until(std::string_view needle, int times = 1) {
    for (;;) {
      int found = 0;
      for (std::size_t at = seen_.find(needle); at != seen_.npos; at = seen_.find(needle, at + needle.size())) ++found;
      if (found >= times) return true;
      if (!read_some()) return false;
    }
  }
  // Until that much has come altogether; false where the connection ends first.
  bool read_at_least(std::size_t bytes) {
    while (seen_.size() < bytes) {
      if (!read_some()) return false;
    }
    return true;
  }
  const std::string& seen() const { return seen_; }

 private:
  bool read_some() {
    char buffer[4096];
    const auto n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    seen_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string seen_;
};

inline std::string get_line(std::string_view target, std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

}  // namespace loomline::http
