#include "documents.hpp"

namespace loomline::contract {

std::vector<Document> documents(const Contracts& contracts) {
  return {{"docs/api/asyncapi.json", asyncapi(contracts)},
          {"docs/api/grpc.md", grpc_reference(contracts)},
          {"docs/events.md", events(contracts)},
          {"docs/lives.md", lives()}};
}

}  // namespace loomline::contract
