// Files compiled into the library; see edge_embed in CMakeLists.txt.
#pragma once

#include <string_view>

namespace loomline::edge::embedded {

std::string_view descriptors();  // a serialized FileDescriptorSet of all contracts, with comments
std::string_view messages();
std::string_view style_css();
std::string_view tracking_js();
std::string_view icon_svg();

}  // namespace loomline::edge::embedded
