# /// attack
# tries = "sends signals to the grader and to every other process"
# shows = "tried"
# ///

# %% answer s_mean
import os, signal

own = os.getpid()
for pid in (*range(1, 2000), {{GRADER}}, os.getppid() or 1):
    if pid != own:
        try:
            os.kill(pid, signal.SIGKILL)
            print("{{REACHED}}", pid)
        except OSError:
            pass
for group in ({{GRADER}}, os.getpgid({{GRADER}}) if os.path.exists("/proc/{{GRADER}}") else 2):
    try:
        os.killpg(group, signal.SIGTERM)
        print("{{REACHED}}", group)
    except OSError:
        pass
print("tried")


def mean(values):
    return 0
