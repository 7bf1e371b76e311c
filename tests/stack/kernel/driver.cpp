// Trains small networks with the kernel and prints every bit of what comes of it, for a comparison between processors.
#include <cstdio>

#include "run.hpp"

using namespace lth;

template <class T> void train(double density, Kind kind) {
    uint32_t state = 12345;
    const auto number = [&] { return T(int32_t(state = state * 1664525u + 1013904223u)) / T(2147483648.0); };
    const std::vector<int32_t> widths = {4, 23, 18, 2};
    const int64_t count = 96;
    std::vector<T> x(count * 4), y(count * 2);
    for (T &value : x) value = 2 * number();
    for (int64_t n = 0; n < count; ++n) {
        const bool first = x[4 * n] * x[4 * n + 1] > 0;
        y[2 * n] = first, y[2 * n + 1] = kind == Kind::Classes ? !first : x[4 * n + 2] > x[4 * n + 3];
    }
    std::vector<Task> tasks = {{kind, 0, kind == Kind::Binary ? 1 : 2}};
    if (kind == Kind::Binary) tasks.push_back({kind, 1, 1});
    Samples<T> samples(tasks, count, 4, 2, x.data(), y.data(), 40);
    samples.held_out.emplace_back(count, 4, 2, x.data(), y.data(), 64);
    std::vector<T> row;
    std::vector<uint8_t> mask;
    for (size_t l = 0; l + 1 < widths.size(); ++l) {
        for (int n = 0; n < widths[l] * widths[l + 1]; ++n) {
            mask.push_back(number() < 2 * density - 1);
            row.push_back(mask.back() ? number() / T(2) : T(0));
        }
        for (int n = 0; n < widths[l + 1]; ++n) mask.push_back(1), row.push_back(number() / T(8));
    }
    Segment segment{};
    segment.optimizer = {Rule::Adam, 0, 0, 0, 0, 1e-2, 0.9, 0.999, 1e-8, 0, 0, 0};
    segment.stopping = {1000, 6, -1};
    segment.stream = 7;
    Run<T> run(samples, Shape{widths, mask.data(), true, 0.6}, segment, 64);
    run.read(row.data());
    while (!run.advance(1, 1000)) {}
    run.network().each([&](Parameters<T> &p) { p.write(p.value, row.data()); });
    const auto print = [](const void *from, size_t bytes) {
        for (size_t n = 0; n < bytes; ++n) std::printf("%02x", static_cast<const unsigned char *>(from)[n]);
    };
    print(row.data(), row.size() * sizeof(T));
    print(run.measured().data(), run.measured().size() * sizeof(double));
    std::printf("\n");
}

int main() {
    train<float>(1.0, Kind::Binary);
    train<float>(0.3, Kind::Classes);
    train<double>(0.3, Kind::Binary);
    train<double>(1.0, Kind::Values);
}
