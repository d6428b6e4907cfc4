#pragma once
// Whether this is the build with sanitizers, where a property test is some ten times slower.
namespace cunji::testing_support {
#ifdef __has_feature  // Clang's, which is what sanitizes.
inline constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif
}  // namespace cunji::testing_support
