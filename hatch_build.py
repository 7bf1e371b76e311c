"""Compiles the kernel while the package is installed or a wheel of it is made.

A machine without a compiler still gets the package: it then trains with PyTorch, and says so.
"""

import importlib.util
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

KERNEL = Path("lth", "stack", "kernel")


class KernelHook(BuildHookInterface):
    """Builds the library beside its sources, from where an editable install loads it and a wheel takes it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; `version` is standard or editable."""
        folder = Path(self.root) / KERNEL
        spec = importlib.util.spec_from_file_location("lth_kernel_building", folder / "building.py")
        assert spec is not None
        assert spec.loader is not None
        building = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(building)
        if version != "editable":  # conf of its own at the top of site-packages would clash with anybody's
            build_data["force_include"][str(Path(self.root, "conf"))] = "lth/conf"
        try:
            library = building.build(folder)
        except building.BuildError as error:
            print(f"lth: no compiled kernel, training will use PyTorch: {error}", file=sys.stderr)
            return
        if version != "editable":
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{platform}"
            for path in (library, building.seal_of(library)):
                build_data["force_include"][str(path)] = str(KERNEL / path.name)
