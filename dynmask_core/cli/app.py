"""`dynmask app`: opens the app in a browser, from a checkout or from an installed package."""

from __future__ import annotations

import argparse
import logging
import os
import runpy
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dynmask_core.errors import InputError
from dynmask_core.jobs import state
from dynmask_core.jobs.limits import FOR_CLASS, VARIABLES, Limits
from dynmask_core.place import app_folder
from dynmask_core.runs import default_root

PORT = 8501
HERE, EVERYWHERE = "127.0.0.1", "0.0.0.0"
LIMITS = {
    "visitor_runs": "experiments of one visitor that train or wait (default 10)",
    "line": "experiments of all that wait (default 100)",
    "visitor_texts": "texts of one visitor that are kept (default 30)",
    "upload_mb": "the largest text that a visitor may bring (default 20, which is the most)",
    "keep_days": "delete what visitors trained after so many days without a look (default 0: never; --class: 30)",
    "keep_gb": "delete the oldest of it above so much (default 0: never; --class: 10)",
}


def add(commands: Any) -> None:
    command = commands.add_parser("app", help="open the app in a browser")
    command.add_argument("--port", type=int, default=PORT, metavar="N", help=f"(default {PORT})")
    command.add_argument(
        "--class",
        action="store_true",
        dest="for_class",
        help="for other machines of the network, too: prints the links to give; opens no browser here",
    )
    command.add_argument("--address", metavar="A", help=f"to listen on (default {HERE}, with --class {EVERYWHERE})")
    command.add_argument("--no-browser", action="store_true", help="open no browser")
    command.add_argument("--runs-dir", type=Path, metavar="DIR", help="where runs and the visitors' texts lie")
    command.add_argument("--workers", type=int, metavar="N", help="runs that train at once (default one per core, ≤ 4)")
    command.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster that trains instead")
    command.add_argument("--encoders", type=Path, metavar="DIR", help="pre-trained encoders that visitors can choose")
    for name, told in LIMITS.items():
        command.add_argument(f"--{name.replace('_', '-')}", dest=name, metavar="N", help=told)
    command.add_argument("--status", action="store_true", help="how the server does that works with the runs folder")
    command.set_defaults(run=run, show=show)


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Serves until it is interrupted. Raises InputError: `port_taken`, `port_wrong`, `workers_wrong`, `limit_wrong`;
    `no_server` if there is none whose status could be told."""
    if arguments.status:
        return asdict(state.read(arguments.runs_dir or default_root()))
    address = arguments.address or (EVERYWHERE if arguments.for_class else HERE)
    _check(arguments, address)
    os.environ.update(settings(arguments))
    Limits.given()
    log()
    if arguments.for_class:
        print(_links(address, arguments.port), flush=True)
    # In this process, so that whoever ends it ends the app. Streamlit reads .streamlit beside app.py.
    sys.argv = command(arguments, address)
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return {}


def settings(arguments: argparse.Namespace) -> dict[str, str]:
    """The environment variables that say the same; see "Serving a class" in the documents."""
    given = {
        "DYNMASK_RUNS": arguments.runs_dir and arguments.runs_dir.resolve(),
        "DYNMASK_WORKERS": arguments.workers,
        "DYNMASK_SCHEDULER": arguments.scheduler,
        "DYNMASK_ENCODERS": arguments.encoders and arguments.encoders.resolve(),
        **{VARIABLES[name]: getattr(arguments, name) for name in VARIABLES},
    }
    of_class = {VARIABLES[name]: value for name, value in FOR_CLASS.items() if VARIABLES[name] not in os.environ}
    found = {name: str(value) for name, value in given.items() if value is not None}
    return {**{name: str(value) for name, value in of_class.items()}, **found} if arguments.for_class else found


def log() -> None:
    """To standard error: what the line does, with the names of runs. Of a reader's text nothing is said."""
    with_time = logging.StreamHandler()
    with_time.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    ours = logging.getLogger("dynmask_core")
    ours.addHandler(with_time)
    ours.setLevel(logging.INFO)
    ours.propagate = False


def show(status: dict[str, Any]) -> None:
    """What `--status` tells; nothing after serving."""
    if not status:
        return
    sessions = "unknown" if status["sessions"] is None else status["sessions"]
    print(f"process     {status['pid']}, for {(status['at'] - status['since']) / 3600:.1f} h")
    print(f"open pages  {sessions}")
    print(f"runs        {status['training']} train, {status['waiting']} wait")
    print(f"memory      {status['memory'] / 2**20:.0f} MB, its workers {status['workers'] / 2**20:.0f} MB")
    print(f"disk        {status['free'] / 2**30:.1f} GB free")
    print(f"swept       {status['swept']}; {status['kept']} left, {status['left'] / 2**20:.0f} MB")


def command(arguments: argparse.Namespace, address: str) -> list[str]:
    """What Streamlit is called with."""
    headless = arguments.no_browser or arguments.for_class
    options = {"server.port": arguments.port, "server.address": address, "server.headless": str(headless).lower()}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return ["streamlit", "run", str(app_folder() / "app.py"), *words]


def _check(arguments: argparse.Namespace, address: str) -> None:
    if not 1 <= arguments.port <= 65535:
        raise InputError("port_wrong", port=arguments.port)
    if arguments.workers is not None and arguments.workers < 1:
        raise InputError("workers_wrong", workers=arguments.workers)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # there it would let two programs share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, arguments.port))
        except OSError as error:
            raise InputError("port_taken", port=arguments.port, address=address) from error


def _links(address: str, port: int) -> str:
    """What a class opens: this machine as the network knows it, if the app listens to the network."""
    host = _own_address() if address in (EVERYWHERE, "::") else address
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/learn"


def _own_address() -> str:
    """The address of this machine in its network, else its name. Nothing is sent: a datagram socket only looks up the
    way to an address, here one that is kept free for examples (RFC 5737)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
