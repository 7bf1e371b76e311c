"""Where runs are tracked beside their folders, and what each of these places needs."""

from typing import Literal

Mode = Literal["offline", "wandb_online", "trackio", "tensorboard", "mlflow", "off"]
WANDB: tuple[Mode, ...] = ("offline", "wandb_online")
EXTRAS: tuple[Mode, ...] = ("trackio", "tensorboard", "mlflow")  # a mode, its module and its extra have one name
