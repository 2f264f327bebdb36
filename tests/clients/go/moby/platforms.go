package moby

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"sockerless.test/clients/check"
)

var (
	amd64 = ocispec.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = ocispec.Platform{OS: "linux", Architecture: "arm64"}
	s390x = ocispec.Platform{OS: "linux", Architecture: "s390x"}
)

// Platforms asks for one variant of an image that has two.
func Platforms() {
	docker := connect()
	load(docker, check.MultiFile)
	check.Same(check.Got(docker.ImageInspect(ctx, check.Multi)).ID, check.MultiAMD64)
	inspect := func(platform ocispec.Platform) (client.ImageInspectResult, error) {
		return docker.ImageInspect(ctx, check.Multi, client.ImageInspectWithPlatform(&platform))
	}
	check.Same(check.Got(inspect(arm64)).Architecture, "arm64")
	_, err := inspect(s390x)
	check.Fails(err, errdefs.IsNotFound, "linux/s390x")

	check.That(len(check.Got(docker.ImageHistory(ctx, check.Multi, client.ImageHistoryWithPlatform(arm64))).Items) > 0, "history")
	_, err = docker.ImageHistory(ctx, check.Multi, client.ImageHistoryWithPlatform(s390x))
	check.Fails(err, errdefs.IsNotFound, "linux/s390x")

	saved := func(platforms ...ocispec.Platform) []string {
		stream := check.Got(docker.ImageSave(ctx, []string{check.Multi}, client.ImageSaveWithPlatforms(platforms...)))
		defer stream.Close()
		files := check.Files(bytes.NewReader(check.Got(io.ReadAll(stream))))
		var found []string
		for _, item := range check.Manifest(files) {
			var config struct{ Architecture string }
			check.OK(json.Unmarshal(files[item.Config], &config))
			found = append(found, config.Architecture)
		}
		return found
	}
	check.Same(saved(amd64), []string{"amd64"})
	check.Same(saved(arm64), []string{"arm64"})
	stream := check.Got(docker.ImageSave(ctx, []string{check.Multi}))
	whole := check.Got(io.ReadAll(stream))
	check.OK(stream.Close())
	_, err = docker.ImageSave(ctx, []string{check.Multi}, client.ImageSaveWithPlatforms(s390x))
	check.Fails(err, errdefs.IsNotFound, "linux/s390x")

	// Without a platform all of it is saved, so that all of it can be loaded again.
	check.Got(docker.ImageRemove(ctx, check.Multi, client.ImageRemoveOptions{PruneChildren: true}))
	check.Got(messages(check.Got(docker.ImageLoad(ctx, bytes.NewReader(whole), client.ImageLoadWithPlatforms(arm64)))))
	check.Same(check.Got(inspect(arm64)).Architecture, "arm64")
}
