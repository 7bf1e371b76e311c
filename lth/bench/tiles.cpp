// How fast this core multiplies and adds, copies, and how fast the kernel's dense pieces are: one line of JSON.
#include <cstdio>
#include <ctime>

#include "run.hpp"

using namespace lth;
typedef float T;

static double now() {
    timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

// The least seconds of processor time that `work` took, of nine turns of 20 ms.
template <class Work> double seconds(Work work) {
    work();
    double least = 1e9;
    for (int turn = 0; turn < 9; ++turn) {
        const double began = now();
        int times = 0;
        do {
            for (int time = 0; time < 10; ++time) work();
            times += 10;
        } while (now() - began < 0.02);
        least = std::min(least, (now() - began) / times);
    }
    return least;
}

static void pieces(int h) {
    const int columns = 64, stride = (h + TILE<T> - 1) / TILE<T> * TILE<T>;
    Buffer<T> weights(h * stride), below(h * columns), above(h * columns), gradient(TILE_ROWS * stride);
    Buffer<T> first(h * stride), second(h * stride), panels((h + TILE<T>) * columns), scratch(PACKED_ROWS * BLOCK), bias(h);
    for (size_t n = 0; n < weights.size(); ++n) weights[n] = T(0.01) * (n % 7) - T(0.03);
    for (size_t n = 0; n < below.size(); ++n) below[n] = T(0.1) * (n % 5), above[n] = T(0.001) * (n % 3);
    const double forward = seconds([&] {
        Product<T> p{h, h, {weights.data(), stride, 1}, panels_of(below.data(), h, columns, panels.data()), above.data(), columns};
        p.bias = bias.data(), p.end = End::Relu;
        multiply(p, scratch.data());
    });
    const double back = seconds([&] {
        Product<T> p{h, h, {weights.data(), 1, stride}, panels_of(above.data(), h, columns, panels.data()), below.data(), columns};
        multiply(p, scratch.data());
    });
    const Panels<T> right = transposed_panels_of(below.data(), h, columns, panels.data());
    const double gradients = seconds([&] {
        for (int row = 0; row < h; row += TILE_ROWS)
            multiply(Product<T>{std::min(TILE_ROWS, h - row), columns, {above.data() + row * columns, columns, 1}, right,
                                gradient.data(), stride}, scratch.data());
    });
    Optimizer<T> adam({Rule::Adam, 0, 0, 0, 0, 1e-3, 0.9, 0.999, 1e-8, 0, 0, 0});
    adam.step(1);
    const double moved = seconds([&] {
        for (int row = 0; row < h; ++row)
            adam.move({weights.data() + row * stride, first.data() + row * stride, second.data() + row * stride, nullptr,
                       gradient.data(), nullptr, stride});
    });
    const double products = double(h) * h * columns / 1e9;
    std::printf(", \"%d\": {\"forward\": %g, \"back\": %g, \"gradient\": %g, \"adam\": %g}", h, products / forward,
                products / back, products / gradients, moved / (double(h) * stride) * 1e9);
}

int main() {
    Vec<T> sums[12];
    for (Vec<T> &sum : sums) sum = all<T>(1);
    const Vec<T> factor = all<T>(T(0.999)), added = all<T>(T(1e-4));
    const double peak = seconds([&] {
        for (int time = 0; time < 1000; ++time)
#pragma GCC unroll 12
            for (Vec<T> &sum : sums) sum = fused(sum, factor, added);
    });
    T kept = 0;
    for (const Vec<T> &sum : sums) kept += sum[0];
    const size_t streamed = size_t(1) << 24;
    Buffer<T> from(streamed), to(streamed);
    const double copy = seconds([&] { to.copy(from); });
    std::printf("{\"multiply-adds\": %g, \"bytes\": %g, \"sum\": %g", 12e3 * LANES<T> / peak / 1e9,
                2 * streamed * sizeof(T) / copy / 1e9, double(kept + to[1]));
    for (int h : {38, 104, 410}) pieces(h);
    std::printf("}\n");
}
