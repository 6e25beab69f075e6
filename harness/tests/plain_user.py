"""Runs a command as a user without any privilege, with a range of user ids of its own.

As root that user is `nobody`, in a mount namespace of its own: its range stands in a private
/etc/subuid, and what it needs of the checkout lies as a copy in a private tmpfs, since it may not
be able to read the checkout itself.  Nothing of this is there for anybody else."""

import os
from collections.abc import Sequence
from pathlib import Path

from support import ROOT

# Where the tmpfs is mounted; scratch space of a run goes elsewhere, since the copy lies here.
PLACE = Path("/srv")
COPIED = (
    "harness/mailassay",
    "harness/tests",
    "vectors",
    "interop/targets",
    "interop/shims",
    "interop/deviants",
    "interop/milters",
    "reports",
    "build/mailassay",
)
SCRIPT = r"""
set -eu
place=$1 root=$2 archives=$3
shift 3
mount -t tmpfs -o mode=755 mailassay-test "$place"
for part in COPIED; do
    mkdir -p "$(dirname "$place/$part")"
    cp -r "$root/$part" "$place/$part"
done
chmod -R a+rX "$place"
mkdir -p "$place/home/cache/rootfs"
for archive in $archives; do
    cp "$archive" "$place/home/cache/rootfs"
done
chown -R nobody:nogroup "$place/home"
echo nobody:300000:65536 >"$place/range"
mount --bind "$place/range" /etc/subuid
mount --bind "$place/range" /etc/subgid
cd "$place/home"
exec setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps=-all env \
    PATH=/usr/local/bin:/usr/bin:/bin HOME="$place/home" \
    MAILASSAY_CACHE="$place/home/cache" TMPDIR="$place/home" \
    PYTHONPATH="$place/harness" PYTHONDONTWRITEBYTECODE=1 "$@"
"""


def as_plain_user(command: Sequence[str], archives: Sequence[Path] = ()) -> list[str]:
    """The command line that does it; where it names the checkout it gets the copy.

    The process that the command line starts becomes the command.  `archives` are put into the
    user's cache of root file systems; their paths have no white space."""
    if os.geteuid() != 0:
        return list(command)
    script = SCRIPT.replace("COPIED", " ".join(COPIED))
    moved = [word.replace(str(ROOT), str(PLACE)) for word in command]
    return ["unshare", "--mount", "--", "/bin/sh", "-c", script, "sh",
            str(PLACE), str(ROOT), " ".join(map(str, archives)), *moved]
