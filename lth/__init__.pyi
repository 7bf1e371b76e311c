from lth import results as results
from lth import ticket as ticket
from lth.data import Dataset as Dataset
from lth.data import Task as Task
from lth.door import Runs as Runs
from lth.door import train as train
from lth.ticket import Ticket as Ticket
from lth.ticket import analyse as analyse

__version__: str
