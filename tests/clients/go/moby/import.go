package moby

import (
	"io"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"sockerless.test/clients/check"
)

// Import makes images of file systems, as `docker import` does.
func Import() {
	docker := connect()
	importing := func(source io.Reader, reference string, options client.ImageImportOptions) (string, error) {
		stream, err := docker.ImageImport(ctx, client.ImageImportSource{Source: source, SourceName: "-"}, reference, options)
		if err != nil {
			return "", err
		}
		found, err := messages(stream)
		if err != nil {
			return "", err
		}
		return found[len(found)-1].Status, nil
	}

	file := check.Fixture("gitlab-runner-helper-rootfs.tar.xz")
	defer file.Close()
	id := check.Got(importing(file, "team/helper:18", client.ImageImportOptions{
		Message: "from a root file system",
		Changes: []string{
			`ENTRYPOINT ["/usr/bin/dumb-init", "/entrypoint"]`, "CMD gitlab-runner-build", "ENV A=1 B='2 3'",
			"EXPOSE 8080", "VOLUME /cache", "USER 1000", "WORKDIR /builds", "LABEL tier=ci", "STOPSIGNAL SIGINT",
			"HEALTHCHECK --retries=2 CMD true",
		},
	}))
	image := check.Got(docker.ImageInspect(ctx, "team/helper:18"))
	check.Same(image.ID, id)
	check.Same([]string(image.Config.Entrypoint), []string{"/usr/bin/dumb-init", "/entrypoint"})
	check.Same([]string(image.Config.Cmd), []string{"/bin/sh", "-c", "gitlab-runner-build"})
	check.Same(image.Config.Env, []string{"A=1", "B=2 3"})
	check.Same([]string{image.Config.User, image.Config.WorkingDir, image.Config.StopSignal}, []string{"1000", "/builds", "SIGINT"})
	check.Same(image.Config.Labels, map[string]string{"tier": "ci"})
	check.Same(len(image.Config.ExposedPorts)+len(image.Config.Volumes), 2)
	check.Same(image.Config.Healthcheck.Retries, 2)
	history := check.Got(docker.ImageHistory(ctx, id)).Items
	check.Same(len(history), 1)
	check.Same(history[0].Comment, "from a root file system")

	arm := check.Got(importing(check.Tar("a", "1"), "team/arm", client.ImageImportOptions{
		Tag:      "1",
		Platform: ocispec.Platform{OS: "linux", Architecture: "arm64", Variant: "v8"},
	}))
	image = check.Got(docker.ImageInspect(ctx, "team/arm:1"))
	check.Same([]string{image.ID, image.Os, image.Architecture, image.Variant}, []string{arm, "linux", "arm64", "v8"})

	_, err := importing(check.Tar("a", "1"), "bad", client.ImageImportOptions{Changes: []string{"RUN true"}})
	check.Fails(err, errdefs.IsInvalidArgument, "is not a valid change command")
	_, err = docker.ImageInspect(ctx, "bad")
	check.Fails(err, errdefs.IsNotFound, "No such image: bad")
}
