// The intake service as a process of its own; see README.md.
#include "loomline/host/process.hpp"
#include "loomline/intake/service.hpp"

int main(int argc, char** argv) {
  return loomline::host::run_service(argc, argv, loomline::intake::make_service, loomline::intake::serve);
}
