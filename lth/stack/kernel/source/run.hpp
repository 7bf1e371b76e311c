// One seed through one segment: epochs of steps, what they measured, and when it is over.
#pragma once

#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

#include "network.hpp"
#include "samples.hpp"
#include "stream.hpp"

namespace lth {

struct Stopping {
    int64_t patience, max_epochs;
    double loss_cutoff; // -1 for none
};

// What a segment is besides its numbers; `steps` were taken by the optimiser before.
struct Segment {
    Options optimizer;
    Stopping stopping;
    int64_t steps, captured_step, skipped_steps;
    uint64_t stream;
    int32_t restore_best;
    std::vector<double> factors; // of the learning rate, step by step; the last one goes on
};

template <class T> class Run {
  public:
    Run(const Samples<T> &samples, const Shape &shape, const Segment &segment, int measured_columns)
        : samples_(samples), segment_(segment), optimizer_(segment.optimizer),
          network_(shape, samples.batch_columns, measured_columns), stream_(uint32_t(segment.stream)),
          order_(samples.count), targets_(size_t(samples.outputs) * samples.batch_columns) {
        optimizer_.start(segment.steps);
        const std::vector<bool> used = network_.layers()[0].used();
        for (int input = 0; input < samples.inputs; ++input)
            if (used[input]) used_.push_back(input);
        network_.each([&](Parameters<T> &p) {
            for (int m = 0; m < optimizer_.moments(); ++m) p.moments[m] = Buffer<T>(p.value.size());
            if (segment.captured_step) p.captured = Buffer<T>(p.value.size());
            if (segment.restore_best) p.best = Buffer<T>(p.value.size());
        });
        for (int64_t epoch = 0; epoch < segment.skipped_steps / samples.batches; ++epoch) stream_.permute(order_);
        first_ = batch_ = segment.skipped_steps % samples.batches;
    }

    // Takes steps until the segment is over (true), or `seconds` have passed or so many more epochs are done.
    bool advance(double seconds, int64_t epochs) {
        using Clock = std::chrono::steady_clock;
        const auto until = Clock::now() + std::chrono::duration<double>(seconds);
        for (const int64_t last = epochs_ + epochs; !over_ && epochs_ < last;) {
            forward();
            optimizer_.step(factor());
            network_.backward([&](Parameters<T> &p, size_t first, size_t count, const T *gradient) {
                optimizer_.move(p.moved(gradient, first, count));
            });
            stepped();
            if (Clock::now() >= until) break;
        }
        return over_;
    }

    // The gradient of the next batch at these values, both canonical rows; places that take no part are left alone.
    void gradient(const T *row, T *found) {
        read(row);
        forward();
        network_.backward([&](Parameters<T> &p, size_t first, size_t count, const T *gradient) {
            for (size_t at = 0; at < count; ++at)
                if (p.place[first + at] >= 0) found[p.place[first + at]] = gradient[at];
        });
    }

    // Moves the values in `row` by this gradient, both canonical rows.
    void apply(const T *gradient, T *row) {
        optimizer_.step(factor());
        network_.each([&](Parameters<T> &p) {
            Buffer<T> piece(p.value.size());
            p.read(row, p.value), p.read(gradient, piece);
            optimizer_.move(p.moved(piece.data(), 0, p.value.size()));
            p.write(p.value, row);
        });
    }

    // Ends the step that `gradient` began; at the end of an epoch measures at these values. True when an epoch ended.
    bool step_done(const T *row) {
        const size_t before = measured_.size();
        if (batch_ + 1 == samples_.batches) read(row); // what is measured
        stepped();
        return measured_.size() > before;
    }

    // Losses, then accuracies, of every task.
    std::vector<double> measure(const HeldOut<T> &part) {
        const size_t tasks = samples_.tasks.size();
        std::vector<double> losses(tasks), right(tasks), missed(samples_.outputs);
        for (int64_t chunk = 0; chunk < part.chunks; ++chunk) {
            const T *logits = network_.measure(part.inputs_of(chunk), part.columns), *targets = part.targets_of(chunk);
            for (size_t t = 0; t < tasks; ++t) {
                const Task &task = samples_.tasks[t];
                const ptrdiff_t block = ptrdiff_t(task.first) * part.columns;
                const Answers<T> answers{logits + block, targets + block, part.columns, part.samples_of(chunk), task.count};
                loss<T>(task.kind, answers, losses[t], nullptr, T(0));
                if (task.kind != Kind::Values) {
                    right[t] += right_answers(task.kind, answers);
                    continue;
                }
                for (int o = 0; o < task.count; ++o)
                    for (int n = 0; n < answers.samples; ++n) {
                        const double off = double(answers.logits[o * part.columns + n]) - answers.targets[o * part.columns + n];
                        missed[task.first + o] += off * off / part.count;
                    }
            }
        }
        std::vector<double> found;
        for (double sum : losses) found.push_back(sum / part.count);
        for (size_t t = 0; t < tasks; ++t)
            found.push_back(samples_.tasks[t].kind == Kind::Values ? r_squared(part, samples_.tasks[t], missed) : right[t] / part.count);
        return found;
    }

    Network<T> &network() { return network_; }
    const Samples<T> &samples() const { return samples_; }
    const Optimizer<T> &optimizer() const { return optimizer_; }
    const std::vector<double> &measured() const { return measured_; } // epoch by epoch: train loss, val loss, val accuracy
    int64_t captured_at() const { return captured_at_; }
    int64_t taken() const { return taken_; }
    bool over() const { return over_; }

    void read(const T *row) {
        network_.each([&](Parameters<T> &p) { p.read(row, p.value); });
    }

  private:
    void forward() {
        if (batch_ == first_ && !begun_) {
            stream_.permute(order_);
            train_.assign(samples_.tasks.size(), 0.0);
            begun_ = true;
        }
        const int size = samples_.size_of(batch_), columns = samples_.batch_columns;
        gather(batch_ * samples_.batch_size, size);
        const T *logits = network_.forward();
        for (size_t t = 0; t < samples_.tasks.size(); ++t) {
            const Task &task = samples_.tasks[t];
            const ptrdiff_t block = ptrdiff_t(task.first) * columns;
            loss<T>(task.kind, {logits + block, targets_.data() + block, columns, size, task.count}, train_[t],
                    network_.output_errors() + block, T(1) / T(double(size) * samples_.tasks.size()));
        }
    }

    void gather(int64_t start, int size) {
        const int columns = samples_.batch_columns;
        T *x = network_.inputs(), *y = targets_.data();
        for (int n = 0; n < size; ++n) {
            const T *from = samples_.x.data() + int64_t(order_[start + n]) * samples_.inputs;
            for (int32_t input : used_) x[ptrdiff_t(input) * columns + n] = from[input];
            const T *wanted = samples_.y.data() + int64_t(order_[start + n]) * samples_.outputs;
            for (int o = 0; o < samples_.outputs; ++o) y[ptrdiff_t(o) * columns + n] = wanted[o];
        }
    }

    double factor() const {
        if (segment_.factors.empty()) return 1;
        return segment_.factors[std::min<size_t>(taken_, segment_.factors.size() - 1)];
    }

    void stepped() {
        ++taken_;
        if (taken_ == segment_.captured_step) capture();
        if (++batch_ < samples_.batches) return;
        const double count = samples_.count - first_ * samples_.batch_size;
        const std::vector<double> held = measure(samples_.held_out[0]);
        for (double sum : train_) measured_.push_back(sum / count);
        measured_.insert(measured_.end(), held.begin(), held.end());
        first_ = batch_ = 0, begun_ = false;
        stop(held);
        if (over_ && taken_ < segment_.captured_step) capture();
    }

    void capture() {
        captured_at_ = taken_;
        network_.each([&](Parameters<T> &p) { p.captured.copy(p.value); });
    }

    void stop(const std::vector<double> &held) {
        double loss = 0;
        const size_t tasks = samples_.tasks.size();
        bool finite = true;
        for (size_t t = 0; t < tasks; ++t) loss += held[t] / tasks, finite &= std::isfinite(train_[t]);
        const Stopping &rule = segment_.stopping;
        ++epochs_;
        const bool improved = finite && loss < best_;
        waited_ = improved ? 0 : waited_ + 1;
        if (improved) {
            best_ = loss;
            if (segment_.restore_best) network_.each([&](Parameters<T> &p) { p.best.copy(p.value); });
        }
        over_ = waited_ >= rule.patience || epochs_ >= rule.max_epochs || !finite || !std::isfinite(loss) ||
                loss <= rule.loss_cutoff;
    }

    static double r_squared(const HeldOut<T> &part, const Task &task, const std::vector<double> &missed) {
        double sum = 0;
        for (int o = task.first; o < task.first + task.count; ++o)
            sum += part.spread[o] > 0 ? 1 - missed[o] / part.spread[o] : missed[o] == 0 ? 1 : 0;
        return sum / task.count;
    }

    const Samples<T> &samples_;
    Segment segment_;
    Optimizer<T> optimizer_;
    Network<T> network_;
    Stream stream_;
    std::vector<int32_t> order_, used_;
    Buffer<T> targets_;
    std::vector<double> measured_, train_;
    int64_t first_ = 0, batch_ = 0, taken_ = 0, captured_at_ = 0, epochs_ = 0, waited_ = 0;
    double best_ = std::numeric_limits<double>::infinity();
    bool begun_ = false, over_ = false;
};

} // namespace lth
