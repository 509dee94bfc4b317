# /// attack
# tries = "becomes another user: setuid programs, its own setuid file, and the system calls"
# shows = "tried"
# ///

# %% answer s_mean
import os, shutil, subprocess

before = os.getuid()
for call in (os.setuid, os.seteuid, os.setgid):
    try:
        call(0)
    except OSError:
        pass
for program in ("/bin/su", "/usr/bin/sudo", "/usr/bin/newgrp", "/bin/mount", "/usr/bin/passwd"):
    if os.path.exists(program):
        try:
            subprocess.run([program, "--help"], capture_output=True, timeout=2)
        except (OSError, subprocess.TimeoutExpired):
            pass
try:
    shutil.copy("/usr/bin/id", "id")
    os.chmod("id", 0o6777)
    if "euid=0" in subprocess.run(["./id"], capture_output=True, text=True).stdout:
        print("{{REACHED}}")
except OSError:
    pass
print("tried", os.getuid() == before == os.geteuid() or "{{REACHED}}")


def mean(values):
    return 0
