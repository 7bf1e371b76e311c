// exp and log of our own: the same bits everywhere, good to about one unit in the last place.
#pragma once

#include "vector.hpp"

namespace lth {

template <class T> struct Exponent;
template <> struct Exponent<float> {
    static constexpr int BITS = 23, BIAS = 127, TERMS = 8;
    static constexpr float LEAST = -87.0f, MOST = 88.0f;
    static constexpr float LN2_HIGH = 0.693145751953125f, LN2_LOW = 1.42860682030941723e-6f; // high has spare bits
    static constexpr float ROUNDER = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer
};
template <> struct Exponent<double> {
    static constexpr int BITS = 52, BIAS = 1023, TERMS = 14;
    static constexpr double LEAST = -708.0, MOST = 709.0;
    static constexpr double LN2_HIGH = 6.93147180369123816490e-01, LN2_LOW = 1.90821492927058770002e-10;
    static constexpr double ROUNDER = 6755399441055744.0; // 1.5 * 2^52
};

constexpr double INVERSE_LN2 = 1.44269504088896338700;

// e^x: x = n ln 2 + r with |r| <= ln 2 / 2, the Taylor series of e^r, and 2^n by its bits. Beyond the range of the type
// the result is that of the range's end; a NaN stays one.
template <class T> LTH_INLINE Vec<T> exponential(Vec<T> x) {
    using E = Exponent<T>;
    x = where<T>(x < all<T>(E::LEAST), all<T>(E::LEAST), x);
    x = where<T>(x > all<T>(E::MOST), all<T>(E::MOST), x);
    const Vec<T> shifted = fused(x, all<T>(T(INVERSE_LN2)), all<T>(E::ROUNDER));
    const Vec<T> n = shifted - E::ROUNDER;
    Vec<T> r = fused(n, all<T>(-E::LN2_HIGH), x);
    r = fused(n, all<T>(-E::LN2_LOW), r);
    double inverse[E::TERMS + 1] = {1};
    for (int k = 1; k <= E::TERMS; ++k) inverse[k] = inverse[k - 1] / k;
    Vec<T> sum = all<T>(T(inverse[E::TERMS]));
    for (int k = E::TERMS - 1; k >= 0; --k) sum = fused(sum, r, all<T>(T(inverse[k])));
    // The integer n stands in the low bits of the shifted number.
    const Mask<T> whole = (Mask<T>)shifted - (Mask<T>)all<T>(E::ROUNDER);
    const Vec<T> power = (Vec<T>)((whole + E::BIAS) << E::BITS);
    return where<T>(x != x, x, sum * power);
}

// 2 atanh(s) = log((1 + s) / (1 - s)) by its series, for |s| <= 1/3.
template <class T> LTH_INLINE Vec<T> twice_atanh(Vec<T> s) {
    constexpr int TERMS = sizeof(T) == 4 ? 8 : 17;
    const Vec<T> square = s * s;
    Vec<T> sum = all<T>(T(1.0 / (2 * TERMS + 1)));
    for (int k = TERMS - 1; k >= 0; --k) sum = fused(sum, square, all<T>(T(1.0 / (2 * k + 1))));
    return s * (sum + sum);
}

// log(1 + x) for 0 <= x <= 1, exact to the last digits for small x too.
template <class T> LTH_INLINE Vec<T> log_of_one_plus(Vec<T> x) { return twice_atanh<T>(x / (x + T(2))); }

// log(x) for x >= 1 and finite.
template <class T> LTH_INLINE Vec<T> logarithm(Vec<T> x) {
    using E = Exponent<T>;
    using Whole = typename Of<T>::Whole;
    const Mask<T> bits = (Mask<T>)x;
    const Mask<T> fraction = (bits & ((Whole(1) << E::BITS) - 1)) | (Mask<T>)all<T>(T(1));
    Vec<T> m = (Vec<T>)fraction;
    Vec<T> n = __builtin_convertvector((bits >> E::BITS) - E::BIAS, Vec<T>);
    const Mask<T> large = m > all<T>(T(1.4142135623730951));
    m = where<T>(large, m * T(0.5), m);
    n = where<T>(large, n + T(1), n);
    const Vec<T> found = twice_atanh<T>((m - T(1)) / (m + T(1)));
    return where<T>(x != x, x, fused(n, all<T>(E::LN2_HIGH), fused(n, all<T>(E::LN2_LOW), found)));
}

} // namespace lth
