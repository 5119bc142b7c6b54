"""compose.yaml: sound as a compose file, hardened, and in step with what it runs."""

import json
import re
import subprocess
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
import redis

from alerting.store.embedded import find_server
from crisiswatch.app.monitoring import of_process
from crisiswatch.config.monitoring import (
    DETECT_ADDRESS,
    INGEST_ADDRESS,
    RESPOND_ADDRESS,
    split_address,
)
from tests.conftest import REPOSITORY
from tests.deploy.deployed import (
    DEPLOY,
    PINNED,
    SECRET,
    command_fault,
    documents,
    known_variables,
    tool,
)

FILE = DEPLOY / "compose.yaml"
SLACK = DEPLOY / "compose.slack.yaml"
[SAID] = documents(FILE)
SERVICES: dict[str, dict[str, Any]] = SAID["services"]
OURS = sorted(name for name, one in SERVICES.items() if one["image"].startswith("crisiswatch"))
CONFIGURATION = tomllib.loads((DEPLOY / "compose" / "crisiswatch.toml").read_text())
WRITES_BESIDE_ITS_PROGRAM = {"kafka"}
PORT = {
    "detect": split_address(DETECT_ADDRESS)[1],
    "respond": split_address(RESPOND_ADDRESS)[1],
    "ingest-bluesky": split_address(INGEST_ADDRESS)[1],
}


@pytest.fixture(params=sorted(SERVICES))
def service(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param, SERVICES[request.param]


def test_compose_itself_takes_it_with_and_without_slack() -> None:
    for files in ([FILE], [FILE, SLACK]):
        named = [word for file in files for word in ("--file", str(file))]
        command = [tool("docker-compose"), *named, "config", "--format", "json"]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (found.returncode, found.stderr) == (0, "")
        assert set(json.loads(found.stdout)["services"]) == set(SERVICES)


def test_every_image_is_one_version(service: tuple[str, dict[str, Any]]) -> None:
    assert PINNED.fullmatch(service[1]["image"])


def test_our_image_is_of_this_version() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert {SERVICES[name]["image"] for name in OURS} == {f"crisiswatch:{version}"}


def test_a_service_can_do_no_more_than_it_needs(service: tuple[str, dict[str, Any]]) -> None:
    name, said = service
    assert said["cap_drop"] == ["ALL"]
    assert "cap_add" not in said
    assert "privileged" not in said
    assert said["security_opt"] == ["no-new-privileges:true"]
    assert said["read_only"] is (name not in WRITES_BESIDE_ITS_PROGRAM)
    assert said.get("user", "kafka runs as its image says").partition(":")[0] not in {"0", "root"}
    assert set(said["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


def test_a_service_comes_back_and_its_log_has_an_end(
    service: tuple[str, dict[str, Any]],
) -> None:
    name, said = service
    assert said["restart"] == ("on-failure" if name == "topics" else "unless-stopped")
    assert said["logging"]["options"].keys() == {"max-size", "max-file"}


def test_whoever_stays_is_asked_how_it_is(service: tuple[str, dict[str, Any]]) -> None:
    name, said = service
    health = said.get("healthcheck")
    if name == "topics":  # it ends
        assert health is None
    else:
        assert {"test", "interval", "timeout", "retries", "start_period"} == set(health or {})


@pytest.mark.parametrize("name", sorted(PORT))
def test_ours_are_asked_where_they_are_told_to_listen(name: str) -> None:
    *_, url = SERVICES[name]["healthcheck"]["test"]
    assert url == f"http://127.0.0.1:{PORT[name]}/healthz"


def test_whoever_is_waited_for_can_be_seen_to_be_ready(
    service: tuple[str, dict[str, Any]],
) -> None:
    for other, how in service[1].get("depends_on", {}).items():
        is_asked = "test" in SERVICES[other].get("healthcheck", {})
        ready = "service_healthy" if is_asked else "service_completed_successfully"
        assert how == {"condition": ready}


@pytest.mark.parametrize("name", OURS)
def test_the_program_understands_what_it_is_told(name: str) -> None:
    assert command_fault(SERVICES[name]["command"]) is None


def test_every_variable_of_ours_is_one_that_the_program_reads() -> None:
    given = {key for name in OURS for key in SERVICES[name].get("environment", {})}
    [slack] = documents(SLACK)
    given |= set(slack["services"]["respond"]["environment"])
    assert given <= known_variables()


def test_a_secret_is_never_written_down_but_read_from_a_file_that_git_does_not_see() -> None:
    for name, said in SERVICES.items():
        secrets = {
            key: value for key, value in said.get("environment", {}).items() if SECRET.search(key)
        }
        for key, value in secrets.items():
            assert key.endswith("_FILE"), (name, key)
            assert Path(value).name in said["secrets"], (name, key)
    files = [
        one["file"] for path in (FILE, SLACK) for one in documents(path)[0]["secrets"].values()
    ]
    for file in files:
        command = ["git", "check-ignore", "--quiet", str(DEPLOY / file)]
        assert subprocess.run(command, cwd=REPOSITORY, check=False).returncode == 0, file


def test_only_grafana_can_be_reached_and_only_from_this_machine() -> None:
    published = {name: said["ports"] for name, said in SERVICES.items() if "ports" in said}
    assert published == {"grafana": ["127.0.0.1:3000:3000"]}
    assert [name for name, said in SERVICES.items() if "network_mode" in said] == []


def test_only_whoever_has_somebody_to_call_outside_can() -> None:
    can = {name for name, said in SERVICES.items() if "outside" in said["networks"]}
    assert can == {"respond", "ingest-bluesky", "alertmanager", "grafana"}
    assert SAID["networks"]["inside"] == {"internal": True}


def test_what_is_mounted_from_the_repository_is_there_and_can_not_be_written() -> None:
    for said in SERVICES.values():
        for volume in said.get("volumes", []):
            source, _, how = volume.partition(":")
            if not source.startswith("./"):
                assert source in SAID["volumes"]
                continue
            assert how.endswith(":ro")
            assert (DEPLOY / source).exists(), source


def test_services_are_called_by_the_names_that_the_configuration_uses() -> None:
    [broker] = CONFIGURATION["kafka"]["brokers"]
    assert f"PLAINTEXT://{broker}" == SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert CONFIGURATION["store"]["url"].startswith("redis://redis:")


def test_the_topics_of_the_configuration_are_made() -> None:
    [script] = SERVICES["topics"]["command"]
    found = re.search(r"for topic in (.*); do", script)
    assert found
    kafka = CONFIGURATION["kafka"]
    assert set(found[1].split()) == {kafka["topic"], kafka["dead_letters"]}


def test_redis_keeps_what_it_was_given_and_asks_for_the_password(tmp_path: Path) -> None:
    """The very command of the file, with this machine's folders in place of the container's."""
    [script] = SERVICES["redis"]["command"]
    (tmp_path / "redis_password").write_text("0123abcd\n")
    with tempfile.TemporaryDirectory(prefix="cw") as short:
        socket = Path(short) / "s"
        here = (
            script.replace("$$", "$")
            .replace("/run/secrets", str(tmp_path))
            .replace("dir /data", f"dir {tmp_path}\nport 0\nunixsocket {socket}")
            .replace("redis-server", str(find_server()), 1)
        )
        command = [*SERVICES["redis"]["entrypoint"], here]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            settings = _settings_of(socket, "0123abcd")
            listed = Path(f"/proc/{server.pid}/cmdline").read_text()
        finally:
            server.terminate()
            code = server.wait(20)
    assert settings == {
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
    }
    assert "0123abcd" not in listed
    assert code == 0, "SIGTERM must reach the server itself"


def _settings_of(socket: Path, password: str) -> dict[str, str]:
    over_at_s = time.monotonic() + 20
    while True:
        try:
            with redis.Redis(unix_socket_path=str(socket), decode_responses=True) as stranger:
                stranger.ping()
        except redis.AuthenticationError:
            break
        except redis.ConnectionError:
            assert time.monotonic() < over_at_s, "the server does not come up"
            time.sleep(0.02)
    with redis.Redis(
        unix_socket_path=str(socket), password=password, decode_responses=True
    ) as client:
        names = ("appendonly", "appendfsync", "maxmemory-policy")
        return {name: str(client.config_get(name)[name]) for name in names}


def test_no_anonymous_user_sees_grafana_and_it_calls_nobody() -> None:
    environment = SERVICES["grafana"]["environment"]
    assert environment["GF_AUTH_ANONYMOUS_ENABLED"] == "false"
    assert environment["GF_ANALYTICS_REPORTING_ENABLED"] == "false"
    assert environment["GF_SECURITY_ADMIN_PASSWORD__FILE"] == "/run/secrets/grafana_password"  # noqa: S105  # a path


def test_prometheus_asks_the_supervisor_and_each_process_of_detection() -> None:
    (number_of,) = [word for word in SERVICES["detect"]["command"] if "--processes" in word]
    processes = int(number_of.partition("=")[2])
    (asked,) = documents(DEPLOY / "prometheus" / "prometheus.yml")
    (job,) = [job for job in asked["scrape_configs"] if job["job_name"] == "detect"]
    (named,) = job["static_configs"]
    address = f"detect:{PORT['detect']}"
    own = [of_process(address, number) for number in range(processes)]
    assert named["targets"] == [address, *own]
