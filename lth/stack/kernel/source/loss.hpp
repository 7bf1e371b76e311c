// Losses of the tasks: per sample, their gradients by the logits, and accuracies. Logits are (outputs x columns).
#pragma once

#include <cmath>
#include <vector>

#include "functions.hpp"

namespace lth {

enum class Kind : int32_t { Binary = 0, Classes = 1, Values = 2 };

struct Task {
    Kind kind;
    int first, count; // its outputs
};

// One task's block of logits and targets over `samples` of `columns`.
template <class T> struct Answers {
    const T *logits, *targets;
    int columns, samples, outputs;
};

template <class T> LTH_INLINE Mask<T> real_lanes(int column, int samples) {
    Mask<T> lanes{};
    if (column + LANES<T> <= samples) return ~lanes;
    for (int lane = 0; lane < LANES<T>; ++lane) lanes[lane] = column + lane < samples ? -1 : 0;
    return lanes;
}

// Adds the loss of every sample to `total`, and writes gradient * scale (zero for padding) where `errors` is given.
template <class T> void binary(const Answers<T> &a, double &total, T *errors, T scale) {
    Vec<T> sum{};
    for (int column = 0; column < a.columns; column += LANES<T>) {
        const Vec<T> z = load(a.logits + column), y = load(a.targets + column), zero{};
        const Vec<T> e = exponential<T>(where<T>(z < zero, z, -z));
        const Mask<T> real = real_lanes<T>(column, a.samples);
        const Vec<T> loss = where<T>(z < zero, zero, z) - z * y + log_of_one_plus<T>(e);
        sum += where<T>(real, loss, zero);
        if (errors) {
            const Vec<T> answer = where<T>(z < zero, e, all<T>(T(1))) / (e + T(1));
            store<T>(errors + column, where<T>(real, (answer - y) * scale, zero));
        }
    }
    total += sum_across<T>(sum);
}

template <class T> void classes(const Answers<T> &a, double &total, T *errors, T scale) {
    for (int column = 0; column < a.columns; column += LANES<T>) {
        const Vec<T> zero{};
        Vec<T> most = load(a.logits + column);
        for (int o = 1; o < a.outputs; ++o) {
            const Vec<T> z = load(a.logits + ptrdiff_t(o) * a.columns + column);
            most = where<T>(z > most, z, most);
        }
        Vec<T> sum{}, right{}, wanted{};
        for (int o = 0; o < a.outputs; ++o) {
            const ptrdiff_t place = ptrdiff_t(o) * a.columns + column;
            const Vec<T> z = load(a.logits + place) - most, y = load(a.targets + place);
            sum += exponential<T>(z);
            right = fused(z, y, right);
            wanted += y;
        }
        const Mask<T> real = real_lanes<T>(column, a.samples);
        const Vec<T> loss = fused(wanted, logarithm<T>(sum), -right);
        total += sum_across<T>(where<T>(real, loss, zero));
        for (int o = 0; errors && o < a.outputs; ++o) {
            const ptrdiff_t place = ptrdiff_t(o) * a.columns + column;
            const Vec<T> share = exponential<T>(load(a.logits + place) - most) / sum;
            store<T>(errors + place, where<T>(real, (share - load(a.targets + place)) * scale, zero));
        }
    }
}

template <class T> void values(const Answers<T> &a, double &total, T *errors, T scale) {
    const T each = T(2) / T(a.outputs);
    double squares = 0;
    for (int o = 0; o < a.outputs; ++o)
        for (int column = 0; column < a.columns; column += LANES<T>) {
            const ptrdiff_t place = ptrdiff_t(o) * a.columns + column;
            const Vec<T> zero{}, missed = load(a.logits + place) - load(a.targets + place);
            const Mask<T> real = real_lanes<T>(column, a.samples);
            squares += sum_across<T>(where<T>(real, missed * missed, zero));
            if (errors) store<T>(errors + place, where<T>(real, missed * each * scale, zero));
        }
    total += squares / a.outputs;
}

template <class T> void loss(Kind kind, const Answers<T> &answers, double &total, T *errors, T scale) {
    switch (kind) {
    case Kind::Binary: return binary<T>(answers, total, errors, scale);
    case Kind::Classes: return classes<T>(answers, total, errors, scale);
    default: return values<T>(answers, total, errors, scale);
    }
}

// How many samples are answered rightly: a logit above 0 says 1; a class is the first largest logit.
template <class T> int64_t right_answers(Kind kind, const Answers<T> &a) {
    int64_t right = 0;
    for (int sample = 0; sample < a.samples; ++sample) {
        if (kind == Kind::Binary) {
            right += (a.logits[sample] > 0) == (a.targets[sample] > T(0.5));
            continue;
        }
        int said = 0, wanted = 0;
        for (int o = 1; o < a.outputs; ++o) {
            const ptrdiff_t place = ptrdiff_t(o) * a.columns + sample;
            if (a.logits[place] > a.logits[ptrdiff_t(said) * a.columns + sample]) said = o;
            if (a.targets[place] > a.targets[ptrdiff_t(wanted) * a.columns + sample]) wanted = o;
        }
        right += said == wanted;
    }
    return right;
}

} // namespace lth
