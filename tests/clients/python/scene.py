"""What the scenarios share: the client, the archives, small file systems, expected errors."""

import contextlib
import io
import os
import pathlib
import tarfile

import docker

FIXTURES = pathlib.Path(os.environ["FIXTURES"])

HELPER = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5"
HELPER_NAME = "fixture/helper:x86_64-v18.1"
BASE = "sha256:73ed4e88b05f31f66a0daf462ca68c6883939a00d76881821a680d2e93691daf"
BASE_NAME = "fixture/base:1"


def connect():
    """A client of the daemon that `DOCKER_HOST` names; it asks for the API version."""
    return docker.from_env(timeout=60)


def load(client, archive="docker-20.10-two-images.tar"):
    """The images of an archive that a real tool wrote."""
    with open(FIXTURES / archive, "rb") as file:
        return client.images.load(file)


def tar(**files):
    """A tar file with these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@contextlib.contextmanager
def refused(kind, status, words):
    """What is done inside must fail with exactly this class of error, status and words."""
    try:
        yield
    except docker.errors.APIError as error:
        assert type(error) is kind, repr(error)
        assert error.status_code == status, (error.status_code, error.explanation)
        assert words in error.explanation, error.explanation
    else:
        raise AssertionError(f"not refused with {status} {words}")


def same(found, expected):
    assert found == expected, f"expected {expected!r}, found {found!r}"
