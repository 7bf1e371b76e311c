// The door: plain C functions over handles, each for float (bytes = 4) or double (bytes = 8). None throws; where memory
// ends, what makes a handle gives none.
#include <cstdint>
#include <exception>

#include "run.hpp"

#ifndef LTH_SOURCE
#define LTH_SOURCE "unknown"
#endif
#define LTH_API extern "C" __attribute__((visibility("default")))

using namespace lth;

namespace {

template <class Work> void *made(Work work) {
    try {
        return work();
    } catch (const std::exception &) {
        return nullptr;
    }
}

template <class T> Samples<T> *samples_of(const int32_t *sizes, const int32_t *tasks, const void *x, const void *y) {
    std::vector<Task> made;
    for (int t = 0; t < sizes[2]; ++t) made.push_back({Kind(tasks[3 * t]), tasks[3 * t + 1], tasks[3 * t + 2]});
    return new Samples<T>(made, sizes[4], sizes[0], sizes[1], static_cast<const T *>(x), static_cast<const T *>(y), sizes[3]);
}

struct Request {
    int32_t layers, restore_best, leave_silent_out;
    const int32_t *widths;
    const uint8_t *mask;
    const double *factors;
    int64_t factor_count, steps, captured_step, skipped_steps, patience, max_epochs;
    uint64_t stream;
    double loss_cutoff, sparse_below;
    Options optimizer;
};

template <class T> Run<T> *run_of(const Samples<T> &samples, const Request &r, const void *row) {
    const Shape shape{{r.widths, r.widths + r.layers + 1}, r.mask, r.leave_silent_out != 0, r.sparse_below};
    const Segment segment{r.optimizer, {r.patience, r.max_epochs, r.loss_cutoff}, r.steps, r.captured_step, r.skipped_steps,
                          r.stream, r.restore_best, {r.factors, r.factors + r.factor_count}};
    int columns = TILE<T>;
    for (const HeldOut<T> &part : samples.held_out) columns = std::max(columns, part.columns);
    auto *run = new Run<T>(samples, shape, segment, columns);
    run->read(static_cast<const T *>(row));
    return run;
}

template <class T> Buffer<T> &part_of(Parameters<T> &p, int which) {
    return which == 0 ? p.value : which == 1 ? p.captured : which == 2 ? p.best : p.moments[which - 3];
}

template <class T> void write(Run<T> &run, int which, void *row) {
    run.network().each([&](Parameters<T> &p) {
        Buffer<T> &part = part_of(p, which);
        if (part.size()) p.write(part, static_cast<T *>(row));
    });
}

template <class T> void load_part(Run<T> &run, int which, const void *row) {
    run.network().each([&](Parameters<T> &p) {
        Buffer<T> &part = part_of(p, which);
        if (part.size()) p.read(static_cast<const T *>(row), part);
    });
}

} // namespace

#define BOTH(call_float, call_double) return bytes == 4 ? call_float : call_double
#define F(handle) (*static_cast<Run<float> *>(handle))
#define D(handle) (*static_cast<Run<double> *>(handle))

LTH_API const char *lth_source() { return LTH_SOURCE; }

// sizes: inputs, outputs, tasks, batch size, samples; tasks: kind, first output, outputs, of each.
LTH_API void *lth_samples(int bytes, const int32_t *sizes, const int32_t *tasks, const void *x, const void *y) {
    return made([&]() -> void * {
        if (bytes == 4) return samples_of<float>(sizes, tasks, x, y);
        return samples_of<double>(sizes, tasks, x, y);
    });
}

LTH_API int lth_hold_out(int bytes, void *samples, int64_t count, const void *x, const void *y, int columns) {
    auto add = [&](auto &to, auto *xs, auto *ys) { to.held_out.emplace_back(count, to.inputs, to.outputs, xs, ys, columns); };
    try {
        if (bytes == 4) add(*static_cast<Samples<float> *>(samples), static_cast<const float *>(x), static_cast<const float *>(y));
        else add(*static_cast<Samples<double> *>(samples), static_cast<const double *>(x), static_cast<const double *>(y));
        return 0;
    } catch (const std::exception &) {
        return 1;
    }
}

LTH_API void lth_free_samples(int bytes, void *samples) {
    if (bytes == 4) delete static_cast<Samples<float> *>(samples);
    else delete static_cast<Samples<double> *>(samples);
}

LTH_API void *lth_run(int bytes, const void *samples, const Request *request, const void *row) {
    return made([&]() -> void * {
        if (bytes == 4) return run_of<float>(*static_cast<const Samples<float> *>(samples), *request, row);
        return run_of<double>(*static_cast<const Samples<double> *>(samples), *request, row);
    });
}

LTH_API void lth_free_run(int bytes, void *run) {
    if (bytes == 4) delete &F(run);
    else delete &D(run);
}

LTH_API int lth_advance(int bytes, void *run, double seconds, int64_t epochs) {
    BOTH(F(run).advance(seconds, epochs), D(run).advance(seconds, epochs));
}

LTH_API void lth_gradient(int bytes, void *run, const void *row, void *found) {
    BOTH(F(run).gradient(static_cast<const float *>(row), static_cast<float *>(found)),
         D(run).gradient(static_cast<const double *>(row), static_cast<double *>(found)));
}

LTH_API void lth_apply(int bytes, void *run, const void *gradient, void *row) {
    BOTH(F(run).apply(static_cast<const float *>(gradient), static_cast<float *>(row)),
         D(run).apply(static_cast<const double *>(gradient), static_cast<double *>(row)));
}

LTH_API int lth_step_done(int bytes, void *run, const void *row) {
    BOTH(F(run).step_done(static_cast<const float *>(row)), D(run).step_done(static_cast<const double *>(row)));
}

// which: 0 values, 1 captured, 2 best, 3 and on the moments; places that take no part are left alone.
LTH_API void lth_write(int bytes, void *run, int which, void *row) { BOTH(write(F(run), which, row), write(D(run), which, row)); }
LTH_API void lth_read(int bytes, void *run, int which, const void *row) { BOTH(load_part(F(run), which, row), load_part(D(run), which, row)); }

// counts: numbers measured, 1 when over, steps of the optimiser, steps of this segment, the step of the capture.
LTH_API void lth_state(int bytes, void *run, int64_t *counts) {
    auto tell = [&](auto &r) {
        const int64_t found[] = {int64_t(r.measured().size()), r.over(), r.optimizer().steps(), r.taken(), r.captured_at()};
        std::copy(found, found + 5, counts);
    };
    bytes == 4 ? tell(F(run)) : tell(D(run));
}

LTH_API void lth_measured(int bytes, void *run, double *numbers) {
    const auto &from = bytes == 4 ? F(run).measured() : D(run).measured();
    std::copy(from.begin(), from.end(), numbers);
}

// Losses, then accuracies, of a part that was held out, at the values the run has now.
LTH_API void lth_measure(int bytes, void *run, int part, double *numbers) {
    auto tell = [&](auto &r) {
        const std::vector<double> found = r.measure(r.samples().held_out[part]);
        std::copy(found.begin(), found.end(), numbers);
    };
    bytes == 4 ? tell(F(run)) : tell(D(run));
}

LTH_API void lth_permutations(uint64_t stream, int32_t count, int32_t how_many, int32_t *orders) {
    Stream from{uint32_t(stream)};
    std::vector<int32_t> order(count);
    for (int n = 0; n < how_many; ++n) {
        from.permute(order);
        std::copy(order.begin(), order.end(), orders + int64_t(n) * count);
    }
}
