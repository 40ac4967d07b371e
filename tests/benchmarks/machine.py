"""The machine that measures: what it is, and what its page cache holds."""

import os
import pathlib
import resource
import subprocess
import time

_DROP = pathlib.Path("/proc/sys/vm/drop_caches")


def describe(folder):
    """What a reader of the figures wants to know of the machine."""
    memory = next(line for line in _read("/proc/meminfo").splitlines() if line.startswith("MemTotal"))
    model = next((line.split(":", 1)[1].strip() for line in _read("/proc/cpuinfo").splitlines()
                  if line.startswith("model name")), "unknown")
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory.split()[1]) / (1 << 20), 1),
        "kernel": os.uname().release,
        "file_system": _output("findmnt", "-no", "FSTYPE,SOURCE,OPTIONS", "-T", str(folder)),
        "java": _output("java", "-version").splitlines()[0],
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[1],
        "page_cache_dropped_by": "drop_caches" if can_drop_all() else "posix_fadvise",
        "load_average_at_start": os.getloadavg()[0],
        "date": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
    }


def can_drop_all():
    return os.access(_DROP, os.W_OK)


def drop_page_cache(files):
    """Puts the files out of memory; they are written to the disk first."""
    for path in files:
        with open(path, "rb") as file:
            os.fdatasync(file.fileno())
    if can_drop_all():
        os.sync()
        _DROP.write_text("3")
        return
    for path in files:
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_into_page_cache(files):
    """Idle page cache goes back to the host on some machines: read what shall be hot."""
    for path in files:
        with open(path, "rb", buffering=0) as file:
            while file.read(1 << 20):
                pass


def settle():
    """What earlier work left to be written is written before the next is measured."""
    os.sync()
    time.sleep(0.2)


def _read(path):
    return pathlib.Path(path).read_text()


def _output(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        return (done.stdout or done.stderr).strip() or "unknown"
    except OSError:
        return "unknown"
