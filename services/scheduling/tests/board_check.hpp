// Whether what is resident says what the parts say.
#pragma once

#include <string>

#include "domain/plant_view.hpp"

namespace loomline::scheduling {

// What differs between the board of a plant and one that is made from its parts: its plan, its indexes, and the tallies
// of its lines. Empty: nothing.
std::string board_fault(const domain::PlantView& plant);
// The same of a board that is not the plant's own.
std::string board_fault(const domain::Board& board, const domain::PlantView& plant);

}  // namespace loomline::scheduling
