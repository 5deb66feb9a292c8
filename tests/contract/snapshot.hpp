// The contracts as a sorted list of lines, one a thing that others rely on, and the comparison that finds what a change
// would break. The list of the last landed contracts is checked in (contracts.snapshot): a review sees every change.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "contracts.hpp"

namespace loomline::contract {

// "field loomline.common.v1.Money 1" -> {"name": "minor_units", "type": "int64", ...}. Things only: what a thing is
// called stands in its key where others rely on it.
using Attributes = std::map<std::string, std::string>;
using Snapshot = std::map<std::string, Attributes>;

Snapshot snapshot(const Contracts& contracts);
// Adds the messages and enums of a file.
void add_types(const google::protobuf::FileDescriptorProto& file, Snapshot& out);
std::string to_text(const Snapshot& snapshot);
// Throws std::runtime_error that names a line that cannot be read.
Snapshot parse_snapshot(std::string_view text);

// What of `before` `after` breaks, one sentence each; what was added breaks nothing.
std::vector<std::string> breaking_changes(const Snapshot& before, const Snapshot& after);

}  // namespace loomline::contract
