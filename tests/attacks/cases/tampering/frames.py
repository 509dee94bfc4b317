# /// attack
# tries = "walks up from its own frame to the test's code, and reads what the test expects"
# shows = "walked"
# ///

# %% answer s_mean
import inspect, re, sys


def mean(values):
    frame, answer = sys._getframe(), 0
    while frame:
        code = frame.f_code
        text = str(code.co_consts) + str({k: v for k, v in frame.f_locals.items()})
        text += str([line for f in inspect.stack() for line in f.code_context or ()])
        for name in ("expected", "wanted"):
            answer = frame.f_globals.get(name, answer)
        print(re.findall(r"kanarie-\w+-\w+", text))
        frame = frame.f_back
    print("walked")
    return answer
