# /// attack
# tries = "takes all memory, at once and bit by bit"
# shows = "MemoryError"
# ///

# %% answer s_mean
def mean(values):
    kept = []
    try:
        kept.append(bytearray(1 << 40))
    except MemoryError:
        print("MemoryError")
    while True:
        kept.append(bytearray(1 << 22))
