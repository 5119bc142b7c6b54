"""Where secrets come from: the environment, or a file that the environment names."""

import os
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from crisiswatch.errors import ConfigError
from crisiswatch.secret import Secret

FILE_SUFFIX = "_FILE"


def warn_on_stderr(warning: str) -> None:
    """Tell the operator what is unsafe, but no reason to stop."""
    print(f"crisiswatch: {warning}", file=sys.stderr)  # noqa: T201  # this is the warning's way out


def secret(
    name: str,
    environment: Mapping[str, str] = os.environ,
    *,
    warn: Callable[[str], None] = warn_on_stderr,
) -> Secret | None:
    """Return the secret in the variable `name`, or in the file that `<name>_FILE` names.

    None where there is neither; an empty variable counts as none, as compose files write
    it. White space around the value is dropped: files end with a line break.
    `warn` is called where every user of the machine can read the file.

    Raises:
        ConfigError: both are given, or the file is empty or can not be read.
    """
    given = environment.get(name, "").strip()
    file_name = environment.get(name + FILE_SUFFIX, "").strip()
    if given and file_name:
        raise ConfigError(
            f"both {name} and {name}{FILE_SUFFIX} are set", "keep one of them, unset the other"
        )
    if given:
        return Secret(given)
    return _from_file(name + FILE_SUFFIX, Path(file_name), warn) if file_name else None


def required_secret(
    name: str,
    environment: Mapping[str, str] = os.environ,
    *,
    warn: Callable[[str], None] = warn_on_stderr,
) -> Secret:
    """Return a secret that must be there; raises ConfigError as `secret` does, and without one."""
    found = secret(name, environment, warn=warn)
    if found is None:
        raise ConfigError(
            f"{name} is not set",
            f"set it, or name a file that holds it in {name}{FILE_SUFFIX}",
        )
    return found


def _from_file(variable: str, path: Path, warn: Callable[[str], None]) -> Secret:
    try:
        with path.open(encoding="utf-8") as file:
            value = file.read().strip()
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        raise ConfigError(
            f"{variable}: {path}: {error.strerror}", "name a file that crisiswatch may read"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{variable}: {path}: not UTF-8", "save it as plain text") from None
    if not value:
        raise ConfigError(f"{variable}: {path} is empty", "write the secret into it")
    if stat.S_IMODE(mode) & stat.S_IROTH:
        warn(f"{path}: every user of this machine can read this secret; run chmod o-r on it")
    return Secret(value)
