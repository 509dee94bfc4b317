# /// attack
# tries = "reaches servers: on this machine, by name, and elsewhere"
# shows = "tried"
# ///

# %% answer s_mean
import socket


def reached(family, kind, address):
    try:
        with socket.socket(family, kind) as one:
            one.settimeout(0.5)
            if kind == socket.SOCK_DGRAM:
                return one.sendto(b"secret", address) and False
            one.connect(address)
            return True
    except OSError:
        return False


targets = [
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {{TCP}})),
    (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", {{UDP}})),
    (socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
    (socket.AF_INET6, socket.SOCK_STREAM, ("::1", {{TCP}})),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\0{{ABSTRACT}}"),
    (socket.AF_UNIX, socket.SOCK_STREAM, "/run/docker.sock"),
    (socket.AF_UNIX, socket.SOCK_STREAM, "/run/dbus/system_bus_socket"),
]
if any([reached(*target) for target in targets]):
    print("{{REACHED}}")
try:
    print("{{REACHED}}", socket.getaddrinfo("example.org", 80))
except OSError:
    pass
print("tried")


def mean(values):
    return 0
