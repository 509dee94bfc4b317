# /// attack
# tries = "unpacks an archive that is a thousand times larger than it looks"
# shows = "full"
# ///

# %% answer s_mean
import errno, gzip, io, zlib

packed = zlib.compress(b"\0" * (64 << 20), 9)
try:
    with open("large", "wb") as file:
        file.write(zlib.decompress(packed))
except (OSError, MemoryError) as error:
    print("full")


def mean(values):
    return 0
