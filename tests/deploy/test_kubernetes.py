"""The manifests: sound by Kubernetes' own schemas, hardened, and in step with what they run."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

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
    documents_of,
    known_variables,
    tool,
    values,
)

K8S = DEPLOY / "k8s"
KUSTOMIZATIONS = sorted(K8S.rglob("kustomization.yaml"))
MANIFESTS = sorted(path for path in K8S.rglob("*.yaml") if path.name != "kustomization.yaml")
SAID = [one for path in MANIFESTS for one in documents(path)]
WORKLOADS = {
    one["metadata"]["name"]: one for one in SAID if one["kind"] in {"Deployment", "StatefulSet"}
}
POLICIES = {one["metadata"]["name"]: one["spec"] for one in SAID if one["kind"] == "NetworkPolicy"}
METRICS = {
    "detect": split_address(DETECT_ADDRESS)[1],
    "respond": split_address(RESPOND_ADDRESS)[1],
    "ingest-bluesky": split_address(INGEST_ADDRESS)[1],
}
CONFIGURATION = tomllib.loads((K8S / "base" / "crisiswatch.toml").read_text())


def _name(path: Path) -> str:
    return str(path.relative_to(K8S))


def _pod(workload: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = workload["spec"]["template"]["spec"]
    return spec


def _container(workload: dict[str, Any]) -> dict[str, Any]:
    [only] = _pod(workload)["containers"]
    found: dict[str, Any] = only
    return found


def _rendered(name: str) -> list[dict[str, Any]]:
    command = [tool("kubectl"), "kustomize", str(K8S / name)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
    return documents_of(found.stdout)


@pytest.fixture(params=sorted(WORKLOADS))
def workload(request: pytest.FixtureRequest) -> dict[str, Any]:
    return WORKLOADS[request.param]


def _refused(path: Path) -> str:
    command = [tool("kubernetes-validate"), "--strict", "--quiet", str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout + found.stderr if found.returncode else ""


@pytest.mark.parametrize(
    "path", [path for path in MANIFESTS if path.parent.name != "service-monitor"], ids=_name
)
def test_every_manifest_is_sound_by_the_schemas_of_kubernetes(path: Path) -> None:
    assert _refused(path) == ""


def test_the_schemas_see_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    text = (K8S / "base" / "respond.yaml").read_text()
    wrong.write_text(text.replace("readOnlyRootFilesystem", "readOnlyRoot"))
    assert "readOnlyRoot" in _refused(wrong)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=_name)
def test_every_file_that_a_kustomization_names_is_there(path: Path) -> None:
    [said] = documents(path)
    named = [*said.get("resources", []), *said.get("components", [])]
    for generator in ("configMapGenerator", "secretGenerator"):
        for one in said.get(generator, []):
            named += [file.rpartition("=")[2] for file in one["files"]]
    assert [name for name in named if not (path.parent / name).exists()] == []


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=_name)
def test_no_kustomization_adds_labels_to_selectors(path: Path) -> None:
    """It would add them to the selector of the name server as well, and nothing could be found."""
    [said] = documents(path)
    assert "commonLabels" not in said
    assert list(values(said.get("labels", []), "includeSelectors")) == []


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=_name)
def test_what_is_patched_is_there(path: Path) -> None:
    [said] = documents(path)
    for patch in said.get("patches", []):
        target = WORKLOADS[patch["target"]["name"]]
        assert target["kind"] == patch["target"]["kind"]
        for step in documents_of(patch["patch"])[0]:
            _parent_of(target, step["path"])


def _parent_of(document: Any, pointer: str) -> Any:
    """Walk to where a JSON patch adds something; a step that leads nowhere is an error."""
    for part in pointer.strip("/").split("/")[:-1]:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def test_the_example_is_rendered_with_all_that_the_pods_refer_to() -> None:
    found = _rendered("example")
    names = {(one["kind"], one["metadata"]["name"]) for one in found}
    assert {one["metadata"].get("namespace") for one in found} == {"crisiswatch", None}
    for kind, key in (("ConfigMap", "configMap"), ("Secret", "secret")):
        for volume in values(found, key):
            assert (kind, volume.get("name", volume.get("secretName"))) in names
    [secret] = [one for one in found if one["kind"] == "Secret"]
    for volume in values(found, "secret"):
        assert {item["key"] for item in volume["items"]} <= set(secret["data"])
    images = {str(image) for image in values(found, "image")}
    assert len(images) == 1
    assert PINNED.fullmatch(images.pop())


@pytest.mark.parametrize("name", ["base", "example"])
def test_rendering_changes_no_selector_and_leads_pods_to_the_name_server(name: str) -> None:
    found = _rendered(name)
    policies = {
        one["metadata"]["name"]: one["spec"] for one in found if one["kind"] == "NetworkPolicy"
    }
    assert policies == {name: POLICIES[name] for name in policies}
    for one in found:
        if one["kind"] in {"Deployment", "StatefulSet"}:
            labels = one["spec"]["template"]["metadata"]["labels"]
            assert one["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_secrets_that_are_committed_are_placeholders() -> None:
    for path in (K8S / "example" / "secrets").iterdir():
        assert path.read_text() == "placeholder: replace me\n"
    assert [one for one in SAID if one["kind"] == "Secret"] == []


def test_a_pod_meets_the_strictest_standard_of_kubernetes(workload: dict[str, Any]) -> None:
    pod, container = _pod(workload), _container(workload)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert set(container["resources"]["limits"]) == {"memory"}


def test_a_pod_mounts_what_it_has_and_secrets_for_its_group_only(workload: dict[str, Any]) -> None:
    pod, container = _pod(workload), _container(workload)
    claims = workload["spec"].get("volumeClaimTemplates", [])
    has = {one["name"] for one in pod["volumes"]} | {one["metadata"]["name"] for one in claims}
    mounted = {one["name"] for one in container["volumeMounts"]}
    assert mounted == has
    for secret in values(pod["volumes"], "secret"):
        assert secret["defaultMode"] == 0o440


def test_a_pod_is_selected_by_its_workload(workload: dict[str, Any]) -> None:
    labels = workload["spec"]["template"]["metadata"]["labels"]
    assert workload["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert labels["app.kubernetes.io/component"] == workload["metadata"]["name"]


def test_the_program_understands_what_it_is_told(workload: dict[str, Any]) -> None:
    container = _container(workload)
    assert command_fault(container["args"]) is None
    given = {one["name"] for one in container.get("env", [])}
    assert given <= known_variables()
    for one in container.get("env", []):
        assert not SECRET.search(one["name"]) or one["name"].endswith("_FILE")


def test_variables_that_components_add_are_known() -> None:
    patches = [
        patch["patch"] for path in KUSTOMIZATIONS for patch in documents(path)[0].get("patches", [])
    ]
    added = [value for text in patches for value in values(documents_of(text), "value")]
    names = {
        one["name"]
        for value in added
        for one in (value if isinstance(value, list) else [value])
        if "value" in one
    }
    assert names
    assert names <= known_variables()


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_pod_is_asked_where_its_configuration_says_that_it_listens(name: str) -> None:
    container = _container(WORKLOADS[name])
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert ports["metrics"] == METRICS[name]
    asked = {
        probe: container[f"{probe}Probe"]["httpGet"]
        for probe in ("startup", "liveness", "readiness")
    }
    assert {one["port"] for one in asked.values()} == {"metrics"}
    assert [one["path"] for one in asked.values()] == ["/healthz", "/healthz", "/readyz"]
    [service] = [
        one for one in SAID if one["kind"] == "Service" and one["metadata"]["name"] == name
    ]
    assert {one["name"]: one["port"] for one in service["spec"]["ports"]} == ports


def test_every_process_of_detection_is_told_the_addresses_of_all() -> None:
    detect = WORKLOADS["detect"]["spec"]
    options = dict(word.partition("=")[::2] for word in _container(WORKLOADS["detect"])["args"])
    [service] = [
        one for one in SAID if one["kind"] == "Service" and one["metadata"]["name"] == "detect"
    ]
    port = next(one["port"] for one in service["spec"]["ports"] if one["name"] == "cluster")
    hosts = [
        f"detect-{number}.{detect['serviceName']}:{port}" for number in range(detect["replicas"])
    ]
    assert options["--addresses"] == ",".join(hosts)
    assert options["--process-id"] == "auto"
    assert detect["podManagementPolicy"] == "Parallel"
    assert detect["updateStrategy"] == {"type": "OnDelete"}
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["publishNotReadyAddresses"] is True


def test_two_responders_are_kept_apart_and_never_both_taken() -> None:
    respond = WORKLOADS["respond"]["spec"]
    assert respond["replicas"] == 2
    assert respond["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    [budget] = [
        one
        for one in SAID
        if one["kind"] == "PodDisruptionBudget" and one["metadata"]["name"] == "respond"
    ]
    assert budget["spec"]["minAvailable"] == 1
    keys = {one["topologyKey"] for one in _pod(WORKLOADS["respond"])["topologySpreadConstraints"]}
    assert keys == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def test_nothing_is_allowed_that_no_policy_allows() -> None:
    deny = POLICIES["crisiswatch"]
    assert deny["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "crisiswatch"}
    assert deny["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in deny
    [names] = deny["egress"]
    assert {one["port"] for one in names["ports"]} == {53}
    for rule in [
        rule
        for policy in POLICIES.values()
        for way in ("ingress", "egress")
        for rule in policy.get(way, [])
    ]:
        assert rule.get("from") or rule.get("to"), "a rule without peers allows everybody"
        assert rule["ports"], "a rule without ports allows all"


def test_only_detection_reaches_the_link_between_its_processes() -> None:
    [port] = [
        one["containerPort"]
        for one in _container(WORKLOADS["detect"])["ports"]
        if one["name"] == "cluster"
    ]
    allowed = [
        peer
        for policy in POLICIES.values()
        for rule in policy.get("ingress", [])
        if any(one["port"] == port for one in rule["ports"])
        for peer in rule["from"]
    ]
    labels = {"app.kubernetes.io/name": "crisiswatch", "app.kubernetes.io/component": "detect"}
    assert allowed == [{"podSelector": {"matchLabels": labels}}]


def test_the_way_out_leads_to_no_private_address() -> None:
    for block in values(list(POLICIES.values()), "ipBlock"):
        assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(
            block["except"]
        )


def test_policies_open_the_ports_that_the_configuration_uses() -> None:
    [broker] = CONFIGURATION["kafka"]["brokers"]
    store = CONFIGURATION["store"]["url"].removeprefix("redis://").partition("/")[0]
    for address, namespace, users in (
        (broker, "kafka", ("detect", "ingest-bluesky")),
        (store, "redis", ("detect", "respond")),
    ):
        host, port = split_address(address)
        assert host.endswith(f".{namespace}")
        for user in users:
            opened = {
                (one["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"], to["port"])
                for rule in POLICIES[user]["egress"]
                for one in rule["to"]
                if "namespaceSelector" in one
                for to in rule["ports"]
            }
            assert (namespace, port) in opened


def test_the_images_are_of_this_version() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    images = {str(image) for image in values(SAID, "image")}
    assert images == {f"registry.example.com/crisiswatch:{version}"}
    tags = [
        one["newTag"] for path in KUSTOMIZATIONS for one in documents(path)[0].get("images", [])
    ]
    assert tags == [version]
