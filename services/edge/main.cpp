// The edge as a process of its own; see README.md.
#include "loomline/edge/service.hpp"

int main(int argc, char** argv) { return loomline::host::run_front(argc, argv, loomline::edge::front()); }
