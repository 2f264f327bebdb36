"""Look at an image's history, remove and prune."""

from docker.errors import APIError, ImageNotFound

from scene import BASE, BASE_NAME, HELPER, HELPER_NAME, connect, load, refused, same, tar

client = connect()
load(client)

history = client.images.get(HELPER_NAME).history()
same(history[0]["Id"], HELPER)
same(history[0]["Tags"], [HELPER_NAME])
same(history[-1]["Comment"], "Imported from -")
assert all(step["Id"] == "<missing>" and step["Tags"] is None for step in history[1:]), history
assert all(step["Size"] >= 0 and step["Created"] > 0 for step in history), history
assert any("COPY file:" in step["CreatedBy"] for step in history), history
with refused(ImageNotFound, 404, "No such image: nosuch:latest"):
    client.api.history("nosuch")

# One of several names, then an ID that several repositories name, then by force.
helper = client.images.get(HELPER)
helper.tag("other/repository", tag="1")
same(client.api.remove_image("other/repository:1"), [{"Untagged": "other/repository:1"}])
helper.tag("other/repository", tag="1")
with refused(APIError, 409, "must be forced"):
    client.images.remove(HELPER)
gone = client.api.remove_image(HELPER, force=True)
same([entry["Untagged"] for entry in gone if "Untagged" in entry], [HELPER_NAME, "other/repository:1"])
assert {"Deleted": HELPER} in gone, gone
with refused(ImageNotFound, 404, "No such image: " + HELPER):
    client.images.get(HELPER)
with refused(ImageNotFound, 404, "No such image: " + HELPER_NAME):
    client.images.remove(HELPER_NAME)

# The last name takes the image with it.
gone = client.api.remove_image(BASE_NAME)
same(gone[:2], [{"Untagged": BASE_NAME}, {"Deleted": BASE}])
same(client.images.list(all=True), [])

# Prune: what has no name, then what no container uses.
load(client)
client.api.import_image_from_data(tar(a=b"1"))
client.images.get(BASE).tag("kept", tag="1")
container = client.containers.create("kept:1", command="true")
report = client.images.prune()
assert any("Deleted" in entry for entry in report["ImagesDeleted"]), report
assert report["SpaceReclaimed"] > 0, report
same({image.id for image in client.images.list(all=True)}, {HELPER, BASE})
assert not client.images.prune(filters={"dangling": True})["ImagesDeleted"]
assert not client.images.prune(filters={"dangling": False, "label": "nosuch"})["ImagesDeleted"]
report = client.images.prune(filters={"dangling": False})
assert {"Untagged": HELPER_NAME} in report["ImagesDeleted"], report
same({image.id for image in client.images.list(all=True)}, {BASE})
container.remove()
