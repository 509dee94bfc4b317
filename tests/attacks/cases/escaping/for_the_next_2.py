# /// attack
# tries = "looks for what the submission before it has left"
# shows = "none before"
# ///

# %% answer s_mean
import ctypes, os, tempfile

libc = ctypes.CDLL(None, use_errno=True)
places = ["/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/scratch", "/folders", "/run", "/submission/..", tempfile.gettempdir()]
before = [place for place in places if os.access(place, os.R_OK) and any("{{LEFT}}" in name for name in os.listdir(place))]
if libc.shmget(0x6B616E, 64, 0o600) >= 0 or libc.msgget(0x6B616E, 0) >= 0 or libc.semget(0x6B616E, 1, 0) >= 0:
    before.append("System V")
for ring in (-3, -4, -5):
    if libc.syscall(250, 10, ring, b"user", b"{{LEFT}}", 0) > 0:
        before.append(f"keyring {ring}")
print("{{REACHED}}" if before else "none before", before)


def mean(values):
    return 0
