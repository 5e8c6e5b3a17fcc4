// How often a random test is repeated. A sanitizer looks for faults of memory on the lines that run, at five times the
// price, and finds nothing more on the thousandth instance: there an eighth is enough.
#pragma once

namespace loa::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool isSanitized = true;
#else
inline constexpr bool isSanitized = false;
#endif

constexpr unsigned rounds(unsigned all)
{
    return isSanitized ? (all + 7) / 8 : all;
}

} // namespace loa::test
