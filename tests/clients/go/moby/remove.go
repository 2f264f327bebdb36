package moby

import (
	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"

	"sockerless.test/clients/check"
)

// Remove takes names and images away, one by one and by pruning.
func Remove() {
	docker := connect()
	load(docker, check.TwoImages)
	remove := func(name string, force bool) ([]image.DeleteResponse, error) {
		gone, err := docker.ImageRemove(ctx, name, client.ImageRemoveOptions{Force: force, PruneChildren: true})
		return gone.Items, err
	}
	tag := func(target string) {
		check.Got(docker.ImageTag(ctx, client.ImageTagOptions{Source: check.Helper, Target: target}))
	}

	tag("second/name:1")
	_, err := remove(check.Helper, false)
	check.Fails(err, errdefs.IsConflict, "must be forced")
	check.Same(check.Got(remove("second/name:1", false)), []image.DeleteResponse{{Untagged: "second/name:1"}})
	gone := check.Got(remove(check.Helper[7:19], false))
	check.Same(gone[:2], []image.DeleteResponse{{Untagged: check.HelperName}, {Deleted: check.Helper}})
	_, err = remove(check.HelperName, true)
	check.Fails(err, errdefs.IsNotFound, "No such image")

	load(docker, check.TwoImages)
	check.Got(docker.ImageTag(ctx, client.ImageTagOptions{Source: check.Helper, Target: check.BaseName}))
	base := check.Got(docker.ImageInspect(ctx, check.Base))
	check.Same(len(base.RepoTags), 0)
	report := check.Got(docker.ImagePrune(ctx, client.ImagePruneOptions{})).Report
	check.That(len(report.ImagesDeleted) > 0, report)
	_, err = docker.ImageInspect(ctx, check.Base)
	check.Fails(err, errdefs.IsNotFound, check.Base)

	unused := client.ImagePruneOptions{Filters: filters("dangling", "false", "label", "com.example.tier")}
	report = check.Got(docker.ImagePrune(ctx, unused)).Report
	check.That(report.SpaceReclaimed > 0, report)
	check.Same(len(check.Got(docker.ImageList(ctx, client.ImageListOptions{All: true})).Items), 0)
	_, err = docker.ImagePrune(ctx, client.ImagePruneOptions{Filters: filters("nonsense", "x")})
	check.Fails(err, errdefs.IsInvalidArgument, "invalid filter")
}
