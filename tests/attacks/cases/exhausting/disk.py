# /// attack
# tries = "fills the disk, with large and with small files, and with a file that has holes"
# shows = "full"
# ///

# %% answer s_mean
import errno, os, tempfile

codes = set()
for place in (".", tempfile.gettempdir(), "/dev/shm", "/tmp"):
    for deed in (
        lambda: open(place + "/large", "wb").write(b"x" * (1 << 25)),
        lambda: os.truncate(open(place + "/holes", "wb").name, 1 << 40),
    ):
        try:
            deed()
        except OSError as error:
            codes.add(error.errno)
try:
    for number in range(17_000):
        os.close(os.open(f"/dev/shm/{number}", os.O_CREAT | os.O_WRONLY))
    print("{{REACHED}}")
except OSError as error:
    codes.add(error.errno)
print("full" if errno.ENOSPC in codes else "{{REACHED}}", codes)


def mean(values):
    return 0
