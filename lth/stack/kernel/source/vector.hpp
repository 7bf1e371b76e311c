// Vectors of 32 bytes and the few operations that the kernel is made of.
//
// Results must be the same bits on every processor: the order of every sum is written down, multiply-adds are fused
// where `fused` says so and nowhere else (-ffp-contract=off), and exp and log are ours. What a vector operation becomes
// (one AVX instruction, two of NEON) changes nothing, because each of its lanes is one correctly rounded operation.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace lth {

typedef float Floats __attribute__((vector_size(32)));
typedef double Doubles __attribute__((vector_size(32)));
typedef int32_t Ints __attribute__((vector_size(32)));
typedef int64_t Longs __attribute__((vector_size(32)));

template <class T> struct Of;
template <> struct Of<float> {
    using Vector = Floats;
    using Mask = Ints;
    using Whole = int32_t;
};
template <> struct Of<double> {
    using Vector = Doubles;
    using Mask = Longs;
    using Whole = int64_t;
};
template <class T> using Vec = typename Of<T>::Vector;
template <class T> using Mask = typename Of<T>::Mask;

template <class T> constexpr int LANES = 32 / sizeof(T);
template <class T> constexpr int TILE = 2 * LANES<T>; // samples or inputs that a dense tile is wide

#define LTH_INLINE inline __attribute__((always_inline))

template <class T> LTH_INLINE Vec<T> load(const T *from) {
    Vec<T> found;
    std::memcpy(&found, from, sizeof found);
    return found;
}
template <class T> LTH_INLINE void store(T *to, Vec<T> value) { std::memcpy(to, &value, sizeof value); }
LTH_INLINE Floats every(float x) { return Floats{x, x, x, x, x, x, x, x}; }
LTH_INLINE Doubles every(double x) { return Doubles{x, x, x, x}; }
template <class T> LTH_INLINE Vec<T> all(T value) { return every(value); }
template <class T> LTH_INLINE Vec<T> where(Mask<T> condition, Vec<T> yes, Vec<T> no) {
    return (Vec<T>)((condition & (Mask<T>)yes) | (~condition & (Mask<T>)no));
}

// a * b + c, rounded once.
LTH_INLINE Floats fused(Floats a, Floats b, Floats c) {
#if defined(__AVX2__) && defined(__FMA__)
    return (Floats)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
    float32x4_t x[2], y[2], z[2];
    std::memcpy(x, &a, 32), std::memcpy(y, &b, 32), std::memcpy(z, &c, 32);
    z[0] = vfmaq_f32(z[0], x[0], y[0]), z[1] = vfmaq_f32(z[1], x[1], y[1]);
    std::memcpy(&c, z, 32);
    return c;
#else
    for (int lane = 0; lane < 8; ++lane) c[lane] = __builtin_fmaf(a[lane], b[lane], c[lane]);
    return c;
#endif
}
LTH_INLINE Doubles fused(Doubles a, Doubles b, Doubles c) {
#if defined(__AVX2__) && defined(__FMA__)
    return (Doubles)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#elif defined(__aarch64__)
    float64x2_t x[2], y[2], z[2];
    std::memcpy(x, &a, 32), std::memcpy(y, &b, 32), std::memcpy(z, &c, 32);
    z[0] = vfmaq_f64(z[0], x[0], y[0]), z[1] = vfmaq_f64(z[1], x[1], y[1]);
    std::memcpy(&c, z, 32);
    return c;
#else
    for (int lane = 0; lane < 4; ++lane) c[lane] = __builtin_fma(a[lane], b[lane], c[lane]);
    return c;
#endif
}

LTH_INLINE Floats root(Floats x) {
#if defined(__AVX2__)
    return (Floats)_mm256_sqrt_ps((__m256)x);
#else
    for (int lane = 0; lane < 8; ++lane) x[lane] = __builtin_sqrtf(x[lane]);
    return x;
#endif
}
LTH_INLINE Doubles root(Doubles x) {
#if defined(__AVX2__)
    return (Doubles)_mm256_sqrt_pd((__m256d)x);
#else
    for (int lane = 0; lane < 4; ++lane) x[lane] = __builtin_sqrt(x[lane]);
    return x;
#endif
}

#if defined(__clang__) || __GNUC__ >= 12
#define LTH_SHUFFLE(a, b, mask, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define LTH_SHUFFLE(a, b, mask, ...) __builtin_shuffle(a, b, mask{__VA_ARGS__})
#endif

// One step of turning LANES vectors into their transpose: the halves of pairs that lie DISTANCE lanes apart change
// places. After all steps, vector l holds lane l of every vector.
template <int DISTANCE> LTH_INLINE void swap_halves(Floats &a, Floats &b) {
    const Floats x = a, y = b;
    if constexpr (DISTANCE == 1) {
        a = LTH_SHUFFLE(x, y, Ints, 0, 8, 2, 10, 4, 12, 6, 14), b = LTH_SHUFFLE(x, y, Ints, 1, 9, 3, 11, 5, 13, 7, 15);
    } else if constexpr (DISTANCE == 2) {
        a = LTH_SHUFFLE(x, y, Ints, 0, 1, 8, 9, 4, 5, 12, 13), b = LTH_SHUFFLE(x, y, Ints, 2, 3, 10, 11, 6, 7, 14, 15);
    } else {
        a = LTH_SHUFFLE(x, y, Ints, 0, 1, 2, 3, 8, 9, 10, 11), b = LTH_SHUFFLE(x, y, Ints, 4, 5, 6, 7, 12, 13, 14, 15);
    }
}
template <int DISTANCE> LTH_INLINE void swap_halves(Doubles &a, Doubles &b) {
    const Doubles x = a, y = b;
    if constexpr (DISTANCE == 1) {
        a = LTH_SHUFFLE(x, y, Longs, 0, 4, 2, 6), b = LTH_SHUFFLE(x, y, Longs, 1, 5, 3, 7);
    } else {
        a = LTH_SHUFFLE(x, y, Longs, 0, 1, 4, 5), b = LTH_SHUFFLE(x, y, Longs, 2, 3, 6, 7);
    }
}

template <class T, int DISTANCE = 1> LTH_INLINE void transpose(Vec<T> (&rows)[LANES<T>]) {
#pragma GCC unroll 8
    for (int row = 0; row < LANES<T>; ++row)
        if (!(row & DISTANCE)) swap_halves<DISTANCE>(rows[row], rows[row + DISTANCE]);
    if constexpr (2 * DISTANCE < LANES<T>) transpose<T, 2 * DISTANCE>(rows);
}

// The sums across the lanes of LANES vectors, as one vector. Neighbouring lanes are added first, then pairs of them.
template <class T, int DISTANCE = 1> LTH_INLINE Vec<T> sums_across(Vec<T> (&rows)[LANES<T>]) {
#pragma GCC unroll 8
    for (int row = 0; row < LANES<T>; row += 2 * DISTANCE) {
        swap_halves<DISTANCE>(rows[row], rows[row + DISTANCE]);
        rows[row] += rows[row + DISTANCE];
    }
    if constexpr (2 * DISTANCE < LANES<T>) return sums_across<T, 2 * DISTANCE>(rows);
    else return rows[0];
}

template <class T> inline T sum_across(Vec<T> x) {
    T values[LANES<T>];
    store<T>(values, x);
    for (int count = LANES<T>; count > 1; count /= 2)
        for (int lane = 0; lane < count / 2; ++lane) values[lane] = values[2 * lane] + values[2 * lane + 1];
    return values[0];
}

} // namespace lth
