// The quality service as a process of its own; see README.md.
#include "loomline/host/process.hpp"
#include "loomline/quality/service.hpp"

int main(int argc, char** argv) {
  return loomline::host::run_service(argc, argv, loomline::quality::make_service, loomline::quality::serve);
}
