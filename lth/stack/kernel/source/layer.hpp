// One layer of one seed: its values and moments, dense or as the rows of its unpruned weights.
#pragma once

#include <vector>

#include "optimizer.hpp"
#include "sparse.hpp"

namespace lth {

template <class T> constexpr size_t padded(size_t count) { return (count + LANES<T> - 1) / LANES<T> * LANES<T>; }

// Which neurons take part and which weights between them are unpruned, in the places of the canonical row.
struct Wiring {
    std::vector<int32_t> from, to;   // indices of the neurons below and above that take part
    int32_t fan_in;                  // of the full layer
    int64_t weights, biases;         // where the full layer's weights and biases begin in the canonical row
    const uint8_t *mask;             // the canonical row's
    bool unpruned(int32_t out, int32_t in) const { return mask[weights + int64_t(out) * fan_in + in]; }
};

// The share of unpruned weights below which a layer of so many is faster weight by weight: `lth.bench threshold`.
inline double usual_sparse_below(double weights) {
    return weights <= 512 ? 2 : weights <= 4096 ? 0.8 : weights <= 32768 ? 0.65 : 0.45;
}

constexpr int MOMENTS = 3;

// Numbers that train together: values, moments, and where they stand in the canonical row (-1: padding or pruned).
template <class T> struct Parameters {
    Buffer<T> value, moments[MOMENTS], mask, captured, best;
    Buffer<int64_t> place;

    Parameters() = default;
    explicit Parameters(size_t count) : value(padded<T>(count)), place(padded<T>(count)) {
        for (size_t at = 0; at < place.size(); ++at) place[at] = -1;
    }
    void read(const T *row, Buffer<T> &into) const {
        for (size_t at = 0; at < place.size(); ++at) into[at] = place[at] < 0 ? T(0) : row[place[at]];
    }
    void write(const Buffer<T> &from, T *row) const {
        for (size_t at = 0; at < place.size(); ++at)
            if (place[at] >= 0) row[place[at]] = from[at];
    }
    // A mask is kept only where something that lies between trained numbers must stay as it is.
    void mask_out_rest(bool any_pruned) {
        if (!any_pruned) return;
        mask = Buffer<T>(place.size());
        for (size_t at = 0; at < place.size(); ++at) mask[at] = place[at] >= 0;
    }
    Moved<T> moved(const T *gradient, size_t first, size_t count) {
        T *moment[MOMENTS];
        for (int m = 0; m < MOMENTS; ++m) moment[m] = moments[m].size() ? moments[m].data() + first : nullptr;
        return {value.data() + first, moment[0], moment[1], moment[2], gradient,
                mask.size() ? mask.data() + first : nullptr, int(count)};
    }
};

template <class T> class Layer {
  public:
    // `sparse_below`: the share of unpruned weights below which their rows are walked one weight at a time; below 0: usual.
    Layer(const Wiring &wiring, double sparse_below) : in(wiring.from.size()), out(wiring.to.size()) {
        int64_t unpruned = 0;
        for (int32_t to : wiring.to)
            for (int32_t from : wiring.from) unpruned += wiring.unpruned(to, from);
        const double whole = double(in) * double(out);
        const double below = sparse_below < 0 ? usual_sparse_below(whole) : sparse_below;
        sparse = double(unpruned) < below * whole;
        stride = sparse ? 0 : (in + TILE<T> - 1) / TILE<T> * TILE<T>;
        weights = Parameters<T>(sparse ? unpruned : size_t(out) * stride);
        biases = Parameters<T>(out);
        sparse ? fill_sparse(wiring, unpruned) : fill_dense(wiring, unpruned);
        bool pruned = false;
        for (int row = 0; row < out; ++row) {
            const int64_t place = wiring.biases + wiring.to[row];
            wiring.mask[place] ? void(biases.place[row] = place) : void(pruned = true);
        }
        biases.mask_out_rest(pruned);
    }

    void forward(const T *values, T *result, int columns, End end, T *panels, T *scratch) const {
        if (sparse) return walk<T, false>({rows(), weights.value.data(), values, result, columns, biases.value.data(), end, nullptr});
        Product<T> product{out, in, {weights.value.data(), stride, 1}, panels_of(values, in, columns, panels), result, columns};
        product.bias = biases.value.data(), product.end = end;
        multiply(product, scratch);
    }

    // The errors of the layer below, zero where its activation is zero.
    void input_gradient(const T *errors, T *below, const T *activations, int columns, T *panels, T *scratch) const {
        if (sparse) return walk<T, true>({columns_of(), weights.value.data(), errors, below, columns, nullptr, End::Gate, activations});
        Product<T> product{in, out, {weights.value.data(), 1, stride}, panels_of(errors, out, columns, panels), below, columns};
        product.end = End::Gate, product.gate = activations;
        multiply(product, scratch);
    }

    // Calls take(parameters, first, count, gradient) for pieces of the gradient, until all have been given.
    template <class Take>
    void weight_gradient(const T *errors, const T *values, int columns, T *panels, T *scratch, T *gradient, Take take) {
        for (int row = 0; row < out; ++row) {
            Vec<T> sum{};
            for (int column = 0; column < columns; column += LANES<T>) sum += load(errors + ptrdiff_t(row) * columns + column);
            gradient[row] = sum_across<T>(sum);
        }
        take(biases, 0, biases.value.size(), gradient);
        if (sparse) {
            dots<T>(rows(), errors, values, columns, gradient);
            return take(weights, 0, weights.value.size(), gradient);
        }
        const Panels<T> right = transposed_panels_of(values, in, columns, panels);
        for (int row = 0; row < out; row += TILE_ROWS) {
            const int count = out - row < TILE_ROWS ? out - row : TILE_ROWS;
            multiply(Product<T>{count, columns, {errors + ptrdiff_t(row) * columns, columns, 1}, right, gradient, stride}, scratch);
            take(weights, size_t(row) * stride, size_t(count) * stride, gradient);
        }
    }

    // Numbers that the gradient of one piece may take.
    size_t gradient_size() const {
        const size_t piece = sparse ? weights.value.size() : size_t(TILE_ROWS) * stride;
        return (piece > biases.value.size() ? piece : biases.value.size()) + TILE<T>;
    }

    // Input neurons that any weight comes from.
    std::vector<bool> used() const {
        std::vector<bool> found(in, !sparse);
        if (sparse)
            for (size_t entry = 0; entry < row_other_.size(); ++entry) found[row_other_[entry]] = true;
        return found;
    }

    int in, out;
    bool sparse;
    ptrdiff_t stride;
    Parameters<T> weights, biases;

  private:
    Rows rows() const { return {row_first_.data(), row_other_.data(), nullptr, out}; }
    Rows columns_of() const { return {column_first_.data(), column_other_.data(), order_.data(), in}; }

    void fill_dense(const Wiring &wiring, int64_t unpruned) {
        for (int row = 0; row < out; ++row)
            for (int column = 0; column < in; ++column)
                if (wiring.unpruned(wiring.to[row], wiring.from[column]))
                    weights.place[row * stride + column] = wiring.weights + int64_t(wiring.to[row]) * wiring.fan_in + wiring.from[column];
        weights.mask_out_rest(unpruned < int64_t(in) * out);
    }

    void fill_sparse(const Wiring &wiring, int64_t unpruned) {
        row_first_.assign(out + 1, 0), column_first_.assign(in + 1, 0);
        row_other_.resize(unpruned), column_other_.resize(unpruned), order_.resize(unpruned);
        int32_t entry = 0;
        for (int row = 0; row < out; ++row) {
            for (int column = 0; column < in; ++column) {
                if (!wiring.unpruned(wiring.to[row], wiring.from[column])) continue;
                row_other_[entry] = column, ++column_first_[column + 1];
                weights.place[entry++] = wiring.weights + int64_t(wiring.to[row]) * wiring.fan_in + wiring.from[column];
            }
            row_first_[row + 1] = entry;
        }
        for (int column = 0; column < in; ++column) column_first_[column + 1] += column_first_[column];
        std::vector<int32_t> next(column_first_.begin(), column_first_.end() - 1);
        for (int row = 0; row < out; ++row)
            for (entry = row_first_[row]; entry < row_first_[row + 1]; ++entry) {
                const int32_t at = next[row_other_[entry]]++;
                column_other_[at] = row, order_[at] = entry;
            }
    }

    std::vector<int32_t> row_first_, row_other_, column_first_, column_other_, order_;
};

} // namespace lth
