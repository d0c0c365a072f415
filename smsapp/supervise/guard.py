"""The leader of the process group that every supervised process is born into.

Run as a file, without importing anything of ours. It reads its standard input, which the supervisor holds
open; the end of that input means that the supervisor is gone, however it went (SIGKILL too). Then whoever is
left in the group is asked to end, has three seconds for it, and is killed, the guard last. If all have ended earlier, a
pipe that all of them hold open says so. Plain POSIX.
"""

import os
import select
import shutil
import signal
import sys

SECONDS_TO_END = 3.0


def main(all_ended: int, private_folder: str) -> None:
    """Wait for the supervisor's end, then end the group and remove its private folder (may be empty: none)."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGTERM)
    select.select([all_ended], [], [], SECONDS_TO_END)
    if private_folder:
        shutil.rmtree(private_folder, ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
