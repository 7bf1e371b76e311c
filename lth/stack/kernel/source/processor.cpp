// Whether this processor can run the kernel; compiled for the oldest processor of its kind.

extern "C" __attribute__((visibility("default"))) int lth_supported() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
#else
    return 1;
#endif
}
