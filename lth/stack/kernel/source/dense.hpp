// Dense products: Z (M x N) = L (M x K) * P (K x N) with M rows of any number, N a multiple of TILE.
//
// One tile is 6 rows by TILE columns, kept in registers while K is walked: every number of Z is one sum over k in rising
// order, whatever the blocking. The right factor lies in panels of TILE columns, so that a tile reads it in one stream.
#pragma once

#include "buffer.hpp"
#include "vector.hpp"

namespace lth {

constexpr int TILE_ROWS = 6, PACKED_ROWS = 8; // packed rows are whole vectors
constexpr int BLOCK = 256; // of k: a panel of it stays in the first cache

// What a tile's sums start from and what happens to them at the end.
enum class Start { Zero, Bias, Before };
enum class End { Plain, Relu, Gate }; // Gate: zero where the gate's number is not above zero

template <class T> struct Left {
    const T *data;
    ptrdiff_t row, k; // distances between rows and between steps of k
};

template <class T> struct Tile {
    int k;
    Left<T> left;
    const T *panel;
    ptrdiff_t panel_stride;
    T *out;
    ptrdiff_t out_stride;
    Start start;
    const T *bias;
    End end;
    const T *gate;
};

template <class T, int ROWS> void multiply_tile(const Tile<T> &tile) {
    constexpr int L = LANES<T>;
    Vec<T> sums[ROWS][2];
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; ++row) {
        const T *before = tile.out + row * tile.out_stride;
        if (tile.start == Start::Before) {
            sums[row][0] = load(before), sums[row][1] = load(before + L);
        } else {
            sums[row][0] = sums[row][1] = all<T>(tile.start == Start::Bias ? tile.bias[row] : T(0));
        }
    }
    const T *left = tile.left.data, *panel = tile.panel;
    for (int k = 0; k < tile.k; ++k) {
        const Vec<T> right0 = load(panel), right1 = load(panel + L);
#pragma GCC unroll 6
        for (int row = 0; row < ROWS; ++row) {
            const Vec<T> factor = all<T>(left[row * tile.left.row]);
            sums[row][0] = fused(factor, right0, sums[row][0]);
            sums[row][1] = fused(factor, right1, sums[row][1]);
        }
        left += tile.left.k, panel += tile.panel_stride;
    }
#pragma GCC unroll 6
    for (int row = 0; row < ROWS; ++row) {
        T *out = tile.out + row * tile.out_stride;
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            Vec<T> sum = sums[row][half];
            const Vec<T> zero{};
            if (tile.end == End::Relu) sum = where<T>(sum < zero, zero, sum); // a NaN passes
            if (tile.end == End::Gate)
                sum = where<T>(load(tile.gate + row * tile.out_stride + half * L) > zero, sum, zero);
            store<T>(out + half * L, sum);
        }
    }
}

template <class T> void multiply_rows(int rows, const Tile<T> &tile) {
    switch (rows) {
    case 1: return multiply_tile<T, 1>(tile);
    case 2: return multiply_tile<T, 2>(tile);
    case 3: return multiply_tile<T, 3>(tile);
    case 4: return multiply_tile<T, 4>(tile);
    case 5: return multiply_tile<T, 5>(tile);
    default: return multiply_tile<T, 6>(tile);
    }
}

// The right factor in panels: columns p*TILE.. of row k lie at data + p*panel + k*stride.
template <class T> struct Panels {
    const T *data;
    ptrdiff_t panel, stride;
    int count;
};

template <class T> struct Product {
    int rows, k;
    Left<T> left;
    Panels<T> right;
    T *out;
    ptrdiff_t out_stride;
    const T *bias = nullptr; // one for each row, or none
    End end = End::Plain;
    const T *gate = nullptr; // laid out as `out`
};

// Computes a product. `scratch` holds PACKED_ROWS * BLOCK numbers, for a left factor whose rows lie side by side (their
// distance is 1): each tile's are packed into one stream, which all panels then read. Two numbers beyond may be read.
template <class T> void multiply(const Product<T> &product, T *scratch) {
    const auto &p = product;
    const bool packs = p.left.row == 1 && p.left.k != 1 && p.k > 16 && p.right.count > 1;
    for (int first_k = 0; first_k == 0 || first_k < p.k; first_k += BLOCK) {
        const int k = p.k - first_k < BLOCK ? p.k - first_k : BLOCK;
        const bool last = first_k + k >= p.k;
        for (int row = 0; row < p.rows; row += TILE_ROWS) {
            const int rows = p.rows - row < TILE_ROWS ? p.rows - row : TILE_ROWS;
            Left<T> left = {p.left.data + row * p.left.row + first_k * p.left.k, p.left.row, p.left.k};
            if (packs) {
                for (int at = 0; at < k; ++at)
                    std::memcpy(scratch + at * PACKED_ROWS, left.data + at * left.k, PACKED_ROWS * sizeof(T));
                left = {scratch, 1, PACKED_ROWS};
            }
            for (int panel = 0; panel < p.right.count; ++panel) {
                const ptrdiff_t place = row * p.out_stride + panel * TILE<T>;
                multiply_rows<T>(rows, {k, left, p.right.data + panel * p.right.panel + first_k * p.right.stride,
                                        p.right.stride, p.out + place, p.out_stride,
                                        first_k ? Start::Before : p.bias ? Start::Bias : Start::Zero,
                                        p.bias ? p.bias + row : nullptr, last ? p.end : End::Plain,
                                        p.gate ? p.gate + place : nullptr});
            }
        }
    }
}

// Rows of `columns` numbers (a multiple of TILE) as panels: worth it where a panel's rows would share cache sets.
template <class T> Panels<T> panels_of(const T *rows, int k, int columns, T *scratch) {
    const int count = columns / TILE<T>;
    if (k <= 32 || count == 1) return {rows, TILE<T>, columns, count};
    for (int row = 0; row < k; ++row)
        for (int panel = 0; panel < count; ++panel)
            std::memcpy(scratch + (ptrdiff_t(panel) * k + row) * TILE<T>, rows + ptrdiff_t(row) * columns + panel * TILE<T>,
                        TILE<T> * sizeof(T));
    return {scratch, ptrdiff_t(k) * TILE<T>, TILE<T>, count};
}

// The transpose of rows (k x columns) as panels of TILE rows each: element (column, row) of the product's right factor.
// The last panel is filled with zeros.
template <class T> Panels<T> transposed_panels_of(const T *rows, int k, int columns, T *scratch) {
    constexpr int L = LANES<T>;
    const int count = (k + TILE<T> - 1) / TILE<T>;
    for (int row = 0; row < count * TILE<T>; row += L) {
        T *panel = scratch + ptrdiff_t(row / TILE<T>) * columns * TILE<T> + row % TILE<T>;
        for (int column = 0; column < columns; column += L) {
            Vec<T> block[L];
            for (int r = 0; r < L; ++r)
                block[r] = row + r < k ? load(rows + ptrdiff_t(row + r) * columns + column) : Vec<T>{};
            transpose<T>(block);
            for (int c = 0; c < L; ++c) store<T>(panel + ptrdiff_t(column + c) * TILE<T>, block[c]);
        }
    }
    return {scratch, ptrdiff_t(columns) * TILE<T>, TILE<T>, count};
}

} // namespace lth
