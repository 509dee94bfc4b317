# /// attack
# tries = "returns objects that swallow exceptions when they are gone through or let go"
# ///

# %% answer s_mean
class Swallow:
    def __enter__(self):
        return self

    def __exit__(self, *what):
        return True

    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration

    def __del__(self):
        import ctypes, threading

        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.main_thread().ident), ctypes.py_object(StopIteration))

    def __float__(self):
        return 5.0


def mean(values):
    return Swallow()
