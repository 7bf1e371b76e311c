// Adam, AdamW and SGD on contiguous numbers, as torch.optim defines them.
#pragma once

#include <cmath>

#include "vector.hpp"

namespace lth {

enum class Rule : int32_t { Sgd = 0, Adam = 1 };

struct Options {
    Rule rule;
    int32_t decoupled; // AdamW: decay apart from the gradient
    int32_t nesterov, maximize, amsgrad;
    double lr, beta1, beta2, eps, weight_decay, momentum, dampening;
};

// The numbers of one step: what depends on how many were taken.
template <class T> struct Step {
    bool first; // SGD's momentum starts as the gradient
    T lr, decay_factor, step_size, root_factor;
};

// Where `count` numbers (padded to whole vectors) and their moments lie; `mask` is 1 or 0, or absent.
template <class T> struct Moved {
    T *value, *first, *second, *largest;
    const T *gradient, *mask;
    int count;
};

template <class T> class Optimizer {
  public:
    explicit Optimizer(const Options &options) : options_(options) {}

    int moments() const {
        if (options_.rule == Rule::Adam) return options_.amsgrad ? 3 : 2;
        return options_.momentum != 0 ? 1 : 0;
    }

    // Goes on after `steps` steps; the powers of the betas are products, so that no library's pow is asked.
    void start(int64_t steps) {
        steps_ = steps, power1_ = power2_ = 1;
        for (int64_t step = 0; step < steps; ++step) power1_ *= options_.beta1, power2_ *= options_.beta2;
    }

    int64_t steps() const { return steps_; }

    // Begins one step at the learning rate `factor` * lr.
    void step(double factor) {
        ++steps_, power1_ *= options_.beta1, power2_ *= options_.beta2;
        const double lr = options_.lr * factor;
        step_.first = steps_ == 1;
        step_.lr = T(lr);
        step_.decay_factor = T(1 - lr * options_.weight_decay);
        step_.step_size = T(lr / (1 - power1_));
        step_.root_factor = T(1 / std::sqrt(1 - power2_));
    }

    void move(const Moved<T> &moved) const {
        if (options_.rule == Rule::Sgd) return sgd(moved);
        return moved.largest ? adam<true>(moved) : adam<false>(moved);
    }

  private:
    LTH_INLINE Vec<T> gradient(const Moved<T> &m, int at, Vec<T> value) const {
        Vec<T> g = load(m.gradient + at);
        if (options_.maximize) g = -g;
        if (options_.weight_decay != 0 && !options_.decoupled) g = fused(value, all<T>(T(options_.weight_decay)), g);
        return m.mask ? where<T>(load(m.mask + at) > Vec<T>{}, g, Vec<T>{}) : g;
    }

    // A masked number stays where it is, also where 0 / 0 would make it none.
    LTH_INLINE void store_kept(const Moved<T> &m, int at, Vec<T> value) const {
        if (m.mask) value = where<T>(load(m.mask + at) > Vec<T>{}, value, load(m.value + at));
        store<T>(m.value + at, value);
    }

    template <bool AMSGRAD> void adam(const Moved<T> &m) const {
        const Vec<T> slow = all<T>(T(1 - options_.beta1)), square = all<T>(T(1 - options_.beta2));
        for (int at = 0; at < m.count; at += LANES<T>) {
            Vec<T> value = load(m.value + at);
            const Vec<T> g = gradient(m, at, value);
            if (options_.decoupled) value *= step_.decay_factor;
            const Vec<T> before = load(m.first + at);
            const Vec<T> first = fused(g - before, slow, before);
            Vec<T> second = fused(g * square, g, load(m.second + at) * T(options_.beta2));
            store<T>(m.first + at, first);
            store<T>(m.second + at, second);
            if (AMSGRAD) {
                const Vec<T> largest = load(m.largest + at);
                second = where<T>(second < largest, largest, second);
                store<T>(m.largest + at, second);
            }
            const Vec<T> scale = fused(root(second), all<T>(step_.root_factor), all<T>(T(options_.eps)));
            store_kept(m, at, value - first * step_.step_size / scale);
        }
    }

    void sgd(const Moved<T> &m) const {
        for (int at = 0; at < m.count; at += LANES<T>) {
            const Vec<T> value = load(m.value + at);
            Vec<T> g = gradient(m, at, value);
            if (m.first) {
                const Vec<T> kept = load(m.first + at) * T(options_.momentum);
                const Vec<T> momentum = step_.first ? g : fused(g, all<T>(T(1 - options_.dampening)), kept);
                store<T>(m.first + at, momentum);
                g = options_.nesterov ? fused(momentum, all<T>(T(options_.momentum)), g) : momentum;
            }
            store_kept(m, at, value - g * step_.lr);
        }
    }

    Options options_;
    Step<T> step_{};
    int64_t steps_ = 0;
    double power1_ = 1, power2_ = 1;
};

} // namespace lth
