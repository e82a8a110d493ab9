"""``install.sh`` with a simulated package manager: what it installs, and that it lets nothing start."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("install.sh")
# Records its arguments and whether a start would be refused; if possible, installs programs that are
# named like their packages.
APT = """#!/bin/sh
echo "$* $("{policy}" >/dev/null 2>&1; echo $?)" >>"{log}"
[ {code} = 0 ] || exit {code}
for name in chromium redis-server; do
    case " $* " in *" $name "*) printf '#!/bin/sh\\n' >"{bin}/$name" && chmod 755 "{bin}/$name" ;; esac
done
"""


class Machine:
    """A folder of programs that is the whole path."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.log, self.policy = folder / "bin", folder / "log", folder / "policy-rc.d"
        self.bin.mkdir()
        for name in ("sh", "ls", "rm", "chmod"):
            (self.bin / name).symlink_to(f"/bin/{name}")
        self.program("initdb")
        self.program("id", "echo 0")

    def program(self, name: str, text: str = "") -> None:
        (self.bin / name).write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n")
        (self.bin / name).chmod(0o755)

    def apt(self, code: int = 0) -> None:
        self.program("apt-get", APT.format(policy=self.policy, log=self.log, bin=self.bin, code=code))

    def run(self) -> str:
        result = subprocess.run(  # noqa: S603 - our own script
            [str(SCRIPT), str(self.policy)], env={"PATH": str(self.bin)}, capture_output=True, text=True, check=True
        )
        assert result.stderr == ""
        return result.stdout

    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_is_done_if_everything_is_installed(machine: Machine) -> None:
    machine.apt()
    machine.program("redis-server")
    machine.program("chromium-browser")
    assert (machine.run(), machine.asked()) == ("", [])


def test_missing_packages_are_installed_and_not_started(machine: Machine) -> None:
    machine.apt()
    assert machine.run() == "Installing Redis, PostgreSQL and Chromium for the tests\n"
    assert machine.asked() == [
        "update -qq 101",
        "install -y -qq --no-install-recommends redis-server postgresql 101",
        "install -y -qq --no-install-recommends chromium 101",
    ]
    assert not machine.policy.exists()


@pytest.mark.parametrize(("there", "package"), [("redis-server", "chromium"), ("chromium", "redis-server postgresql")])
def test_only_missing_packages_are_installed(machine: Machine, there: str, package: str) -> None:
    machine.apt()
    machine.program(there)
    machine.run()
    assert machine.asked()[1:] == [f"install -y -qq --no-install-recommends {package} 101"]


def test_an_existing_policy_is_kept(machine: Machine) -> None:
    machine.apt()
    machine.policy.write_text("#!/bin/sh\nexit 7\n")
    machine.policy.chmod(0o755)
    machine.run()
    assert machine.asked()[0] == "update -qq 7"
    assert "exit 7" in machine.policy.read_text()


@pytest.mark.parametrize("who", ["nobody", "elsewhere", "offline"])
def test_without_permission_to_install_a_message_says_so(machine: Machine, who: str) -> None:
    if who != "elsewhere":
        machine.apt(code=1)
    if who == "nobody":
        machine.program("id", "echo 1000")
    told = machine.run().splitlines()
    assert told[-1].endswith("the tests that need it will be skipped")
    assert len(told) == (2 if who == "offline" else 1)
    assert not machine.policy.exists()
