// The edge: the only public port. HTTP/JSON, server-sent events and web pages in front of the services' gRPC.
// Stateless: run as many as wanted.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "loomline/base/status.hpp"
#include "loomline/edge/limits.hpp"
#include "loomline/http/server.hpp"
#include "loomline/rpc/directory.hpp"

namespace loomline::edge {

struct Options {
  http::ServerOptions http;
  // Where people find this port from outside ("https://orders.example.com"), for the OpenAPI document; empty: relative.
  std::string public_url;
  // Set where the public side speaks TLS: cookies are then never sent without it.
  bool secure_cookies = false;
  // How long a verified token or link is believed without asking again: a revoked token works at most that long.
  std::chrono::milliseconds credential_cache{5'000};
  Limits limits;
};

class Edge {
 public:
  // `peers` must outlive the edge; it must know every service by name, and the alias production -> scheduling.
  Edge(Options options, rpc::Directory& peers);
  ~Edge();
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  Status start();
  unsigned short port() const;
  // "http://127.0.0.1:8080"
  std::string url() const;
  bool stop(std::chrono::milliseconds deadline = std::chrono::seconds(10));

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The OpenAPI 3.1 document of every public route, generated from the contracts. Deterministic.
std::string openapi_document(const std::string& public_url = {});

}  // namespace loomline::edge
