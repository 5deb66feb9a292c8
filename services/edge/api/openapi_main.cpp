// Prints the OpenAPI document: loomline_openapi > docs/api/openapi.json
#include <iostream>

#include "loomline/edge/edge.hpp"

int main() {
  std::cout << loomline::edge::openapi_document();
  return std::cout.good() ? 0 : 1;
}
