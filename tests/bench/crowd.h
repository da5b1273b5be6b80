// People, tools and nuisances at the daemon's port, for the load bench: threads that yield to everything else.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace aitrade::bench {

struct CrowdCounts {
  std::uint64_t requests{0}, refused{0}, broken{0};   // replies, of them with a status of 400 and more; no reply
  std::uint64_t messages{0}, bytes{0};                // frames of the live stream, all bytes read
  std::size_t viewers{0};                             // streams that are open at the end
};

struct CrowdPlan {
  std::uint16_t port{0};
  std::size_t viewers{0};
  int requests_per_second{0};
  std::size_t stalled{0};        // viewers that never read
  std::size_t slow_heads{0};     // connections whose request never ends: a byte each tenth of a second
};

/// Comes with its construction and goes with its end.
class Crowd {
 public:
  explicit Crowd(const CrowdPlan& plan);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  [[nodiscard]] CrowdCounts counts() const;

 private:
  void watch();                  // all viewers
  void ask(int per_second);      // one connection after the other
  void stall();
  void drip();

  CrowdPlan plan_;
  std::atomic<bool> is_over_{false};
  std::atomic<std::uint64_t> requests_{0}, refused_{0}, broken_{0}, messages_{0}, bytes_{0};
  std::atomic<std::size_t> viewers_{0};
  std::vector<std::thread> threads_;
};

}  // namespace aitrade::bench
