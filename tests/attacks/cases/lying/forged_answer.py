# /// attack
# tries = "finds the socket to the grader, and answers the test itself"
# findings = ["stopped"]
# marks = { t_primes = 0 }
# ///

# %% answer s_mean
import msgspec, os, stat

from autograder.engine.protocol import Done, Ran, frame
from autograder.isolated.messages import Answer

lines = []
for number in range(3, 256):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            lines.append(number)
    except OSError:
        pass


def framed(message):
    data = msgspec.msgpack.encode(message)
    return len(data).to_bytes(4, "big") + data


def mean(values):
    for line in lines:
        for number in range(1, 50):
            os.write(line, framed(Answer(number=number, body=5)))
        os.write(line, frame(Ran(cell=3, status="ok", outputs=[])) + frame(Done()))
    return 0
