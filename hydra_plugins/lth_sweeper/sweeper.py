from hydra.core.config_store import ConfigStore
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper, BasicSweeperConf
class LthSweeper(BasicSweeper):
    pass
from dataclasses import dataclass
@dataclass
class C(BasicSweeperConf):
    _target_: str = "hydra_plugins.lth_sweeper.sweeper.LthSweeper"
ConfigStore.instance().store(group="hydra/sweeper", name="lth", node=C)
