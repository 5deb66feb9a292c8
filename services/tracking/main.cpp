// The tracking service as a process of its own; see README.md.
#include "loomline/host/process.hpp"
#include "loomline/tracking/service.hpp"

int main(int argc, char** argv) {
  return loomline::host::run_service(argc, argv, loomline::tracking::make_service, loomline::tracking::serve);
}
