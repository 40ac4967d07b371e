"""Processes that a benchmark starts: none outlives it, and what each one used is read from /proc."""

import ctypes
import os
import pathlib
import resource
import signal
import subprocess
import time

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_TICKS = os.sysconf("SC_CLK_TCK")
_OPEN_FILES = 200_000
MIB = 1 << 20


def _before_exec():
    """Dies with its parent, in a process group of its own, and may open the files of many logs."""
    os.setpgid(0, 0)
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(_OPEN_FILES, hard),) * 2)
    except (ValueError, OSError):  # Only root may have more than the hard limit, and not everywhere.
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def start(command, output, environment=None):
    """A process whose output goes to an open file."""
    return subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                            stdout=output, stderr=subprocess.STDOUT, env=environment,
                            preexec_fn=_before_exec)


def client(command):
    """A client whose standard output is read with finish()."""
    return subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=_before_exec)


def finish(process, seconds):
    """What a client printed; one that fails, or takes longer, is an error that shows why."""
    try:
        out, err = process.communicate(timeout=seconds)
    except BaseException as error:
        process.kill()
        out, err = process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise RuntimeError(f"not done after {seconds} s: {_words(process)}\n{err[-2000:]}") from None
        raise
    if process.returncode != 0:
        raise RuntimeError(f"status {process.returncode}: {_words(process)}\n{err[-2000:]}{out[-2000:]}")
    return out


def run(command, seconds):
    return finish(client(command), seconds)


def _words(process):
    return " ".join(map(str, process.args))[-600:]


class Usage:
    """What a process uses between two moments: CPU, memory, bytes written to the disk."""

    def __init__(self, pid):
        self._folder = pathlib.Path(f"/proc/{pid}")
        self._forget_peak()
        self._began = time.monotonic()
        self._cpu = self.cpu_seconds()
        self._written = self._written_bytes()

    def figures(self):
        """What was used since this object was made."""
        return {
            "broker_cpu_s": self.cpu_seconds() - self._cpu,
            "wall_s": time.monotonic() - self._began,
            "rss_mib": self._status("VmRSS") / 1024,
            "peak_mib": self._status("VmHWM") / 1024,
            "written_mib": (self._written_bytes() - self._written) / MIB,
        }

    def cpu_seconds(self):
        """User and system time of all its threads, the ended ones too."""
        fields = (self._folder / "stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def _written_bytes(self):
        """Bytes on their way to the disk; what is deleted before it got there still counts."""
        for line in (self._folder / "io").read_text().splitlines():
            if line.startswith("write_bytes:"):
                return int(line.split()[1])
        return 0

    def _status(self, name):
        for line in (self._folder / "status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        return 0

    def _forget_peak(self):
        try:
            (self._folder / "clear_refs").write_text("5")
        except OSError:
            pass  # The peak is then that of the process's whole life.
