# /// attack
# tries = "uses system calls that no exercise needs: tracing, BPF, key rings, modules, rebooting, the clock"
# shows = "tried"
# ///

# %% answer s_mean
import ctypes, time

libc = ctypes.CDLL(None, use_errno=True)
attributes = ctypes.create_string_buffer(128)
CALLS = {
    "bpf": (321, 0, attributes, 72),
    "perf_event_open": (298, attributes, 0, -1, -1, 0),
    "init_module": (175, attributes, 64, b""),
    "kexec_load": (246, 0, 0, 0, 0),
    "settimeofday": (164, attributes, 0),
    "sethostname": (170, b"owned", 5),
    "swapon": (167, b"/submission/swap", 0),
    "acct": (163, b"/submission/acct"),
    "quotactl": (179, 0, 0, 0, 0),
    "syslog": (103, 3, attributes, 64),
}
for name, arguments in CALLS.items():
    if libc.syscall(*arguments) >= 0:
        print("{{REACHED}}", name)
print("tried")


def mean(values):
    return 0
