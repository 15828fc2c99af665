// 128-bit integers for products of two 64-bit ones; both compilers have them, the standard has not.
#pragma once

namespace headgate {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

}  // namespace headgate
