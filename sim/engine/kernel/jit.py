"""How the kernel's functions are compiled: for each other, not for Python.

They take the arena as a bare pointer. An array is counted whenever it is passed on, atomically, and a
negative index is looked for at every access: half of the kernel's time, and more of the compiler's.
"""

from __future__ import annotations

from numba import carray, config, njit, types
from numba.extending import intrinsic

inner = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)


@intrinsic
def _pointer(_context, array):
    def generate(context, builder, signature, arguments):
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(array.dtype)(array), generate


@intrinsic
def _further(_context, pointer, words):
    def generate(_, builder, __, arguments):
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, types.int64), generate


@inner
def _words(m, begin, count):
    return carray(_further(m, begin), (count,))


pointer, words = _pointer, _words
if config.DISABLE_JIT:  # then the arena stays an array

    def pointer(array):
        return array

    def words(m, begin, count):
        return m[begin : begin + count]
