"""The experiment: what runs, what to run next, where it runs, what it means."""

import sys
from types import ModuleType
from typing import Any


class _FolderAndFunction(ModuleType):
    """`whydrop.explain` is both this folder and the public function of the same name.

    Importing any module below it makes Python set `whydrop.explain` to the folder, so the folder
    can be called.
    """

    def __call__(self, *args: Any, **options: Any) -> Any:
        from whydrop.explain.api import explain

        return explain(*args, **options)


sys.modules[__name__].__class__ = _FolderAndFunction
