"""What is used, what there is none of, and who answers."""

import os

from scene import BASE, HELPER, connect, load, same

client = connect()
same(client.api.api_version, os.environ["API_VERSION"])
load(client)
job = client.containers.create(HELPER, name="job")

usage = client.df()
images = {image["Id"]: image for image in usage["Images"]}
same(set(images), {HELPER, BASE})
same(images[HELPER]["Containers"], 1)
same(images[BASE]["Containers"], 0)
assert images[BASE]["SharedSize"] == images[BASE]["Size"] > 0, images[BASE]
assert 0 < images[HELPER]["SharedSize"] < images[HELPER]["Size"], images[HELPER]
assert usage["LayersSize"] >= images[HELPER]["Size"], usage
same([container["Id"] for container in usage["Containers"]], [job.id])
same(usage["Volumes"] or [], [])

same(client.volumes.list(), [])
same(client.networks.list(names=["nosuch"]), [])
info = client.info()
same((info["Images"], info["Containers"], info["OSType"]), (2, 1, "linux"))
same(client.version()["Os"], "linux")
