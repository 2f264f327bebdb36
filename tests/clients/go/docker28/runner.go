package docker28

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/jsonmessage"

	"sockerless.test/clients/check"
)

const (
	repository = "registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper"
	loadedID   = "sha256:36d6ba6089d119774988fdafb12a863bcc7b4007aea71d6026581a0b92c6b4fd"
)

// Runner gets GitLab Runner's helper image into the daemon: of a docker archive by a load and a tag, of a root
// file system by an import.
func Runner() {
	docker := connect()
	info := check.Got(docker.Info(ctx))
	check.Same(info.OSType, "linux")
	check.That(info.Architecture != "" && info.ServerVersion != "" && info.KernelVersion != "", info)
	check.That(check.Got(docker.ServerVersion(ctx)).APIVersion != "", "an API version")

	name := repository + ":x86_64-v18.1"
	_, err := docker.ImageInspect(ctx, name)
	check.Fails(err, errdefs.IsNotFound, "No such image: "+name)
	archive := check.Fixture("gitlab-runner-helper.docker.tar.zst")
	defer archive.Close()
	answer := check.Got(docker.ImageLoad(ctx, archive, client.ImageLoadWithQuiet(true)))
	check.That(answer.JSON, "JSON")
	loaded := firstLoaded(answer.Body)
	check.OK(docker.ImageTag(ctx, loaded, name))
	helper := check.Got(docker.ImageInspect(ctx, name))
	check.Same([]string{helper.ID, helper.Os, helper.Architecture}, []string{loadedID, "linux", "amd64"})

	name = repository + ":x86_64-v18.2"
	rootfs := check.Fixture("gitlab-runner-helper-rootfs.tar.xz")
	defer rootfs.Close()
	stream := check.Got(docker.ImageImport(ctx, image.ImportSource{Source: rootfs, SourceName: "-"}, repository, image.ImportOptions{
		Tag:     "x86_64-v18.2",
		Changes: []string{`ENTRYPOINT ["/usr/bin/dumb-init", "/entrypoint"]`},
	}))
	check.OK(jsonmessage.DisplayJSONMessagesStream(stream, io.Discard, 0, false, nil))
	check.OK(stream.Close())
	imported := check.Got(docker.ImageInspect(ctx, name))
	check.Same([]string(imported.Config.Entrypoint), []string{"/usr/bin/dumb-init", "/entrypoint"})
	check.Same(imported.RepoTags, []string{name})
}

// firstLoaded takes the first line that names an image, reads little more and hangs up.
func firstLoaded(body io.ReadCloser) string {
	defer body.Close()
	decoder := json.NewDecoder(body)
	for {
		var message jsonmessage.JSONMessage
		check.OK(decoder.Decode(&message))
		for _, prefix := range []string{"Loaded image:", "Loaded image ID:"} {
			if strings.Contains(message.Stream, prefix) {
				_, err := io.CopyN(io.Discard, body, 1024)
				check.That(err == nil || errors.Is(err, io.EOF), err)
				return strings.TrimSpace(strings.TrimPrefix(message.Stream, prefix))
			}
		}
	}
}
