// PostgreSQL and Kafka of the test's own, started by deploy/local in a folder of its own, so that both may be stopped,
// started and damaged. Whatever becomes of the test, another process takes them down.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/conformance/processes.hpp"

namespace loomline::eventing::conformance {
namespace {

namespace fs = std::filesystem;

// The servers' folder; they are there while this lives.
class Home {
 public:
  Home() {
    std::string path = fs::temp_directory_path() / "loomline-conformance-XXXXXX";
    if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder for the servers");
    path_ = path;
    fs::permissions(path_, fs::perms(0755));  // of PostgreSQL's user, too
    watch();
    up();
  }
  // The other process clears up once nobody holds the pipe.
  ~Home() {
    close(alive_);
    int status = 1;
    waitpid(keeper_, &status, 0);
    if (status == 0) fs::remove(path_.string() + ".log");
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  const fs::path& path() const { return path_; }
  void up() const { (void)local("up"); }
  std::string variable(const std::string& name) const {
    return local("env >\"$LOOMLINE_HOME.env\"; . \"$LOOMLINE_HOME.env\"; rm \"$LOOMLINE_HOME.env\"; printf %s \"$" +
                 name + "\"");
  }
  // Ends a server and waits until it is gone; `name` as the system knows its program.
  void stop(const std::string& name, int signal) const {
    for (const auto& pid : pids()) {
      std::string program;
      std::ifstream("/proc/" + pid + "/comm") >> program;
      if (program != name) continue;
      kill(std::stoi(pid), signal);
      while (fs::exists("/proc/" + pid)) usleep(20'000);
    }
  }

 private:
  std::string local(const std::string& command) const {
    const auto line = "unset LOOMLINE_POSTGRES LOOMLINE_KAFKA; export LOOMLINE_HOME='" + path_.string() +
                      "'; '" LOOMLINE_SOURCE_DIR "/deploy/local' " + command + " 2>>\"$LOOMLINE_HOME.log\"";
    FILE* pipe = popen(line.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("no shell");
    std::string said;
    for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) said += static_cast<char>(c);
    if (const int status = pclose(pipe); status != 0)
      throw std::runtime_error("deploy/local " + command + " fails; see " + path_.string() + ".log");
    return said;
  }
  std::vector<std::string> pids() const {
    std::vector<std::string> all;
    std::istringstream lines(local("pids"));
    for (std::string pid; lines >> pid;) all.push_back(pid);
    return all;
  }
  // A process that waits for the end of this one.
  void watch() {
    int pipe[2];
    if (pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    alive_ = pipe[1];
    keeper_ = fork();
    if (keeper_ == 0) {
      setsid();
      close(pipe[1]);
      char nothing;
      while (read(pipe[0], &nothing, 1) > 0) {
      }
      setenv("LOOMLINE_HOME", path_.c_str(), 1);
      unsetenv("LOOMLINE_POSTGRES");
      unsetenv("LOOMLINE_KAFKA");
      execl(LOOMLINE_SOURCE_DIR "/deploy/local", "local", "reset", nullptr);
      _exit(127);
    }
    close(pipe[0]);
  }

  fs::path path_;
  int alive_ = -1;
  pid_t keeper_ = -1;
};

// The servers serve several installations, one after the other.
std::shared_ptr<Home> home() {
  static std::shared_ptr<Home> one = std::make_shared<Home>();
  return one;
}

// Cuts the last `count` messages off a partition's log: whole batches, from the file's end (Kafka's batch begins with
// the first offset, 8 bytes, and the length of what follows, 4 bytes; its last offset is 11 bytes further on).
void cut_tail(const fs::path& segment, int count) {
  std::ifstream file(segment, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  std::vector<std::pair<std::size_t, std::int64_t>> batches;  // where one begins, how many messages it has
  for (std::size_t at = 0; at + 61 <= bytes.size();) {
    const auto length = number(at + 8, 4);
    if (length == 0) break;  // the file may be longer than what was written
    batches.emplace_back(at, static_cast<std::int64_t>(number(at + 23, 4)) + 1);
    at += 12 + length;
  }
  std::int64_t cut = 0;
  auto end = bytes.size();
  for (; cut < count && !batches.empty(); batches.pop_back()) {
    cut += batches.back().second;
    end = batches.back().first;
  }
  file.close();
  if (cut > 0) fs::resize_file(segment, end);
}

class OnServers final : public Processes {
 public:
  OnServers(std::shared_ptr<Home> home, const std::string& postgres, const std::string& kafka)
      : Processes(postgres, kafka), home_(std::move(home)) {}
  ~OnServers() override { drop_databases(); }

  std::string lacks(Need need) const override {
    return need == Need::wire_faults ? "a real broker does not refuse single requests on demand" : "";
  }

  void stop_broker() override {
    broker_down_ = true;
    home_->stop("java", SIGTERM);
  }
  void start_broker() override {
    if (std::exchange(broker_down_, false)) home_->up();
  }
  // As a machine that loses its power before its system has written the end of the log.
  void lose_tail(const std::string& topic, int count) override {
    home_->stop("java", SIGKILL);
    for (int lane = 0; lane < kLanes; ++lane) {
      const auto folder = home_->path() / "kafka/data" / (topic_name(topic) + "-" + std::to_string(lane));
      cut_tail(folder / "00000000000000000000.log", count);
      for (const auto& file : fs::directory_iterator(folder))
        if (file.path().extension() == ".snapshot" || file.path().extension() == ".index" ||
            file.path().extension() == ".timeindex")
          fs::remove(file.path());
    }
    home_->up();
  }
  void delete_records(const std::string& topic) override {
    std::vector<kafka::Place> ends;
    for (int lane = 0; lane < kLanes; ++lane) ends.push_back({topic_name(topic), lane, RD_KAFKA_OFFSET_END});
    auto* records = rd_kafka_DeleteRecords_new(kafka::list_of(ends).get());
    const kafka::Queue queue(rd_kafka_queue_new(client()));
    rd_kafka_DeleteRecords(client(), &records, 1, nullptr, queue.get());
    finish(queue);
    rd_kafka_DeleteRecords_destroy(records);
  }
  void wipe(const std::string& topic) override {
    const auto name = topic_name(topic);
    auto* deletion = rd_kafka_DeleteTopic_new(name.c_str());
    const kafka::Queue queue(rd_kafka_queue_new(client()));
    rd_kafka_DeleteTopics(client(), &deletion, 1, nullptr, queue.get());
    finish(queue);
    rd_kafka_DeleteTopic_destroy(deletion);
    while (kafka::partition_counts(client(), {name}, 5000).at(name) >= 0) usleep(20'000);
    kafka::ensure_topics(client(), {{name, kLanes, -1}});
  }
  // A restart, while everybody works.
  void stop_databases() override {
    forget_connections();
    databases_stopped_ = true;
    home_->stop("postgres", SIGINT);
  }
  void start_databases() override {
    if (std::exchange(databases_stopped_, false)) home_->up();
    remember_connections();
  }

 private:
  static void finish(const kafka::Queue& queue) {
    auto* event = rd_kafka_queue_poll(queue.get(), 10'000);
    if (event == nullptr) throw std::runtime_error("the broker does not answer");
    const auto error = rd_kafka_event_error(event);
    rd_kafka_event_destroy(event);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
  }

  std::shared_ptr<Home> home_;
  bool broker_down_ = false, databases_stopped_ = false;
};

}  // namespace

std::unique_ptr<Installation> on_servers() {
  auto servers = home();
  const auto postgres = servers->variable("LOOMLINE_POSTGRES"), kafka = servers->variable("LOOMLINE_KAFKA");
  return std::make_unique<OnServers>(std::move(servers), postgres, kafka);
}

}  // namespace loomline::eventing::conformance
