"""A git repository in a notebook's folder."""

from __future__ import annotations

from pathlib import Path

from .programs import ATTEMPTS, ProgramFailed, Programs


class Repository:
    """Does what a person does who finds that the file has changed again: save it and retry."""

    def __init__(self, programs: Programs) -> None:
        self.programs = programs
        self.git = programs.git

    async def begin(self) -> None:
        """Make the repository, with the notebook in it."""
        await self.git("init", "--quiet", "--initial-branch=main")
        await self.git("add", self.programs.path.name)
        await self.git("commit", "--quiet", "-m", "begin")

    async def branch(self, name: str, *edits: tuple[str, str, str]) -> None:
        """Make a branch on which the notebook is edited; the working copy stays as it is."""
        await self.git("worktree", "add", "--quiet", "-b", name, str(self._worktree(name)))
        await self._edit_elsewhere(name, *edits)

    async def go_on(self, name: str, *edits: tuple[str, str, str]) -> None:
        """Bring a branch up to main, and edit the notebook there."""
        await self.git("-C", str(self._worktree(name)), "merge", "--quiet", "main")
        await self._edit_elsewhere(name, *edits)

    async def save(self) -> None:
        """Commit the notebook as it is."""
        await self.git("commit", "--quiet", "--allow-empty", "-a", "-m", "save")

    async def move_to(self, name: str) -> None:
        """Check a branch out."""
        await self.git("-C", str(self._worktree(name)), "checkout", "--quiet", "--detach")
        await self._retry("checkout", "--quiet", name)

    async def merge(self, name: str) -> None:
        """Merge a branch."""
        await self._retry("merge", "--quiet", "--no-edit", name)

    async def merge_in_conflict(self, name: str) -> str:
        """Merge a branch that cannot be merged; what git says."""
        try:
            return await self.git("merge", name)
        except ProgramFailed as failure:
            return str(failure)

    async def pop(self) -> None:
        """Pop the newest stash; where it conflicts, what was stashed counts."""
        try:
            await self._retry("stash", "pop", "--quiet")
        except ProgramFailed as failure:
            if "CONFLICT" not in str(failure):
                raise
            await self.git("checkout", "--theirs", self.programs.path.name)
            await self.git("reset", "--quiet")
            await self.git("stash", "drop", "--quiet")

    def _worktree(self, name: str) -> Path:
        """Where a branch is worked on: in no folder of the server's."""
        return self.programs.path.parents[1] / f"worktree-{name}"

    async def _retry(self, *command: str) -> None:
        for _ in range(ATTEMPTS):
            try:
                await self.git(*command)
                return
            except ProgramFailed as failure:
                if "would be overwritten" not in str(failure):
                    raise
                await self.save()
        raise AssertionError(f"git {' '.join(command)}: the file was never still")

    async def _edit_elsewhere(self, name: str, *edits: tuple[str, str, str]) -> None:
        path = self._worktree(name) / self.programs.path.name
        there = Programs(path, self.programs.environment)
        await there.edit(*edits)
        await there.git("commit", "--quiet", "-a", "-m", "edit")
