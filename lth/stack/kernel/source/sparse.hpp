// Products that walk only the weights that are there, row by row, on samples as columns.
#pragma once

#include "dense.hpp"

namespace lth {

// Rows of entries: those of row r are first[r] .. first[r + 1] - 1, at columns `other`. Where `order` is given, the value
// of entry e is values[order[e]].
struct Rows {
    const int32_t *first, *other, *order;
    int count;
};

template <class T> struct Walk {
    Rows rows;
    const T *values;
    const T *in;
    T *out;
    int columns; // of in and out
    const T *bias;
    End end;
    const T *gate;
};

template <class T, int VECTORS, bool ORDERED> void walk_block(const Walk<T> &walk, int column) {
    constexpr int L = LANES<T>;
    const Vec<T> zero{};
    for (int row = 0; row < walk.rows.count; ++row) {
        Vec<T> sums[VECTORS];
#pragma GCC unroll 8
        for (int v = 0; v < VECTORS; ++v) sums[v] = all<T>(walk.bias ? walk.bias[row] : T(0));
        for (int32_t entry = walk.rows.first[row]; entry < walk.rows.first[row + 1]; ++entry) {
            const Vec<T> value = all<T>(walk.values[ORDERED ? walk.rows.order[entry] : entry]);
            const T *in = walk.in + ptrdiff_t(walk.rows.other[entry]) * walk.columns + column;
#pragma GCC unroll 8
            for (int v = 0; v < VECTORS; ++v) sums[v] = fused(value, load(in + v * L), sums[v]);
        }
        const ptrdiff_t place = ptrdiff_t(row) * walk.columns + column;
#pragma GCC unroll 8
        for (int v = 0; v < VECTORS; ++v) {
            Vec<T> sum = sums[v];
            if (walk.end == End::Relu) sum = where<T>(sum < zero, zero, sum);
            if (walk.end == End::Gate) sum = where<T>(load(walk.gate + place + v * L) > zero, sum, zero);
            store<T>(walk.out + place + v * L, sum);
        }
    }
}

// out[row] = bias[row] + sum over the row's entries of value * in[other], for all columns (a multiple of TILE).
template <class T, bool ORDERED> void walk(const Walk<T> &what) {
    int column = 0;
    for (; column + 8 * LANES<T> <= what.columns; column += 8 * LANES<T>) walk_block<T, 8, ORDERED>(what, column);
    if (column + 4 * LANES<T> <= what.columns) {
        walk_block<T, 4, ORDERED>(what, column);
        column += 4 * LANES<T>;
    }
    if (column < what.columns) walk_block<T, 2, ORDERED>(what, column);
}

template <class T, int VECTORS> void dot_block(const Rows &rows, const T *errors, const T *in, int columns, int column, T *out) {
    constexpr int L = LANES<T>;
    for (int row = 0; row < rows.count; ++row) {
        Vec<T> error[VECTORS];
#pragma GCC unroll 8
        for (int v = 0; v < VECTORS; ++v) error[v] = load(errors + ptrdiff_t(row) * columns + column + v * L);
        const int32_t last = rows.first[row + 1];
        for (int32_t entry = rows.first[row]; entry < last; entry += L) {
            Vec<T> dots[L];
            for (int e = 0; e < L; ++e) {
                const int32_t at = entry + e < last ? entry + e : last - 1; // the surplus is overwritten or padding
                const T *values = in + ptrdiff_t(rows.other[at]) * columns + column;
                Vec<T> dot{};
#pragma GCC unroll 8
                for (int v = 0; v < VECTORS; ++v) dot = fused(error[v], load(values + v * L), dot);
                dots[e] = dot;
            }
            Vec<T> sums = sums_across<T>(dots);
            if (column) sums += load(out + entry);
            if (entry + L <= last) {
                store<T>(out + entry, sums);
            } else {
                for (int e = 0; entry + e < last; ++e) out[entry + e] = sums[e];
            }
        }
    }
}

// out[entry] = sum over columns of errors[row] * in[other]: the gradient of every entry's value.
template <class T> void dots(const Rows &rows, const T *errors, const T *in, int columns, T *out) {
    int column = 0;
    for (; column + 8 * LANES<T> <= columns; column += 8 * LANES<T>) dot_block<T, 8>(rows, errors, in, columns, column, out);
    if (column + 4 * LANES<T> <= columns) {
        dot_block<T, 4>(rows, errors, in, columns, column, out);
        column += 4 * LANES<T>;
    }
    if (column < columns) dot_block<T, 2>(rows, errors, in, columns, column, out);
}

} // namespace lth
