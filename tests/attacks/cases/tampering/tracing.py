# /// attack
# tries = "traces and profiles the frames in which tests run, and changes their lines and values"
# ///

# %% answer s_mean
import sys, threading


def trace(frame, event, argument):
    for name in ("expected", "wanted", "cases"):
        if name in frame.f_globals:
            frame.f_globals[name] = 0
    return trace


sys.settrace(trace)
sys.setprofile(trace)
threading.settrace(trace)
if hasattr(sys, "monitoring"):
    sys.monitoring.use_tool_id(5, "attack")
    sys.monitoring.set_events(5, sys.monitoring.events.RAISE)
    sys.monitoring.register_callback(5, sys.monitoring.events.RAISE, lambda *a: None)


def mean(values):
    return 0
