// The reference documents that are made from the contracts and from the tables in the code.
#pragma once

#include <string>
#include <vector>

#include "contracts.hpp"

namespace loomline::contract {

// AsyncAPI 3.0, as JSON: every public topic with its events.
std::string asyncapi(const Contracts& contracts);
// Every service, message and enum, as Markdown.
std::string grpc_reference(const Contracts& contracts);
// The lives of things, as Markdown with a Mermaid diagram each.
std::string lives();

// Every topic with its events and their hearers, by service and by topic, as Markdown.
std::string events(const Contracts& contracts);

struct Document {
  std::string path;  // below the checkout: "docs/api/grpc.md"
  std::string text;
};
std::vector<Document> documents(const Contracts& contracts);

}  // namespace loomline::contract
