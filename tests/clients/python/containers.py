"""Create containers of images; list, inspect, rename and remove them."""

from docker.errors import APIError, ImageNotFound, NotFound

from scene import HELPER, HELPER_NAME, connect, load, refused, same

client = connect()
load(client)

with refused(ImageNotFound, 404, "No such image: nosuch:1"):
    client.containers.create("nosuch:1", command="true")
with refused(NotFound, 404, "No such container: nosuch"):
    client.containers.get("nosuch")

job = client.containers.create(
    HELPER_NAME,
    command=["sh", "-c", "make"],
    name="job-1",
    environment={"CI": "true"},
    labels={"job": "1"},
    user="1001",
    working_dir="/src",
    hostname="runner",
    volumes={"/cache": {"bind": "/cache", "mode": "rw"}},
    network_mode="bridge",
    tty=False,
    stdin_open=True,
    auto_remove=False,
    mem_limit="512m",
)
same(job.status, "created")
same(job.name, "job-1")
same(job.short_id, job.id[:12])
same(job.labels["job"], "1")
same(job.labels["org.opencontainers.image.title"], "helper")
same(job.image.id, HELPER)
config = job.attrs["Config"]
same(config["Cmd"], ["sh", "-c", "make"])
same(config["Entrypoint"], ["/usr/bin/dumb-init", "/entrypoint"])
assert {"CI=true", "HOME=/root", "LANG=C.UTF-8"} <= set(config["Env"]), config["Env"]
same((config["User"], config["WorkingDir"], config["Hostname"]), ("1001", "/src", "runner"))
same(config["Image"], HELPER_NAME)
same(config["OpenStdin"], True)
same(job.attrs["Image"], HELPER)
same((job.attrs["Path"], job.attrs["Args"]), ("/usr/bin/dumb-init", ["/entrypoint", "sh", "-c", "make"]))
same(job.attrs["State"]["Running"], False)
same(job.attrs["HostConfig"]["Memory"], 512 * 1024 * 1024)
same(job.attrs["HostConfig"]["Binds"], ["/cache:/cache:rw"])

other = client.containers.create(HELPER, entrypoint="/bin/true", name="job-2", labels=["bare"])
same(other.attrs["Config"]["Entrypoint"], ["/bin/true"])
same(other.labels["bare"], "")
same(client.containers.list(), [])


def listed(**arguments):
    return {container.name for container in client.containers.list(all=True, **arguments)}


same(listed(), {"job-1", "job-2"})
same(listed(filters={"label": "job=1"}), {"job-1"})
same(listed(filters={"name": "job-2"}), {"job-2"})
same(listed(filters={"ancestor": HELPER_NAME}), {"job-1", "job-2"})
same(listed(filters={"status": "running"}), set())
same(listed(filters={"status": "created"}), {"job-1", "job-2"})
same(listed(limit=1), {"job-2"})
same(client.info()["Containers"], 2)

with refused(APIError, 409, "already in use"):
    client.containers.create(HELPER, name="job-1")
other.rename("renamed")
other.reload()
same(other.name, "renamed")
same(client.containers.get("renamed").id, other.id)
same(client.containers.get(other.id[:10]).id, other.id)
with refused(APIError, 409, "already in use"):
    other.rename("job-1")

# Nothing runs here, and it says so.
with refused(APIError, 501, "no execution backend is configured"):
    job.start()
with refused(APIError, 409, "container"):
    client.images.remove(HELPER_NAME)
job.remove()
with refused(NotFound, 404, "No such container: " + job.id):
    job.reload()
same(client.containers.prune(filters={"label": "nosuch"})["ContainersDeleted"] or [], [])
same(client.containers.prune()["ContainersDeleted"], [other.id])
same(client.containers.list(all=True), [])
