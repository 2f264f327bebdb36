"""Read events: what was, what comes, and only what was asked for."""

import time

from scene import BASE, BASE_NAME, HELPER, HELPER_NAME, connect, load, same

client = connect()
begun = time.time()

# An answer without an end: it is read until what was waited for has come.
live = client.events(since=begun, decode=True)
load(client)
seen = []
for event in live:
    seen.append(event["Actor"]["ID"])
    same((event["Type"], event["Action"], event["scope"]), ("image", "load", "local"))
    if set(seen) == {HELPER, BASE}:
        break
live.close()

client.images.get(HELPER).tag("named", tag="1")
client.images.remove("named:1")
container = client.containers.create(HELPER_NAME, name="job", labels={"job": "1"})
container.rename("renamed")
container.remove()
client.images.remove(BASE_NAME)
ended = time.time()


def events(**filters):
    """Type, action, ID and name of what was between then and now."""
    stream = client.events(since=begun, until=ended, decode=True, filters=filters)
    return [
        (event["Type"], event["Action"], event["Actor"]["ID"], event["Actor"]["Attributes"].get("name"))
        for event in stream
    ]


everything = events(type=["image", "container"])
actions = [(kind, action) for kind, action, _, _ in everything]
same(sorted(actions[:2]), [("image", "load")] * 2)
same(
    actions[2:],
    [
        ("image", "tag"),
        ("image", "untag"),
        ("container", "create"),
        ("container", "rename"),
        ("container", "destroy"),
        ("image", "untag"),
        ("image", "delete"),
    ],
)
same(events(type="image", event="tag"), [("image", "tag", HELPER, "named:1")])
same(events(container="renamed", event="destroy"), [("container", "destroy", container.id, "renamed")])
same([action for _, action, _, _ in events(event=["delete", "destroy"])], ["destroy", "delete"])
same([action for _, action, _, _ in events(label="job=1")], ["create", "rename", "destroy"])
same(events(type="network"), [])
text = b"".join(client.events(since=begun, until=ended, filters={"event": "tag"}))
assert HELPER.encode() in text, text
