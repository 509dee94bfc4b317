# /// attack
# tries = "takes memory where nobody counts it: memory files, shared segments, pipes"
# shows = "tried"
# ///

# %% answer s_mean
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
held = 0
try:
    for number in range(40):
        handle = os.memfd_create(str(number))
        held += os.write(handle, b"x" * (1 << 20))
except OSError:
    pass
for number in range(8):
    segment = libc.shmget(0, 8 << 20, 0o1600)
    if segment >= 0:
        address = libc.shmat(segment, None, 0)
        if address not in (None, 2**64 - 1):
            ctypes.memset(address, 1, 8 << 20)
            libc.shmdt(ctypes.c_void_p(address))
            held += 8 << 20
print("{{REACHED}}" if held > 16 << 20 else "tried", held)


def mean(values):
    return 0
