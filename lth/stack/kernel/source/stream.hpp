// A seed's own stream of permutations: the Mersenne twister (Matsumoto & Nishimura, 1998) and the shuffle with which
// torch.randperm draws, so that the order of the data does not depend on who trains.
#pragma once

#include <cstdint>
#include <vector>

namespace lth {

class Stream {
  public:
    explicit Stream(uint32_t seed) {
        state_[0] = seed;
        for (uint32_t n = 1; n < SIZE; ++n) state_[n] = 1812433253u * (state_[n - 1] ^ (state_[n - 1] >> 30)) + n;
    }

    uint32_t next() {
        if (place_ == SIZE) twist();
        uint32_t x = state_[place_++];
        x ^= x >> 11;
        x ^= (x << 7) & 0x9d2c5680u;
        x ^= (x << 15) & 0xefc60000u;
        return x ^ (x >> 18);
    }

    void permute(std::vector<int32_t> &order) {
        const uint32_t count = order.size();
        for (uint32_t n = 0; n < count; ++n) order[n] = n;
        for (uint32_t n = 0; n + 1 < count; ++n) std::swap(order[n], order[n + next() % (count - n)]);
    }

  private:
    static constexpr uint32_t SIZE = 624, SHIFT = 397;

    void twist() {
        for (uint32_t n = 0; n < SIZE; ++n) {
            const uint32_t y = (state_[n] & 0x80000000u) | (state_[(n + 1) % SIZE] & 0x7fffffffu);
            state_[n] = state_[(n + SHIFT) % SIZE] ^ (y >> 1) ^ (y & 1 ? 0x9908b0dfu : 0);
        }
        place_ = 0;
    }

    uint32_t state_[SIZE], place_ = SIZE;
};

} // namespace lth
