// The samples of a dataset as the kernel reads them; one copy serves all seeds of a worker.
#pragma once

#include <algorithm>
#include <vector>

#include "buffer.hpp"
#include "loss.hpp"

namespace lth {

// A part that is only measured: chunks of `columns` samples, each (inputs x columns) and (outputs x columns).
template <class T> struct HeldOut {
    int64_t count, chunks;
    int columns, inputs, outputs;
    Buffer<T> x, y;
    std::vector<double> spread; // per output the mean square around the mean, for R squared

    HeldOut(int64_t samples, int inputs_, int outputs_, const T *xs, const T *ys, int most)
        : count(samples), inputs(inputs_), outputs(outputs_) {
        columns = int(std::min<int64_t>(most, (samples + TILE<T> - 1) / TILE<T> * TILE<T>));
        chunks = (samples + columns - 1) / columns;
        x = chunked(xs, inputs), y = chunked(ys, outputs);
        for (int o = 0; o < outputs; ++o) {
            double mean = 0, square = 0;
            for (int64_t n = 0; n < count; ++n) mean += double(ys[n * outputs + o]) / count;
            for (int64_t n = 0; n < count; ++n) square += (ys[n * outputs + o] - mean) * (ys[n * outputs + o] - mean);
            spread.push_back(square / count);
        }
    }

    const T *inputs_of(int64_t chunk) const { return x.data() + chunk * inputs * columns; }
    const T *targets_of(int64_t chunk) const { return y.data() + chunk * outputs * columns; }
    int samples_of(int64_t chunk) const { return int(std::min<int64_t>(columns, count - chunk * columns)); }

  private:
    Buffer<T> chunked(const T *rows, int width) const {
        Buffer<T> made(chunks * width * columns);
        for (int64_t n = 0; n < count; ++n)
            for (int i = 0; i < width; ++i) made[(n / columns * width + i) * columns + n % columns] = rows[n * width + i];
        return made;
    }
};

template <class T> struct Samples {
    int inputs, outputs, batch_size, batch_columns;
    int64_t count, batches;
    std::vector<Task> tasks;
    Buffer<T> x, y; // sample by sample
    std::vector<HeldOut<T>> held_out;

    Samples(std::vector<Task> tasks_, int64_t samples, int inputs_, int outputs_, const T *xs, const T *ys, int batch)
        : inputs(inputs_), outputs(outputs_), count(samples), tasks(std::move(tasks_)) {
        batch_size = int(std::min<int64_t>(batch, samples));
        batch_columns = (batch_size + TILE<T> - 1) / TILE<T> * TILE<T>;
        batches = (samples + batch_size - 1) / batch_size;
        x = Buffer<T>(samples * inputs), y = Buffer<T>(samples * outputs);
        std::copy(xs, xs + samples * inputs, x.data());
        std::copy(ys, ys + samples * outputs, y.data());
    }

    int size_of(int64_t batch) const { return int(std::min<int64_t>(batch_size, count - batch * batch_size)); }
};

} // namespace lth
