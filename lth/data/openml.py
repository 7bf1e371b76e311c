"""MNIST and Fashion-MNIST from openml.org, or from what scikit-learn has of it."""

import warnings
from http.client import HTTPException

import numpy as np
from sklearn.datasets import fetch_openml, get_data_home

_NAMES = {"mnist": "mnist_784", "fashion": "Fashion-MNIST"}


def load(task: str, data_home: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Grey values (N, 784) uint8 and labels (N,) 0..9. Raises ValueError for what is neither there nor within reach."""
    home = get_data_home(data_home)
    name = _NAMES[task]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "A network error occurred")  # the error below says it
            pixels, labels = fetch_openml(
                name,
                version=1,
                data_home=home,
                return_X_y=True,
                as_frame=False,
                parser="liac-arff",
                n_retries=1,
                delay=0.5,
            )
    except (OSError, HTTPException) as error:
        raise ValueError(
            f"dataset {task}: {name} is neither in {home}/openml nor within reach ({error}); where openml.org is, run "
            f"python -c \"from sklearn.datasets import fetch_openml as f; f('{name}', version=1, data_home='there')\" "
            f"and copy there/openml to {home}; or name its idx files, which `make data` fetches: dataset.folder=data"
        ) from error
    return np.asarray(pixels).astype(np.uint8), np.asarray(labels).astype(np.int64)
