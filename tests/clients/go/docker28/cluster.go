package docker28

import (
	"io"
	"slices"

	"github.com/docker/docker/api/types/image"

	"sockerless.test/clients/check"
)

// Cluster brings images into a cluster as k3d does: those of the list that were asked for, in one archive.
func Cluster() {
	docker := connect()
	file := check.Fixture(check.TwoImages)
	defer file.Close()
	answer := check.Got(docker.ImageLoad(ctx, file))
	check.Got(io.Copy(io.Discard, answer.Body))
	check.OK(answer.Body.Close())

	var names []string
	for _, found := range check.Got(docker.ImageList(ctx, image.ListOptions{All: true})) {
		names = append(names, found.RepoTags...)
	}
	slices.Sort(names)
	check.Same(names, []string{check.BaseName, check.HelperName})
	stream := check.Got(docker.ImageSave(ctx, names))
	defer stream.Close()
	var saved []string
	for _, item := range check.Manifest(check.Files(stream)) {
		saved = append(saved, item.RepoTags...)
	}
	slices.Sort(saved)
	check.Same(saved, names)
}
