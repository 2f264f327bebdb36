"""Load archives, find and tag what they brought."""

from docker.errors import APIError, ImageNotFound, NotFound

from scene import BASE, BASE_NAME, FIXTURES, HELPER, HELPER_NAME, connect, load, refused, same

client = connect()
assert client.ping()
same(client.images.list(), [])
with refused(ImageNotFound, 404, "No such image: fixture/helper:x86_64-v18.1"):
    client.images.get(HELPER_NAME)

# The SDK looks every line of the answer up again.
same({image.id for image in load(client)}, {HELPER, BASE})
same({image.id for image in client.images.load((FIXTURES / "docker-20.10-untagged.tar").read_bytes())}, {HELPER})

helper = client.images.get(HELPER_NAME)
same(helper.id, HELPER)
same(helper.short_id, HELPER[:19])
same(helper.tags, [HELPER_NAME])
same(helper.labels, {"com.example.tier": "ci, runner", "org.opencontainers.image.title": "helper"})
same(helper.attrs["Config"]["Entrypoint"], ["/usr/bin/dumb-init", "/entrypoint"])
same(len(helper.attrs["RootFS"]["Layers"]), 4)
same(client.images.get(HELPER[7:19]), helper)

assert helper.tag("example.com:5000/team/helper", tag="18")
assert helper.tag("short")
helper.reload()
same(set(helper.tags), {HELPER_NAME, "example.com:5000/team/helper:18", "short:latest"})
with refused(APIError, 400, "invalid"):
    helper.tag("Upper/Case")
with refused(ImageNotFound, 404, "No such image: nosuch:latest"):
    client.api.tag("nosuch", "somewhere")


def listed(**arguments):
    return {image.id for image in client.images.list(**arguments)}


same(listed(), {HELPER, BASE})
same(listed(all=True), {HELPER, BASE})
same(listed(name="fixture/helper"), {HELPER})
same(listed(name="fixture/*"), {HELPER, BASE})
same(listed(name="nosuch"), set())
same(listed(filters={"label": "com.example.tier"}), {HELPER})
same(listed(filters={"label": ["com.example.tier=ci, runner", "nosuch"]}), set())
same(listed(filters={"dangling": True}), set())
same(listed(filters={"dangling": False}), {HELPER, BASE})
same(listed(filters={"before": HELPER_NAME}), {BASE})
same(listed(filters={"since": BASE_NAME}), {HELPER})
same(sorted(client.api.images(quiet=True)), sorted([HELPER, BASE]))
with refused(APIError, 400, "nonsense"):
    client.images.list(filters={"nonsense": "x"})

# The status of an error is read only from an answer that is not chunked.
with refused(APIError, 500, "layer.tar"):
    client.images.load((FIXTURES / "docker-20.10-two-images.tar").read_bytes()[:30_000])
same(listed(), {HELPER, BASE})
assert issubclass(ImageNotFound, NotFound)
