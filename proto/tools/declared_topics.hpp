// What topics.textproto leaves out: the events of each topic, as they declare themselves.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <string>

#include "loomline/common/v1/topics.pb.h"

namespace loomline::contract {

// Adds every message of `files` that names a topic to that topic's events, in the order of the files and of their
// declarations. Gives what is wrong (a topic that is not declared; a catalogue that lists events itself); empty:
// nothing.
std::string add_declared_events(const google::protobuf::FileDescriptorSet& files, common::v1::TopicCatalog& catalog);

}  // namespace loomline::contract
