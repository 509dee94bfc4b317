# /// attack
# tries = "leaves files, shared memory, queues and keys for the submission that comes next"
# shows = "none before"
# ///

# %% answer s_mean
import ctypes, os, tempfile

libc = ctypes.CDLL(None, use_errno=True)
places = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/scratch", "/folders", "/run", "/submission/..", tempfile.gettempdir()]
before = [place for place in places if os.access(place, os.R_OK) and any("{{LEFT}}" in name for name in os.listdir(place))]
for place in places:
    try:
        with open(place + "/{{LEFT}}", "w") as file:
            file.write("for the next one")
    except OSError:
        pass
if libc.shmget(0x6B616E, 64, 0o600) >= 0 or libc.msgget(0x6B616E, 0) >= 0 or libc.semget(0x6B616E, 1, 0) >= 0:
    before.append("System V")
libc.shmget(0x6B616E, 64, 0o1666), libc.msgget(0x6B616E, 0o1666), libc.semget(0x6B616E, 1, 0o1666)
# keyctl: the user's and the session's keyrings
REQUEST, ADD = 249, 248
for ring in (-3, -4, -5):
    if libc.syscall(250, 10, ring, b"user", b"{{LEFT}}", 0) > 0:
        before.append(f"keyring {ring}")
    libc.syscall(ADD, b"user", b"{{LEFT}}", b"for the next one", 16, ring)
print("{{REACHED}}" if before else "none before", before)


def mean(values):
    return 0
