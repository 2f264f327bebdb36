"""Make images of file systems: from a file, from bytes, from a stream."""

import json

from docker.errors import APIError

from scene import FIXTURES, connect, refused, same, tar

client = connect()


def imported(answer):
    """The ID in the last message of the answer."""
    return json.loads(answer.strip().splitlines()[-1])["status"]


path = str(FIXTURES / "gitlab-runner-helper-rootfs.tar.xz")
changes = ['ENTRYPOINT ["/usr/bin/dumb-init", "/entrypoint"]', "ENV LANG=C.UTF-8", "LABEL tier=ci"]
helper = imported(client.api.import_image(path, repository="team/helper", tag="1", changes=changes))
image = client.images.get("team/helper:1")
same(image.id, helper)
same(image.tags, ["team/helper:1"])
same(image.attrs["Config"]["Entrypoint"], ["/usr/bin/dumb-init", "/entrypoint"])
assert "LANG=C.UTF-8" in image.attrs["Config"]["Env"], image.attrs["Config"]
same(image.labels, {"tier": "ci"})
same(len(image.attrs["RootFS"]["Layers"]), 1)
same([step["Id"] for step in image.history()], [helper])

files = tar(hello=b"hello\n")
data = imported(client.api.import_image_from_data(files, repository="from-data", changes=["CMD run --fast"]))
same(client.images.get("from-data:latest").id, data)
same(client.images.get(data).attrs["Config"]["Cmd"], ["/bin/sh", "-c", "run --fast"])

stream = imported(client.api.import_image_from_stream(iter([files[:700], files[700:]]), repository="from/stream", tag="2"))
same(client.images.get("from/stream:2").id, stream)
same(client.images.get(stream).attrs["RootFS"]["Layers"], client.images.get(data).attrs["RootFS"]["Layers"])

nameless = imported(client.api.import_image_from_file(path))
same(client.images.get(nameless).tags, [])
same([image.id for image in client.images.list(filters={"dangling": True})], [nameless])

with refused(APIError, 400, "is not a valid change command"):
    client.api.import_image_from_data(files, repository="bad", changes=["RUN echo hi"])
with refused(APIError, 400, "invalid reference format"):
    client.api.import_image_from_data(files, repository="Upper")
with refused(APIError, 500, ""):
    client.api.import_image_from_data(b"no tar file" * 100, repository="bad")
same(client.images.list(name="bad"), [])
