// The aftersales service as a process of its own; see README.md.
#include "loomline/aftersales/service.hpp"
#include "loomline/host/process.hpp"

int main(int argc, char** argv) {
  return loomline::host::run_service(argc, argv, loomline::aftersales::make_service, loomline::aftersales::serve);
}
