#!/usr/bin/env python3
"""The files of the tree that are ours: what git tracks and what is new and not ignored.

Usage: tools/source_tree.py ENDING…     prints those of the endings, a line each
"""
import os
import subprocess
import sys
from pathlib import Path


def files(root: Path) -> list[str]:
    """Paths relative to the root, sorted. Without a usable git: not build/, nothing hidden."""
    if (root / ".git").exists():
        git = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others"]
        found = subprocess.run([*git, "--exclude-standard"], capture_output=True, check=False)
        if found.returncode == 0:
            paths = {path for path in found.stdout.decode().split("\0") if path}
            return sorted(path for path in paths if (root / path).is_file())
    paths = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in ("build", "__pycache__") and f[0] != "."]
        paths += [(Path(folder) / name).relative_to(root).as_posix() for name in names]
    return sorted(paths)


if __name__ == "__main__":
    found = files(Path(__file__).parent.parent.resolve())
    print("\n".join(file for file in found if file.endswith(tuple(sys.argv[1:]))))
