#include "raw_topic.hpp"

#include <stdexcept>

namespace loomline::bench {

RawTopic::RawTopic(rd_kafka_t* producer, const std::string& name)
    : producer_(producer), topic_(rd_kafka_topic_new(producer, name.c_str(), nullptr)) {}

void RawTopic::send(int partition, std::string_view key, std::string_view body, std::span<const Header> headers) {
  auto* list = rd_kafka_headers_new(headers.size());
  for (const auto& [name, value] : headers)
    rd_kafka_header_add(list, name, -1, value.data(), static_cast<ssize_t>(value.size()));
  rd_kafka_vu_t arguments[6];
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = topic_.get();
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[2].u.mem = {const_cast<char*>(key.data()), key.size()};
  arguments[3].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[3].u.mem = {const_cast<char*>(body.data()), body.size()};
  arguments[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  arguments[4].u.headers = list;
  arguments[5].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[5].u.i = RD_KAFKA_MSG_F_COPY;
  rd_kafka_error_t* error = rd_kafka_produceva(producer_, arguments, 6);
  if (error == nullptr) return;
  const std::string why = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  rd_kafka_headers_destroy(list);
  throw std::runtime_error("the producer does not take a message: " + why);
}

}  // namespace loomline::bench
