"""What the operator's guide says is so: its copy of Redis can be put back, its figures exist."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from alerting.keeping import AuditEntry
from alerting.store.connection import connection_settings
from alerting.store.embedded import EmbeddedRedis
from alerting.store.redis_store import RedisStore
from tests.conftest import REPOSITORY, skip
from tests.deploy.deployed import tool
from tests.deploy.exported import exported
from tests.doubles.redis_server import RedisServer
from tests.made_signals import minute

GUIDE = (REPOSITORY / "docs" / "operating.md").read_text()
METRIC = re.compile(r"`(crisiswatch_\w+)`")


def test_every_metric_that_the_guide_names_is_exported() -> None:
    named = set(METRIC.findall(GUIDE))
    assert len(named) > 10
    assert named - set(exported(with_suffixes=False)) == set()


def test_every_file_of_the_deployment_that_the_guide_names_is_there() -> None:
    named = set(re.findall(r"deploy/[\w./-]+[\w]", GUIDE))
    ours = {name for name in named if "/secrets" not in name and name != "deploy/k8s/ours"}
    missing = {name.removeprefix("deploy/") for name in ours if not (REPOSITORY / name).exists()}
    assert not missing


def test_the_copy_of_redis_that_the_guide_makes_can_be_put_back(tmp_path: Path) -> None:
    [block] = re.findall(r"```\n(export REDISCLI_AUTH.*?)```", GUIDE, re.DOTALL)
    with RedisServer(fsync="always") as server:
        if not (server.folder / "appendonlydir").is_dir():
            skip("this Redis has no folder of append-only files; install Redis 7")
        store = RedisStore(connection_settings(server.url))
        store.audit([_entry(number) for number in range(50)])
        head = store.audit_head()
        _run(block, server, tmp_path)
        store.audit([_entry(99)])
        store.close()
    [copy] = tmp_path.glob("redis-*.tar")
    data = tmp_path / "store" / "data"
    data.mkdir(parents=True)
    subprocess.run(["tar", "-C", str(data), "-xf", str(copy)], check=True)
    with EmbeddedRedis(tmp_path / "store"):
        verify = ["audit", "verify", "--store", str(tmp_path / "store")]
        command = [sys.executable, "-m", "crisiswatch", *verify]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.stdout == f"The audit log is whole: 50 records, head {head.sha256}\n"


def _entry(number: int) -> AuditEntry:
    detail = {"number": number}
    return AuditEntry(at=minute(number), kind="note", case_id=None, actor="ada", detail=detail)


def _run(block: str, server: RedisServer, folder: Path) -> None:
    """Run the guide's own lines, with this server's socket and folder in place of the usual."""
    client = folder / "redis-cli"
    client.write_text(f'#!/bin/sh\nexec {tool("redis-cli")} -s {server.socket_path} "$@"\n')
    client.chmod(0o755)
    here = block.replace("REDISCLI_AUTH=...", "").replace("/var/lib/redis", str(server.folder))
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    shell = shutil.which("bash") or "/bin/sh"
    subprocess.run([shell, "-ec", here], cwd=folder, env=environment, check=True)
