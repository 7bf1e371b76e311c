// One seed's network: the neurons that take part, forward, backward, and the numbers by their canonical places.
#pragma once

#include <algorithm>

#include "layer.hpp"

namespace lth {

// A masked MLP in full shape; the canonical row is layer by layer the weights (out x in) and then the biases.
struct Shape {
    std::vector<int32_t> widths;
    const uint8_t *mask;
    bool leave_silent_out; // neurons that reach no output get no gradient: where nothing else moves them, they may rest
    double sparse_below;
};

inline std::vector<Wiring> wirings(const Shape &shape) {
    const int layers = int(shape.widths.size()) - 1;
    std::vector<Wiring> found(layers);
    int64_t at = 0;
    for (int l = 0; l < layers; ++l) {
        const int64_t in = shape.widths[l], out = shape.widths[l + 1];
        found[l].fan_in = shape.widths[l], found[l].mask = shape.mask;
        found[l].weights = at, found[l].biases = at + in * out;
        at += in * out + out;
    }
    std::vector<int32_t> above(shape.widths[layers]);
    for (size_t n = 0; n < above.size(); ++n) above[n] = n;
    for (int l = layers - 1; l >= 0; --l) {
        std::vector<int32_t> below;
        for (int32_t n = 0; n < shape.widths[l]; ++n) {
            const auto heard = [&](int32_t to) { return found[l].unpruned(to, n); };
            if (l == 0 || !shape.leave_silent_out || std::any_of(above.begin(), above.end(), heard)) below.push_back(n);
        }
        found[l].to = above, found[l].from = below;
        above = below;
    }
    return found;
}

// Activations (or errors) of all layers for so many columns; layer 0 is empty where the inputs lie elsewhere.
template <class T> struct Activations {
    int columns;
    std::vector<Buffer<T>> layers;
};

template <class T> class Network {
  public:
    Network(const Shape &shape, int batch_columns, int held_out_columns) {
        for (const Wiring &wiring : wirings(shape)) layers_.emplace_back(wiring, shape.sparse_below);
        training_ = activations(batch_columns, layers_[0].in);
        errors_ = activations(batch_columns, 0), measuring_ = activations(held_out_columns, 0);
        size_t widest = 0, gradient = 0;
        for (const Layer<T> &layer : layers_) {
            widest = std::max<size_t>(widest, std::max(layer.in, layer.out) + TILE<T>);
            gradient = std::max(gradient, layer.gradient_size());
        }
        panels_ = Buffer<T>(widest * std::max(batch_columns, held_out_columns));
        gradient_ = Buffer<T>(gradient), scratch_ = Buffer<T>(PACKED_ROWS * BLOCK);
    }

    std::vector<Layer<T>> &layers() { return layers_; }
    T *inputs() { return training_.layers[0].data(); }

    // The logits (outputs x columns) of the training batch that lies in `inputs`.
    const T *forward() { return pass(training_, training_.layers[0].data(), training_.columns); }

    // The same of inputs (inputs x columns) that lie elsewhere; at most as many columns as were asked for at the start.
    const T *measure(const T *inputs, int columns) { return pass(measuring_, inputs, columns); }

    T *output_errors() { return errors_.layers.back().data(); }

    // Follows `forward`; `take` gets every piece of the gradient, of the last layer first.
    template <class Take> void backward(Take take) {
        const int columns = training_.columns;
        for (int l = int(layers_.size()) - 1; l >= 0; --l) {
            const T *errors = errors_.layers[l + 1].data(), *below = training_.layers[l].data();
            if (l) layers_[l].input_gradient(errors, errors_.layers[l].data(), below, columns, panels_.data(), scratch_.data());
            layers_[l].weight_gradient(errors, below, columns, panels_.data(), scratch_.data(), gradient_.data(), take);
        }
    }

    // Calls visit(parameters) for the weights and biases of every layer.
    template <class Visit> void each(Visit visit) {
        for (Layer<T> &layer : layers_) visit(layer.weights), visit(layer.biases);
    }

  private:
    Activations<T> activations(int columns, int inputs) const {
        Activations<T> made{columns, {}};
        made.layers.emplace_back(size_t(inputs) * columns);
        for (const Layer<T> &layer : layers_) made.layers.emplace_back(size_t(layer.out) * columns);
        return made;
    }

    const T *pass(Activations<T> &into, const T *values, int columns) {
        for (size_t l = 0; l < layers_.size(); ++l) {
            T *result = into.layers[l + 1].data();
            const End end = l + 1 < layers_.size() ? End::Relu : End::Plain;
            layers_[l].forward(values, result, columns, end, panels_.data(), scratch_.data());
            values = result;
        }
        return values;
    }

    std::vector<Layer<T>> layers_;
    Activations<T> training_, errors_, measuring_;
    Buffer<T> panels_, gradient_, scratch_;
};

} // namespace lth
