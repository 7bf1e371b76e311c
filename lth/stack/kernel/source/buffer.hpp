// Aligned memory that is made once and set to zero.
#pragma once

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace lth {

template <class T> class Buffer {
  public:
    Buffer() = default;
    explicit Buffer(size_t count) : count_(count) {
        const size_t bytes = (count * sizeof(T) + 63) / 64 * 64 + 64; // a vector may be read beyond the last number
        data_ = static_cast<T *>(std::aligned_alloc(64, bytes));
        if (!data_) throw std::bad_alloc();
        std::memset(static_cast<void *>(data_), 0, bytes);
    }
    Buffer(Buffer &&other) noexcept { swap(other); }
    Buffer &operator=(Buffer &&other) noexcept {
        swap(other);
        return *this;
    }
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    ~Buffer() { std::free(data_); }

    T *data() { return data_; }
    const T *data() const { return data_; }
    T &operator[](size_t place) { return data_[place]; }
    const T &operator[](size_t place) const { return data_[place]; }
    size_t size() const { return count_; }
    void copy(const Buffer &other) { std::memcpy(static_cast<void *>(data_), other.data_, count_ * sizeof(T)); }

  private:
    void swap(Buffer &other) noexcept {
        std::swap(data_, other.data_);
        std::swap(count_, other.count_);
    }
    T *data_ = nullptr;
    size_t count_ = 0;
};

} // namespace lth
