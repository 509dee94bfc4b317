# /// attack
# tries = "uses every descriptor that it finds open, to read what is behind it or to write there"
# shows = "tried"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import os, re

found = []
for number in range(3, 512):
    try:
        os.fstat(number)
    except OSError:
        continue
    for way in (lambda: os.pread(number, 1 << 20, 0), lambda: os.listdir(number), lambda: os.readlink(f"/proc/self/fd/{number}")):
        try:
            found.append(str(way()))
        except OSError:
            pass
print("tried", re.findall(r"kanarie-\w+-\w+", str(found)))


def mean(values):
    for number in range(3, 512):
        try:
            os.write(number, b'{"score": 100}\n' * 10)
        except OSError:
            pass
    return 0
