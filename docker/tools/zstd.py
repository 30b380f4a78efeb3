"""A zstd archive unpacked by the system's libzstd, without a process of its own and two pipes to copy everything through."""

import ctypes
from ctypes import POINTER, byref, c_int, c_size_t, c_uint, c_void_p

from ring import BLOCK
from tape import Damaged
from trouble import refused

# The window is memory that the archive asks for. The zstd program gives it 128 MiB and no more, unless it is told to; what its
# own highest level makes (--ultra -22) needs as much. From zstd.h and zstd_errors.h.
WINDOW_LOG_MAX, LARGEST_WINDOW = 100, 27
NO_MEMORY, WINDOW_TOO_LARGE = 64, 16


class Buffer(ctypes.Structure):
    """ZSTD_inBuffer, and ZSTD_outBuffer, which looks the same."""
    _fields_ = [('start', c_void_p), ('size', c_size_t), ('position', c_size_t)]


def library():
    found = ctypes.CDLL('libzstd.so.1')
    found.ZSTD_createDCtx.restype = c_void_p
    found.ZSTD_DCtx_setParameter.restype = c_size_t
    found.ZSTD_DCtx_setParameter.argtypes = [c_void_p, c_int, c_int]
    found.ZSTD_decompressStream.restype = c_size_t
    found.ZSTD_decompressStream.argtypes = [c_void_p, POINTER(Buffer), POINTER(Buffer)]
    found.ZSTD_isError.restype = c_uint
    found.ZSTD_isError.argtypes = [c_size_t]
    found.ZSTD_getErrorCode.restype = c_int
    found.ZSTD_getErrorCode.argtypes = [c_size_t]
    found.ZSTD_getErrorName.restype = ctypes.c_char_p
    found.ZSTD_getErrorName.argtypes = [c_size_t]
    return found


class Unzstd:
    """What is in `source`, one frame or several. The memory is freed with the process."""

    def __init__(self, source):
        self.source, self.library = source, library()
        self.context = self.library.ZSTD_createDCtx()
        if not self.context:
            raise MemoryError
        self.check(self.library.ZSTD_DCtx_setParameter(self.context, WINDOW_LOG_MAX, LARGEST_WINDOW))
        self.input, self.output = Buffer(), Buffer()
        self.within, self.over = False, False

    def readinto(self, view):
        """Fills `view` as far as the archive goes. Returns how much that is."""
        self.output.start, self.output.size, self.output.position = address(view), len(view), 0
        while self.output.position < len(view) and (self.within or not self.over):
            if self.input.position == self.input.size and not self.over:
                self.refill()
            before = self.output.position
            left = self.check(self.library.ZSTD_decompressStream(self.context, byref(self.output), byref(self.input)))
            if self.over and self.output.position == before:
                if self.within:
                    raise Damaged('zstd: unexpected end of data')
                break
            self.within = left != 0
        return self.output.position

    def refill(self):
        block = self.source.some(BLOCK)
        self.over = not block
        self.input.start, self.input.size, self.input.position = address(block), len(block), 0

    def check(self, result):
        if self.library.ZSTD_isError(result):
            if self.library.ZSTD_getErrorCode(result) == NO_MEMORY:
                raise MemoryError
            if self.library.ZSTD_getErrorCode(result) == WINDOW_TOO_LARGE:
                raise refused(f'it needs more than {1 << LARGEST_WINDOW >> 20} MiB of memory to be unpacked (a zstd window above --long={LARGEST_WINDOW})')
            raise Damaged(f'zstd: {self.library.ZSTD_getErrorName(result).decode()}')
        return result


def address(view):
    return ctypes.addressof(ctypes.c_char.from_buffer(view)) if view else None
