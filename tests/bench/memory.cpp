#include "memory.hpp"

#ifdef LOOMLINE_JEMALLOC
#include <jemalloc/jemalloc.h>
#else
#include <malloc.h>
#endif

#include "src/work/residents.hpp"

namespace loomline::bench {

std::size_t allocated() {
#ifdef LOOMLINE_JEMALLOC
  std::uint64_t epoch = 1;
  std::size_t size = sizeof epoch;
  mallctl("epoch", &epoch, &size, &epoch, size);
  std::size_t bytes = 0;
  size = sizeof bytes;
  mallctl("stats.allocated", &bytes, &size, nullptr, 0);
  return bytes;
#else
  return mallinfo2().uordblks + mallinfo2().hblkhd;
#endif
}

Memory weigh(const Kept& kept) {
  Memory out;
  // What is read first makes tables of its own that stay.
  for (int round = 0; round < 2; ++round) {
    const auto before = allocated();
    eventing::Resident resident(kept.def(), {"main", "journey", kept.key()});
    resident.read_state(kept.bytes());
    out.parts = 0;
    out.stored = kept.bytes().size();
    for (std::size_t c = 0; c < kept.def().collections.size(); ++c)
      for (const auto entry : kept.parts().map(c)) {
        const auto bytes = entry.value->SerializeAsString();
        auto* part = entry.value->New();
        part->ParseFromString(bytes);
        resident.parts.put(c, entry.key, eventing::PartStore::Body(part));
        ++out.parts;
        out.stored += entry.key.size() + bytes.size();
      }
    resident.derive();
    out.read = allocated() - before;
    out.accounted = eventing::Residents::cost_of(resident);
  }
  return out;
}

}  // namespace loomline::bench
