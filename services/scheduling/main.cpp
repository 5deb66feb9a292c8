// The scheduling service as a process of its own; see README.md.
#include "loomline/host/process.hpp"
#include "loomline/scheduling/service.hpp"

int main(int argc, char** argv) {
  return loomline::host::run_service(argc, argv, loomline::scheduling::make_service, loomline::scheduling::serve);
}
