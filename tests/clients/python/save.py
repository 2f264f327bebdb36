"""Save images in chunks and load them again."""

import io
import json
import tarfile

from docker.errors import NotFound

from scene import BASE, BASE_NAME, HELPER, HELPER_NAME, connect, load, same

client = connect()
load(client)
client.images.get(HELPER).tag("second", tag="2")


def manifest(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return json.load(tar.extractfile("manifest.json"))


helper = client.images.get(HELPER)
chunks = list(helper.save(chunk_size=4096, named=HELPER_NAME))
assert len(chunks) > 1 and max(map(len, chunks)) <= 4096
named = b"".join(chunks)
[item] = manifest(named)
same(item["RepoTags"], [HELPER_NAME])
same(len(item["Layers"]), 4)

[item] = manifest(b"".join(client.images.get(BASE).save(named=True)))
same(item["RepoTags"], [BASE_NAME])
nameless = b"".join(helper.save())
[item] = manifest(nameless)
assert not item["RepoTags"], item
with tarfile.open(fileobj=io.BytesIO(nameless)) as tar:
    config = json.load(tar.extractfile(item["Config"]))
same(config["rootfs"]["diff_ids"], helper.attrs["RootFS"]["Layers"])
streamed = b"".join(client.api.get_image("second:2", chunk_size=None))
same(manifest(streamed)[0]["RepoTags"], ["second:2"])
try:
    b"".join(client.api.get_image("nosuch:1"))
except NotFound as error:
    same(error.status_code, 404)
else:
    raise AssertionError("saved what is not there")

for name in [HELPER, BASE]:
    client.images.remove(name, force=True)
same(client.images.list(all=True), [])
same({image.id for image in client.images.load(named)}, {HELPER})
same(client.images.get(HELPER).tags, [HELPER_NAME])
