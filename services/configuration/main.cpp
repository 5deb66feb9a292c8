// The configuration service as a process of its own; see README.md.
#include "loomline/configuration/service.hpp"
#include "loomline/host/process.hpp"

int main(int argc, char** argv) {
  return loomline::host::run_service(argc, argv, loomline::configuration::make_service, loomline::configuration::serve);
}
