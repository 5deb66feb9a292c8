// Protobuf messages to and from gRPC's buffers.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/proto_buffer_writer.h>

namespace loomline::rpc {

inline grpc::ByteBuffer to_bytes(const google::protobuf::Message& message) {
  const auto size = static_cast<int>(message.ByteSizeLong());
  if (size == 0) {
    grpc::Slice empty;
    return grpc::ByteBuffer(&empty, 1);
  }
  grpc::ByteBuffer buffer;
  grpc::ProtoBufferWriter writer(&buffer, size < 4096 ? size : 4096, size);
  message.SerializeToZeroCopyStream(&writer);
  return buffer;
}

// False where the bytes are not a message of that type.
inline bool from_bytes(grpc::ByteBuffer& buffer, google::protobuf::Message& message) {
  if (!buffer.Valid()) return false;
  grpc::ProtoBufferReader reader(&buffer);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

}  // namespace loomline::rpc
